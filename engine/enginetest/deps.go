// Package enginetest gives tests a world that repeats itself: a clock that
// ticks from a fixed date, counted ids, seeded numbers, and people who talk
// with flows by script.
package enginetest

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// Began is where every Clock starts: a Monday morning in Taipei and Hanoi.
var Began = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

// tick is how far a Clock moves each time it is read, so that what happened
// later is later.
const tick = time.Millisecond

// Clock tells a time that only moves when it is read or advanced. It is safe
// for concurrent use; the zero value is not for use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock starts a Clock at Began.
func NewClock() *Clock { return &Clock{now: Began} }

// Now returns the time and moves on by a millisecond.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(tick)
	return c.now
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// IDs returns ids of 24 hex digits that count from 1.
func IDs() func() string {
	var mu sync.Mutex
	n := 0
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		n++
		return fmt.Sprintf("%024x", n)
	}
}

// Deps returns an outside world that is the same in every run of the test. Its
// log goes to the test's, and nothing can be fetched.
func Deps(t testing.TB) engine.Deps {
	t.Helper()
	return DepsAt(t, NewClock())
}

// DepsAt is Deps with a clock of the caller's.
func DepsAt(t testing.TB, c *Clock) engine.Deps {
	t.Helper()
	var mu sync.Mutex
	dice := rand.New(rand.NewPCG(1, 2))
	return engine.Deps{
		Now:   c.Now,
		NewID: IDs(),
		Rand: func() uint64 {
			mu.Lock()
			defer mu.Unlock()
			return dice.Uint64()
		},
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
}
