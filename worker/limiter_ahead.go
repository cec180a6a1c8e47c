package worker

import (
	"sync"
	"time"
)

// Where a rate is high, calls of those who wait are taken some at a time: each
// would cost a round trip to Redis. They are few, and soon given up, so that the
// platform sees the rate that all processes share.
const (
	aheadShare = 200 // part of a second's calls taken at once
	aheadLife  = 50 * time.Millisecond
	maxAhead   = 10_000 // accounts
)

// ahead are calls that this process has taken and not made, by account.
type ahead struct {
	now   func() time.Time
	mu    sync.Mutex
	taken map[string]takenAhead
}

type takenAhead struct {
	calls int
	until time.Time
}

// use takes one of the calls of an account.
func (a *ahead) use(account string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	t := a.taken[account]
	if t.calls == 0 || !a.now().Before(t.until) {
		return false
	}
	t.calls--
	a.taken[account] = t
	return true
}

// keep adds calls.
func (a *ahead) keep(account string, calls int) {
	if calls <= 0 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.taken) >= maxAhead {
		clear(a.taken)
	}
	now := a.now()
	t := a.taken[account]
	if !now.Before(t.until) {
		t.calls = 0
	}
	a.taken[account] = takenAhead{t.calls + calls, now.Add(aheadLife)}
}
