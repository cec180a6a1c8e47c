package simulate

import (
	"sync"
	"time"
)

// Clock is the time of a simulation: it goes on with Running, or ticks when it
// is read, and leaps when somebody waits. It is safe for concurrent use.
type Clock struct {
	mu      sync.Mutex
	at      time.Time
	running func() time.Time
	leapt   time.Duration
}

// ClockForm is how a play writes a time for people.
const ClockForm = "Mon 2 Jan 2006, 15:04"

// tick is how far a clock that does not run moves each time it is read, so that
// what happened later is later.
const tick = time.Millisecond

// NewClock makes a clock that stands at a moment and moves only by being read
// or advanced: two runs of the same script see the same times.
func NewClock(at time.Time) *Clock { return &Clock{at: at} }

// RunningClock makes a clock that goes on as now does.
func RunningClock(now func() time.Time) *Clock { return &Clock{running: now} }

// Now is the time, in UTC and cut to microseconds.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running != nil {
		return c.running().Add(c.leapt).UTC().Truncate(time.Microsecond)
	}
	c.at = c.at.Add(tick)
	return c.at
}

// Advance lets time pass.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at, c.leapt = c.at.Add(d), c.leapt+d
}
