package outboxtest

import (
	"sync"
	"time"
)

// Clock is moved by hand.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// NewClock starts a clock.
func NewClock(at time.Time) *Clock { return &Clock{at: at} }

// Now is the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Pass moves the clock on.
func (c *Clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}
