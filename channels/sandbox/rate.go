package sandbox

import "time"

// Rate is a limit of calls to one endpoint by one account, as a token bucket
// that holds Calls and fills up again over Per. Without Calls there is no
// limit.
type Rate struct {
	Calls int
	Per   time.Duration
}

// bucket is the state of a Rate.
type bucket struct {
	rate  Rate
	left  float64
	since time.Time
}

func newBucket(r Rate, now time.Time) *bucket {
	return &bucket{rate: r, left: float64(r.Calls), since: now}
}

// take tells whether one more call is allowed now.
func (b *bucket) take(now time.Time) bool {
	if b.rate.Calls <= 0 || b.rate.Per <= 0 {
		return true
	}
	full := float64(b.rate.Calls)
	if d := now.Sub(b.since); d > 0 {
		b.left = min(full, b.left+full*float64(d)/float64(b.rate.Per))
		b.since = now
	}
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}
