package main

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// connections is how many calls are under way at once.
const connections = 64

// span is how long a measurement takes after its warming up.
type span struct{ warm, measured time.Duration }

func (s span) whole() time.Duration { return s.warm + s.measured }

// result is what was measured: how long each call took that ended within the
// span, shortest first.
type result struct {
	took    []time.Duration
	elapsed time.Duration
}

// perSecond is how many calls ended in a second.
func (r result) perSecond() float64 {
	if r.elapsed <= 0 {
		return 0
	}
	return float64(len(r.took)) / r.elapsed.Seconds()
}

// and is what two measurements of one thing come to.
func (r result) and(other result) result {
	return result{sortedTimes([][]time.Duration{r.took, other.took}), r.elapsed + other.elapsed}
}

// percentile is the time that p percent of the calls did not exceed, in
// milliseconds; 0 when there were none.
func (r result) percentile(p float64) float64 {
	n := len(r.took)
	if n == 0 {
		return 0
	}
	rank := int(p / 100 * float64(n))
	if float64(rank)*100 < p*float64(n) {
		rank++
	}
	return r.took[min(max(rank, 1), n)-1].Seconds() * 1000
}

// caller makes one call after another.
type caller interface {
	// call returns when the n-th call of all is answered.
	call(ctx context.Context, n int64) error
	close()
}

// saturate lets every caller call as soon as its last call is answered. The
// first error ends it.
func saturate(ctx context.Context, s span, callers []caller) (result, error) {
	group, ctx := errgroup.WithContext(ctx)
	began := time.Now()
	from, until := began.Add(s.warm), began.Add(s.whole())
	var next atomic.Int64
	took := make([][]time.Duration, len(callers))
	for i, c := range callers {
		group.Go(func() error {
			for ctx.Err() == nil {
				start := time.Now()
				if start.After(until) {
					return nil
				}
				if err := c.call(ctx, next.Add(1)-1); err != nil {
					return err
				}
				if end := time.Now(); end.After(from) && !end.After(until) {
					took[i] = append(took[i], end.Sub(start))
				}
			}
			return ctx.Err()
		})
	}
	err := group.Wait()
	return result{sortedTimes(took), s.measured}, err
}

func sortedTimes(parts [][]time.Duration) []time.Duration {
	all := slices.Concat(parts...)
	slices.Sort(all)
	return all
}

// offer makes n calls at a constant rate whether or not earlier ones are
// answered, as far as there are callers. due tells when a call should begin:
// what comes late because something before it was slow counts as slow too.
func offer(ctx context.Context, n int64, due func(n int64) time.Time, callers []caller) error {
	group, ctx := errgroup.WithContext(ctx)
	var next atomic.Int64
	for _, c := range callers {
		group.Go(func() error {
			timer := time.NewTimer(0)
			defer timer.Stop()
			for i := next.Add(1) - 1; i < n; i = next.Add(1) - 1 {
				timer.Reset(time.Until(due(i)))
				select {
				case <-timer.C:
				case <-ctx.Done():
					return ctx.Err()
				}
				if err := c.call(ctx, i); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// closeAll ends the callers' connections.
func closeAll(callers []caller) {
	for _, c := range callers {
		c.close()
	}
}
