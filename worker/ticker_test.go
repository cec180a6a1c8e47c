package worker

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// lockTable is the locks table in memory.
type lockTable struct {
	mu    sync.Mutex
	owner map[string]string
	until map[string]time.Time
	down  bool
	mute  bool // takes what it is given, and the answer is lost
}

func newLocks() *lockTable {
	return &lockTable{owner: map[string]string{}, until: map[string]time.Time{}}
}

func (l *lockTable) TakeLock(_ context.Context, name, owner string, now, until time.Time) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return false, errors.New("the database is away")
	}
	if l.owner[name] != owner && now.Before(l.until[name]) {
		return false, nil
	}
	l.owner[name], l.until[name] = owner, until
	if l.mute {
		return false, errors.New("no answer")
	}
	return true, nil
}

func (l *lockTable) ReleaseLock(_ context.Context, name, owner string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.owner[name] == owner {
		delete(l.until, name)
	}
	return nil
}

func (l *lockTable) set(do func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	do()
}

// ticking runs one ticker as a process of the given name, until it is stopped.
func ticking(l Locks, owner string, t Ticker) (stop func()) {
	return telling(quiet(), l, owner, t)
}

// telling is ticking with a log.
func telling(log *slog.Logger, l Locks, owner string, t Ticker) (stop func()) {
	w := New(Config{Redis: &Redis{}, Now: time.Now, Locks: l, Owner: owner, Tickers: []Ticker{t}, Log: log})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.tick(ctx, t)
	}()
	return func() {
		cancel()
		<-done
	}
}

func counting(n *atomic.Int64, every time.Duration) Ticker {
	return Ticker{Name: "count", Every: every, Run: func(context.Context) error { n.Add(1); return nil }}
}

func TestATickerRunsAtOnceAndThenRegularly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int64
		stop := ticking(newLocks(), "a", counting(&n, 10*time.Second))
		time.Sleep(95 * time.Second)
		stop()
		if n := n.Load(); n != 10 {
			t.Errorf("%d runs in 95 s, want 10", n)
		}
	})
}

func TestOneOfTwoProcessesTicks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var first, second atomic.Int64
		locks := newLocks()
		stopFirst := ticking(locks, "a", counting(&first, 10*time.Second))
		synctest.Wait()
		stopSecond := ticking(locks, "b", counting(&second, 10*time.Second))
		time.Sleep(59 * time.Second)
		if a, b := first.Load(), second.Load(); a != 6 || b != 0 {
			t.Errorf("%d and %d runs, want 6 and 0", a, b)
		}
		stopFirst()
		time.Sleep(lockRenew + time.Second)
		if second.Load() == 0 {
			t.Error("nobody took over from the process that stopped")
		}
		stopSecond()
	})
}

func TestAnotherTakesOverFromADeadProcess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int64
		locks := newLocks()
		dead := time.Now()
		if got, _ := locks.TakeLock(t.Context(), "ticker:count", "dead", dead, dead.Add(lockLife)); !got {
			t.Fatal("the lock is taken")
		}
		stop := ticking(locks, "b", counting(&n, time.Hour))
		time.Sleep(lockLife - time.Second)
		if n.Load() != 0 {
			t.Error("ran while the lock was another's")
		}
		time.Sleep(lockRenew + time.Second)
		stop()
		if n := n.Load(); n != 1 {
			t.Errorf("%d runs, want 1", n)
		}
	})
}

func TestAProcessOfTheSameNameGoesOnAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int64
		locks := newLocks()
		dead := time.Now()
		_, _ = locks.TakeLock(t.Context(), "ticker:count", "embedded", dead, dead.Add(lockLife))
		stop := ticking(locks, "embedded", counting(&n, time.Hour))
		synctest.Wait()
		stop()
		if n := n.Load(); n != 1 {
			t.Errorf("%d runs, want 1", n)
		}
	})
}

func TestWorkThatFailsOrPanicsTicksOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := 0
		stop := ticking(newLocks(), "a", Ticker{Name: "bad", Every: time.Second, Run: func(context.Context) error {
			if n++; n%2 == 0 {
				panic("a hole")
			}
			return errors.New("no luck")
		}})
		time.Sleep(5500 * time.Millisecond)
		stop()
		if n != 6 {
			t.Errorf("%d runs, want 6", n)
		}
	})
}

func TestLongWorkKeepsItsLock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var other atomic.Int64
		locks := newLocks()
		stop := ticking(locks, "a", Ticker{Name: "count", Every: time.Second, Run: func(ctx context.Context) error {
			select {
			case <-ctx.Done():
			case <-time.After(10 * lockLife):
			}
			return ctx.Err()
		}})
		synctest.Wait()
		stopOther := ticking(locks, "b", counting(&other, time.Second))
		time.Sleep(5 * lockLife)
		if other.Load() != 0 {
			t.Error("another process took the lock of running work")
		}
		stop()
		stopOther()
	})
}

func TestWorkEndsWhenItsLockIsLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		locks, ended := newLocks(), make(chan error, 1)
		stop := ticking(locks, "a", Ticker{Name: "count", Every: time.Hour, Run: func(ctx context.Context) error {
			<-ctx.Done()
			ended <- ctx.Err()
			return ctx.Err()
		}})
		synctest.Wait()
		locks.set(func() { locks.down = true })
		begun := time.Now()
		<-ended
		if took := time.Since(begun); took >= lockLife {
			t.Errorf("the work went on for %v, longer than its lock", took)
		}
		locks.set(func() { locks.down = false })
		stop()
	})
}

// A process that stops while it does not know whether it has the lock leaves it
// to the others all the same: their work need not wait until it ends.
func TestAStopReleasesALockThatMayBeOurs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, after := range []time.Duration{0, lockRenew - time.Second} { // the first answer is lost, or a later one
			var n atomic.Int64
			locks := newLocks()
			locks.mute = after == 0
			stop := ticking(locks, "a", counting(&n, time.Hour))
			time.Sleep(after)
			locks.set(func() { locks.mute = true })
			time.Sleep(2 * time.Second)
			stop()
			if held := len(locks.until) > 0; held || n.Load() != min(1, int64(after)) {
				t.Errorf("answers lost after %v: it ran %d times; held by a process that has stopped: %t", after, n.Load(), held)
			}
		}
	})
}

// Work that a stop cuts off is no fault, whatever its driver calls that.
func TestWorkThatIsStoppedIsNoFault(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lines := &journal{}
		stop := telling(lines.log(), newLocks(), "a", Ticker{Name: "count", Every: time.Hour, Run: func(ctx context.Context) error {
			<-ctx.Done()
			return errors.New("interrupted (9)")
		}})
		synctest.Wait()
		stop()
		if lines.has("level=ERROR") || !lines.has("msg=ticker_released") {
			t.Error("a stop is logged as a fault, or not at all")
		}
	})
}
