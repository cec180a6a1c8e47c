package worker

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// Times of a ticker's lock. A process that dies leaves its tickers to the
// others after lockLife at the latest.
const (
	lockLife  = 15 * time.Second
	lockRenew = 5 * time.Second
	lockTime  = 3 * time.Second // one call to the database about a lock
)

// Ticker is periodic work that one process at a time does.
type Ticker struct {
	Name  string
	Every time.Duration
	// Run does the work once. Its context ends when the worker stops or
	// another process has taken over.
	Run func(ctx context.Context) error
}

// Locks gives a named row to one owner at a time.
type Locks interface {
	// TakeLock takes or prolongs a lock until the given time; false means
	// another owner has it.
	TakeLock(ctx context.Context, name, owner string, now, until time.Time) (bool, error)
	// ReleaseLock gives an own lock up; another's is left alone.
	ReleaseLock(ctx context.Context, name, owner string) error
}

// tick runs a ticker until ctx ends: at once when this process has the lock,
// and then every t.Every. The lock is prolonged in between, so that the same
// process goes on, and given up at the end.
func (w *Worker) tick(ctx context.Context, t Ticker) {
	renew := time.NewTicker(lockRenew)
	defer renew.Stop()
	due := time.NewTicker(t.Every)
	defer due.Stop()

	holds, may := w.lock(ctx, t)
	if holds {
		w.round(ctx, t)
	}
	for {
		select {
		case <-ctx.Done():
			if may {
				w.unlock(t)
			}
			return
		case <-renew.C:
			held := holds
			if holds, may = w.lock(ctx, t); holds && !held {
				w.round(ctx, t)
				due.Reset(t.Every)
			}
		case <-due.C:
			if holds {
				w.round(ctx, t)
			}
		}
	}
}

// round runs the work once, prolonging the lock beside it; losing the lock
// ends the work.
func (w *Worker) round(ctx context.Context, t Ticker) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.keep(ctx, cancel, t)
	}()
	begun := w.config.Now()
	err := runTicker(ctx, t)
	cancelled := ctx.Err() != nil
	cancel()
	<-done
	outcome := succeeded
	switch {
	case err == nil:
	case cancelled: // some drivers have their own words for that
		outcome = released
		w.config.Log.Info("ticker_released", "name", t.Name, "error", err)
	default:
		outcome = failed
		w.config.Log.Error("ticker", "name", t.Name, "error", err)
	}
	w.config.Metrics.ticker(t.Name, outcome, w.config.Now().Sub(begun))
}

func (w *Worker) keep(ctx context.Context, lost context.CancelFunc, t Ticker) {
	renew := time.NewTicker(lockRenew)
	defer renew.Stop()
	until := w.config.Now().Add(lockLife)
	for {
		select {
		case <-ctx.Done():
			return
		case <-renew.C:
			now := w.config.Now()
			if holds, _ := w.lock(ctx, t); holds {
				until = now.Add(lockLife)
			} else if !now.Before(until.Add(-lockRenew)) {
				w.config.Log.Warn("ticker_lost", "name", t.Name)
				lost()
				return
			}
		}
	}
}

// lock reports whether this process has the ticker's lock. A database that
// does not answer counts as no; the process may have the lock all the same,
// taken just now or before.
func (w *Worker) lock(ctx context.Context, t Ticker) (holds, may bool) {
	ctx, cancel := context.WithTimeout(ctx, lockTime)
	defer cancel()
	now := w.config.Now()
	got, err := w.config.Locks.TakeLock(ctx, lockName(t), w.config.Owner, now, now.Add(lockLife))
	if err != nil && !errors.Is(ctx.Err(), context.Canceled) {
		w.config.Log.Warn("ticker_lock", "name", t.Name, "error", err) // it is asked for again
	}
	return got && err == nil, got || err != nil
}

func (w *Worker) unlock(t Ticker) {
	ctx, cancel := context.WithTimeout(context.Background(), lockTime)
	defer cancel()
	if err := w.config.Locks.ReleaseLock(ctx, lockName(t), w.config.Owner); err != nil {
		w.config.Log.Error("ticker_unlock", "name", t.Name, "error", err)
	}
}

func lockName(t Ticker) string { return "ticker:" + t.Name }

// runTicker turns a panic into an error.
func runTicker(ctx context.Context, t Ticker) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return t.Run(ctx)
}
