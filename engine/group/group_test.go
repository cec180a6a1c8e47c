package group_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine/group"
)

// TestBatches holds that items which arrive while a commit runs go together in
// the next one, and that everybody gets the result of their own item.
func TestBatches(t *testing.T) {
	t.Parallel()
	entered, release := make(chan int), make(chan struct{})
	g := group.New(group.Config[int, int]{Committers: 1, MaxWait: time.Minute,
		Commit: func(_ context.Context, items []int) ([]int, error) {
			entered <- len(items)
			<-release
			out := make([]int, len(items))
			for i, n := range items {
				out[i] = n * 10
			}
			return out, nil
		}})
	g.Start(t.Context())

	var wg sync.WaitGroup
	var wrong, queued atomic.Int64
	do := func(n int) {
		queued.Add(1)
		if r, err := g.Do(t.Context(), n); err != nil || r != n*10 {
			wrong.Add(1)
		}
	}
	wg.Go(func() { do(0) })
	if n := <-entered; n != 1 {
		t.Fatalf("the first commit took %d items, want 1", n)
	}
	for i := 1; i <= 100; i++ {
		wg.Go(func() { do(i) })
	}
	release <- struct{}{}
	total := 1
	for total < 101 {
		total += <-entered
		release <- struct{}{}
	}
	wg.Wait()
	g.Stop()
	if wrong.Load() != 0 {
		t.Errorf("%d callers got a wrong result", wrong.Load())
	}
	if _, err := g.Do(t.Context(), 1); !errors.Is(err, group.ErrStopped) {
		t.Errorf("Do after Stop: %v, want ErrStopped", err)
	}
}

func TestBytesBoundABatch(t *testing.T) {
	t.Parallel()
	var largest atomic.Int64
	g := group.New(group.Config[int, struct{}]{MaxBytes: 100, MaxWait: time.Minute, Size: func(n int) int { return n },
		Commit: func(_ context.Context, items []int) ([]struct{}, error) {
			sum := 0
			for _, n := range items {
				sum += n
			}
			if len(items) > 1 && int64(sum) > largest.Load() {
				largest.Store(int64(sum))
			}
			return make([]struct{}, len(items)), nil
		}})
	g.Start(t.Context())
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() { _, _ = g.Do(t.Context(), 40) })
	}
	wg.Wait()
	g.Stop()
	if largest.Load() > 100 {
		t.Errorf("a batch held %d bytes, want at most 100", largest.Load())
	}
}

func TestWaitEnds(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	g := group.New(group.Config[int, int]{MaxWait: time.Millisecond,
		Commit: func(_ context.Context, items []int) ([]int, error) {
			<-release
			return items, nil
		}})
	g.Start(t.Context())
	if _, err := g.Do(t.Context(), 1); !errors.Is(err, group.ErrBusy) {
		t.Errorf("Do while the database hangs: %v, want ErrBusy", err)
	}
	close(release)
	g.Stop()
}

func TestErrorIsEverybodys(t *testing.T) {
	t.Parallel()
	want := errors.New("away")
	g := group.New(group.Config[int, int]{MaxWait: time.Minute,
		Commit: func(context.Context, []int) ([]int, error) { return nil, want }})
	g.Start(t.Context())
	defer g.Stop()
	if _, err := g.Do(t.Context(), 1); !errors.Is(err, want) {
		t.Errorf("Do: %v, want %v", err, want)
	}
}

// A database that never answers holds a committer for a while only.
func TestCommitEnds(t *testing.T) {
	t.Parallel()
	hangs := true
	g := group.New(group.Config[int, int]{Committers: 1, MaxWait: time.Minute, MaxCommit: time.Millisecond,
		Commit: func(ctx context.Context, items []int) ([]int, error) {
			if hangs {
				hangs = false
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return items, nil
		}})
	g.Start(t.Context())
	defer g.Stop()
	if _, err := g.Do(t.Context(), 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Do while the database hangs: %v, want DeadlineExceeded", err)
	}
	if n, err := g.Do(t.Context(), 2); err != nil || n != 2 {
		t.Errorf("Do when it is back: %d, %v", n, err)
	}
}
