// Package group commits what many callers bring in few transactions. A batch
// is whatever arrived while the previous commit ran: there is no timer, for a
// linger of 5 ms costs a third of the throughput and gains nothing.
package group

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"
)

// ErrBusy means an item waited too long for its commit. It may still be
// committed afterwards; the caller must be one that asks again.
var ErrBusy = errors.New("busy: not committed in time")

// ErrFull is the ErrBusy of an item that was not taken: it is not committed.
var ErrFull = fmt.Errorf("%w: too many are waiting", ErrBusy)

// ErrStopped means the committer takes nothing more.
var ErrStopped = errors.New("stopping")

// Forever is a MaxWait for callers that must see how their item ended: their
// wait is bounded by MaxCommit alone.
const Forever = time.Duration(math.MaxInt64)

// Config describes a committer; zero fields have the defaults named.
type Config[T, R any] struct {
	// Commit makes all items durable and returns as many results. An error is
	// every caller's.
	Commit func(ctx context.Context, items []T) ([]R, error)
	// Size is an item's weight in bytes; nil: nothing weighs.
	Size func(T) int

	MaxItems   int           // in one batch; default 256
	MaxBytes   int           // in one batch; default 1 MB
	Committers int           // commits at once; default 2
	MaxWait    time.Duration // for a caller; default 1.5 s
	MaxCommit  time.Duration // of one commit, after which its context ends; default 10 s
}

// Committer takes items from many goroutines and commits them in batches.
type Committer[T, R any] struct {
	c     Config[T, R]
	queue chan *entry[T, R]
	wg    sync.WaitGroup

	mu      sync.RWMutex
	stopped bool
}

type entry[T, R any] struct {
	item T
	done chan answer[R]
}

type answer[R any] struct {
	result R
	err    error
}

// New makes a committer; Start runs it.
func New[T, R any](c Config[T, R]) *Committer[T, R] {
	if c.MaxItems == 0 {
		c.MaxItems = 256
	}
	if c.MaxBytes == 0 {
		c.MaxBytes = 1 << 20
	}
	if c.Committers == 0 {
		c.Committers = 2
	}
	if c.MaxWait == 0 {
		c.MaxWait = 1500 * time.Millisecond
	}
	if c.MaxCommit == 0 {
		c.MaxCommit = 10 * time.Second
	}
	return &Committer[T, R]{c: c, queue: make(chan *entry[T, R], 16*c.MaxItems)}
}

// Start runs the committers until Stop. Commits run under ctx, which must
// outlive every caller.
func (g *Committer[T, R]) Start(ctx context.Context) {
	for range g.c.Committers {
		g.wg.Go(func() { g.run(ctx) })
	}
}

// Stop commits what was taken and returns when all of it is done.
func (g *Committer[T, R]) Stop() {
	g.mu.Lock()
	if !g.stopped {
		g.stopped = true
		close(g.queue)
	}
	g.mu.Unlock()
	g.wg.Wait()
}

// Do returns when the item is committed, or with the error of its batch.
func (g *Committer[T, R]) Do(ctx context.Context, item T) (R, error) {
	var zero R
	e := &entry[T, R]{item: item, done: make(chan answer[R], 1)}
	timeout := time.NewTimer(g.c.MaxWait)
	defer timeout.Stop()

	if err := g.put(ctx, e, timeout.C); err != nil {
		return zero, err
	}
	select {
	case a := <-e.done:
		return a.result, a.err
	case <-timeout.C:
		return zero, ErrBusy
	case <-ctx.Done():
		return zero, ctx.Err()
	}
}

func (g *Committer[T, R]) put(ctx context.Context, e *entry[T, R], timeout <-chan time.Time) error {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.stopped {
		return ErrStopped
	}
	select {
	case g.queue <- e:
		return nil
	case <-timeout:
		return ErrFull
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g *Committer[T, R]) run(ctx context.Context) {
	var held *entry[T, R] // did not fit the last batch
	for {
		first := held
		held = nil
		if first == nil {
			e, ok := <-g.queue
			if !ok {
				return
			}
			first = e
		}
		batch := []*entry[T, R]{first}
		bytes := g.size(first.item)
	fill:
		for len(batch) < g.c.MaxItems {
			select {
			case e, ok := <-g.queue:
				if !ok {
					break fill
				}
				if n := g.size(e.item); bytes+n > g.c.MaxBytes {
					held = e
					break fill
				} else {
					bytes += n
				}
				batch = append(batch, e)
			default:
				break fill
			}
		}
		g.commit(ctx, batch)
	}
}

// commit takes a batch no longer than MaxCommit: a database that went away
// without a word would hold the committers long after it is back.
func (g *Committer[T, R]) commit(ctx context.Context, batch []*entry[T, R]) {
	ctx, cancel := context.WithTimeout(ctx, g.c.MaxCommit)
	defer cancel()
	items := make([]T, len(batch))
	for i, e := range batch {
		items[i] = e.item
	}
	results, err := g.c.Commit(ctx, items)
	for i, e := range batch {
		if err != nil {
			e.done <- answer[R]{err: err}
			continue
		}
		e.done <- answer[R]{result: results[i]}
	}
}

func (g *Committer[T, R]) size(item T) int {
	if g.c.Size == nil {
		return 0
	}
	return g.c.Size(item)
}
