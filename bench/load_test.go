package main

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPercentile(t *testing.T) {
	t.Parallel()
	hundred := result{elapsed: 2 * time.Second}
	for i := range 100 {
		hundred.took = append(hundred.took, time.Duration(i+1)*time.Millisecond)
	}
	one := result{took: []time.Duration{7 * time.Millisecond}}
	for _, c := range []struct {
		of   result
		p    float64
		want float64
	}{
		{hundred, 50, 50}, {hundred, 99, 99}, {hundred, 99.5, 100}, {hundred, 100, 100}, {hundred, 0, 1},
		{one, 50, 7}, {one, 99, 7}, {result{}, 99, 0},
	} {
		if got := c.of.percentile(c.p); got != c.want {
			t.Errorf("p%v of %d is %v, want %v", c.p, len(c.of.took), got, c.want)
		}
	}
	if got := hundred.perSecond(); got != 50 {
		t.Errorf("100 in two seconds are %v a second", got)
	}
	if got := (result{}).perSecond(); got != 0 {
		t.Errorf("nothing is %v a second", got)
	}
}

// counter is a caller that notes its calls.
type counter struct {
	mu     *sync.Mutex
	seen   *[]int64
	refuse int64 // fails this call; -1: none
	closed bool
}

var errRefused = errors.New("refused")

func (c *counter) call(_ context.Context, n int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	*c.seen = append(*c.seen, n)
	if n == c.refuse {
		return errRefused
	}
	return nil
}

func (c *counter) close() { c.closed = true }

func counters(refuse int64) ([]caller, *[]int64) {
	var out []caller
	mu, seen := new(sync.Mutex), new([]int64)
	for range 3 {
		out = append(out, &counter{mu: mu, seen: seen, refuse: refuse})
	}
	return out, seen
}

func TestSaturateNumbersEveryCallOnce(t *testing.T) {
	t.Parallel()
	callers, seen := counters(-1)
	got, err := saturate(t.Context(), span{measured: 20 * time.Millisecond}, callers)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(*seen)
	for i, n := range *seen {
		if n != int64(i) {
			t.Fatalf("call %d was made as number %d", i, n)
		}
	}
	if len(got.took) == 0 || len(got.took) > len(*seen) || !slices.IsSorted(got.took) {
		t.Errorf("%d of %d calls were measured", len(got.took), len(*seen))
	}
}

func TestSaturateMeasuresNothingOfTheWarmingUp(t *testing.T) {
	t.Parallel()
	callers, seen := counters(-1)
	got, err := saturate(t.Context(), span{warm: 20 * time.Millisecond}, callers)
	if err != nil || len(*seen) == 0 || len(got.took) != 0 {
		t.Errorf("%d of %d calls were measured: %v", len(got.took), len(*seen), err)
	}
}

func TestTheFirstErrorEndsALoad(t *testing.T) {
	t.Parallel()
	callers, _ := counters(5)
	if _, err := saturate(t.Context(), span{measured: time.Minute}, callers); !errors.Is(err, errRefused) {
		t.Errorf("saturate: %v", err)
	}
	callers, _ = counters(5)
	due := func(int64) time.Time { return time.Now() }
	if err := offer(t.Context(), 1<<40, due, callers); !errors.Is(err, errRefused) {
		t.Errorf("offer: %v", err)
	}
}

func TestALoadEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	callers, _ := counters(-1)
	if _, err := saturate(ctx, span{measured: time.Minute}, callers); !errors.Is(err, context.Canceled) {
		t.Errorf("saturate: %v", err)
	}
	never := func(int64) time.Time { return time.Now().Add(time.Hour) }
	if err := offer(ctx, 10, never, callers); !errors.Is(err, context.Canceled) {
		t.Errorf("offer: %v", err)
	}
}

func TestOfferMakesEachCallOnceAndNotBeforeItIsDue(t *testing.T) {
	t.Parallel()
	callers, seen := counters(-1)
	began := time.Now()
	due := func(n int64) time.Time { return began.Add(time.Duration(n) * 2 * time.Millisecond) }
	if err := offer(t.Context(), 10, due, callers); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < 18*time.Millisecond {
		t.Errorf("the last call was made after %v", took)
	}
	slices.Sort(*seen)
	if d := cmp.Diff([]int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, *seen); d != "" {
		t.Error(d)
	}
	closeAll(callers)
	for _, c := range callers {
		if !c.(*counter).closed {
			t.Error("a caller is open")
		}
	}
}
