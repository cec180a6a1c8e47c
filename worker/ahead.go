package worker

import (
	"sync"
	"time"
)

// maxAhead is of how many rates a process holds calls at once.
const maxAhead = 10_000

// ahead are calls that this process has taken of rates and not used, by their
// keys: so that not each costs a round trip to Redis. They are given up after
// their life.
type ahead struct {
	now   func() time.Time
	life  time.Duration
	mu    sync.Mutex
	taken map[string]takenAhead
}

type takenAhead struct {
	calls  int
	behind int // that Redis would still give
	until  time.Time
}

func newAhead(now func() time.Time, life time.Duration) *ahead {
	return &ahead{now: now, life: life, taken: map[string]takenAhead{}}
}

// use takes one of the calls of a rate; left is how many more there would be.
func (a *ahead) use(key string) (left int, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	t := a.taken[key]
	if t.calls == 0 || !a.now().Before(t.until) {
		return 0, false
	}
	t.calls--
	a.taken[key] = t
	return t.calls + t.behind, true
}

// keep adds calls to those of a rate.
func (a *ahead) keep(key string, calls, behind int) (left int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.taken) >= maxAhead {
		clear(a.taken)
	}
	now := a.now()
	if t := a.taken[key]; now.Before(t.until) {
		calls += t.calls
	}
	a.taken[key] = takenAhead{calls, behind, now.Add(a.life)}
	return calls + behind
}
