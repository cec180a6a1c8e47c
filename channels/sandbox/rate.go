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

// allow takes one more call from an account's rate; usual is that of an endpoint
// for which none is set. s.mu is held.
func (s *Sandbox) allow(a *account, e Endpoint, usual func(Endpoint) Rate) bool {
	if s.config.Unlimited {
		return true
	}
	b := a.buckets[e]
	if b == nil {
		rate, ok := s.config.Rates[e]
		if !ok {
			rate = usual(e)
		}
		b = newBucket(rate, s.config.Now())
		a.buckets[e] = b
	}
	return b.take(s.config.Now())
}
