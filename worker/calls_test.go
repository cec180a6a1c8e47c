package worker

import (
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// counter is a counter whose clock and Redis the test moves.
func counter(t *testing.T) (c *Calls, m *miniredis.Miniredis, pass func(time.Duration)) {
	t.Helper()
	m = miniredis.RunT(t)
	at := time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)
	m.SetTime(at)
	client := redis.NewClient(&redis.Options{Addr: m.Addr(), MaxRetries: -1})
	t.Cleanup(func() { _ = client.Close() })
	c = NewCalls(&Redis{Client: client, space: defaultSpace}, func() time.Time { return at })
	return c, m, func(d time.Duration) {
		at = at.Add(d)
		m.SetTime(at)
	}
}

// takeAll takes until there is no more.
func takeAll(t *testing.T, c *Calls, caller string, perSecond int) (n int, wait time.Duration) {
	t.Helper()
	for last := perSecond; ; n++ {
		left, wait, err := c.Take(t.Context(), caller, perSecond)
		if err != nil {
			t.Fatal(err)
		}
		if wait > 0 {
			return n, wait
		}
		if left >= last {
			t.Fatalf("%d are left after call %d, %d before it", left, n+1, last)
		}
		last = left
	}
}

func TestCallersHaveASecondsCallsAtOnce(t *testing.T) {
	t.Parallel()
	for _, perSecond := range []int{1, 7, 200} {
		c, _, pass := counter(t)
		least := perSecond - perSecond/100 // the library's sums of fractions lose one in a hundred
		if n, _ := takeAll(t, c, "a", perSecond); n < least || n > perSecond {
			t.Errorf("%d calls at once of %d a second", n, perSecond)
		}
		if n, _ := takeAll(t, c, "b", perSecond); n < least || n > perSecond {
			t.Errorf("another caller has %d of %d", n, perSecond)
		}
		pass(time.Second)
		if n, _ := takeAll(t, c, "a", perSecond); n < least || n > perSecond {
			t.Errorf("%d calls in the second second of %d", n, perSecond)
		}
	}
}

func TestEachRateOfACallerIsCountedByItself(t *testing.T) {
	t.Parallel()
	c, _, _ := counter(t)
	if left, _, err := c.Take(t.Context(), "a", 200); err != nil || left < 190 {
		t.Fatalf("%d left, %v", left, err)
	}
	if n, _ := takeAll(t, c, "a", 7); n != 7 {
		t.Errorf("%d calls of 7 beside another rate", n)
	}
	if left, wait, err := c.Take(t.Context(), "a", 200); err != nil || wait > 0 || left < 190 {
		t.Errorf("of the first rate %d are left, %v, %v", left, wait, err)
	}
}

func TestARefusedCallSaysWhenToComeAgain(t *testing.T) {
	t.Parallel()
	c, _, pass := counter(t)
	_, wait := takeAll(t, c, "a", 10)
	if wait > 100*time.Millisecond {
		t.Errorf("wait %v at ten a second", wait)
	}
	pass(wait)
	if n, _ := takeAll(t, c, "a", 10); n != 1 {
		t.Errorf("%d calls after the wait, want 1", n)
	}
}

func TestCallsWithoutRedisAreAnError(t *testing.T) {
	t.Parallel()
	c, m, _ := counter(t)
	m.Close()
	if _, _, err := c.Take(t.Context(), "a", 10); err == nil {
		t.Error("counted without Redis")
	}
}
