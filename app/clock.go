package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"
)

// Limits of the clock.
const (
	clockInterval = time.Minute
	clockSamples  = 3                // the quickest of them counts
	clockSlowest  = 2 * time.Second  // an answer that took longer tells nothing
	maxApart      = 30 * time.Second // beyond, leases of two processes overlap
)

// errClock means that this machine's clock and the database's are too far
// apart for its leases to be kept.
var errClock = errors.New("this machine's clock and the database's are too far apart")

// clock is this machine's clock corrected by the database's, so that all
// processes on one database share a time.
type clock struct {
	local  func() time.Time
	offset atomic.Int64 // nanoseconds
}

// timeSource asks a database for its time.
type timeSource func(ctx context.Context) (time.Time, error)

// Now is the time in UTC, cut to microseconds as databases keep it.
func (c *clock) Now() time.Time {
	return c.local().Add(time.Duration(c.offset.Load())).UTC().Truncate(time.Microsecond)
}

// apart is how far the database's clock is ahead of the local one.
func (c *clock) apart() time.Duration { return time.Duration(c.offset.Load()) }

// measure corrects the clock. It returns errClock when the two are too far
// apart; the correction is made all the same.
func (c *clock) measure(ctx context.Context, source timeSource) error {
	best, offset := clockSlowest, time.Duration(0)
	measured := false
	for range clockSamples {
		asked := c.local()
		theirs, err := source(ctx)
		if err != nil {
			return fmt.Errorf("ask the database for the time: %w", err)
		}
		if took := c.local().Sub(asked); took < best {
			best, offset, measured = took, theirs.Sub(asked.Add(took/2)), true
		}
	}
	if !measured {
		return nil
	}
	c.offset.Store(int64(offset))
	if offset.Abs() > maxApart {
		return fmt.Errorf("%w: %v", errClock, offset.Round(time.Second))
	}
	return nil
}

// watch measures every minute until ctx ends, and returns errClock as soon as
// the clocks are too far apart.
func (c *clock) watch(ctx context.Context, source timeSource, log *slog.Logger) error {
	t := time.NewTicker(clockInterval)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
			err := c.measure(ctx, source)
			if errors.Is(err, errClock) {
				return err
			}
			if err != nil && ctx.Err() == nil {
				log.Warn("clock", "error", err)
			}
		}
	}
}
