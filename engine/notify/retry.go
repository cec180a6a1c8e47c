package notify

import (
	"net/http"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// When a webhook that goes on failing is disabled: nothing was answered with
// success for so long, and often enough that it is no accident.
const (
	PatienceTime     = 5 * 24 * time.Hour
	PatienceFailures = 20
)

// pauses are those between attempts, about three days in all.
var pauses = [...]time.Duration{
	2 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 20 * time.Minute,
	time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 24 * time.Hour,
}

// Attempts is how often a notice is posted at most.
const Attempts = len(pauses) + 1

// pause is how long to wait after the nth attempt, from 1; false when it was
// the last. A tenth more or less keeps a receiver that comes back from being
// met by everything at once.
func pause(n int, random uint64) (time.Duration, bool) {
	if n < 1 || n > len(pauses) {
		return 0, false
	}
	d := pauses[n-1]
	tenth := uint64(d / 10)
	return d - d/10 + time.Duration(random%(2*tenth+1)), true
}

// success reports whether a receiver has taken the notice.
func success(code int) bool { return code >= 200 && code <= 299 }

// gone reports whether a receiver wants to hear nothing more.
func gone(code int) bool { return code == http.StatusGone }

// conclude writes into a posting what an attempt at now came to.
func conclude(p *engine.Posting, now time.Time, random uint64) {
	wait, again := pause(p.Attempts, random)
	switch {
	case success(p.Code):
		p.Status, p.Error = engine.PostingDelivered, ""
	case again && !gone(p.Code) && p.Topic != engine.TopicTest:
		p.Status, p.NextAt = engine.PostingQueued, now.Add(wait)
		return
	default:
		p.Status = engine.PostingFailed
	}
	p.NextAt, p.ClosedAt = now, now
}
