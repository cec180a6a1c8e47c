package worker

import (
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"github.com/blockcast/blockcast/engine/outbox"
)

// stopped is a limiter whose Redis has a clock that the test moves.
func stopped(t *testing.T) (l *Limiter, m *miniredis.Miniredis, at time.Time) {
	t.Helper()
	m = miniredis.RunT(t)
	at = time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)
	m.SetTime(at)
	client := redis.NewClient(&redis.Options{Addr: m.Addr()})
	t.Cleanup(func() { _ = client.Close() })
	return NewLimiter(&Redis{Client: client, space: defaultSpace}, now, NewMetrics(prometheus.NewRegistry())), m, at
}

// calls takes until there is no more and returns how many it got.
func calls(t *testing.T, l *Limiter, account string, rate int, s outbox.Share) int {
	t.Helper()
	for n := 0; ; n++ {
		wait, err := l.Take(t.Context(), account, rate, s)
		if err != nil {
			t.Fatal(err)
		}
		if wait > 0 {
			return n
		}
	}
}

func TestASecondHoldsItsRateAndOneBurst(t *testing.T) {
	t.Parallel()
	l, m, at := stopped(t)
	got := 0
	for step := range 100 {
		m.SetTime(at.Add(time.Duration(step) * 10 * time.Millisecond))
		got += calls(t, l, "a", 200, outbox.ShareReplies)
	}
	if got < 195 || got > 210 {
		t.Errorf("%d calls in the first second, want 200 and a burst of 10 at most", got)
	}
}

func TestBulkLeavesRepliesAPart(t *testing.T) {
	t.Parallel()
	l, m, at := stopped(t)
	inBulk, inReplies := 0, 0
	for step := range 200 {
		m.SetTime(at.Add(time.Duration(step) * 10 * time.Millisecond))
		inBulk += calls(t, l, "a", 200, outbox.ShareBulk)
		inReplies += calls(t, l, "a", 200, outbox.ShareReplies)
	}
	if inBulk > 372 || inBulk < 340 || inReplies < 30 || inBulk+inReplies > 420 {
		t.Errorf("in two seconds at 200: bulk %d, replies %d", inBulk, inReplies)
	}
}

func TestAccountsDoNotShareARate(t *testing.T) {
	t.Parallel()
	l, _, _ := stopped(t)
	first := calls(t, l, "a", 100, outbox.ShareReplies)
	second := calls(t, l, "b", 100, outbox.ShareReplies)
	if first != 5 || second != 5 {
		t.Errorf("bursts of %d and %d, want 5 each", first, second)
	}
}

func TestARefusedTakeSaysWhenToAskAgain(t *testing.T) {
	t.Parallel()
	l, m, at := stopped(t)
	if got := calls(t, l, "a", 10, outbox.ShareReplies); got != 1 {
		t.Fatalf("%d calls at once, want 1", got)
	}
	wait, err := l.Take(t.Context(), "a", 10, outbox.ShareReplies)
	if err != nil || wait <= 0 || wait > 101*time.Millisecond {
		t.Fatalf("wait %v, %v", wait, err)
	}
	m.SetTime(at.Add(wait + time.Millisecond))
	if wait, err := l.Take(t.Context(), "a", 10, outbox.ShareReplies); wait != 0 || err != nil {
		t.Errorf("then wait %v, %v", wait, err)
	}
	if got := counted(t, l.metrics.registry.(*prometheus.Registry), "blockcast_rate_waits_total", string(outbox.ShareReplies)); got != 2 {
		t.Errorf("%v waits counted, want 2", got)
	}
}

func TestNoRateIsNoLimit(t *testing.T) {
	t.Parallel()
	l, _, _ := stopped(t)
	for range 100 {
		if wait, err := l.Take(t.Context(), "a", 0, outbox.ShareReplies); wait != 0 || err != nil {
			t.Fatalf("wait %v, %v", wait, err)
		}
	}
}

func TestTheLimiterWorksOnEveryRedis(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *Redis) {
		l := NewLimiter(r, now, nil)
		if got := calls(t, l, "a", 60, outbox.ShareReplies); got < 3 {
			t.Errorf("%d calls at once, want the burst of 3", got)
		}
	})
}

func TestALostRedisIsAnError(t *testing.T) {
	t.Parallel()
	l, m, _ := stopped(t)
	m.Close()
	if _, err := l.Take(t.Context(), "a", 10, outbox.ShareReplies); err == nil {
		t.Error("no error")
	}
}

func TestCallsOfAHighRateAreTakenSomeAtATime(t *testing.T) {
	t.Parallel()
	l, m, at := stopped(t)
	clock := at
	l.ahead.now = func() time.Time { return clock }
	const rate = 2000
	take := func() time.Duration {
		t.Helper()
		wait, err := l.Take(t.Context(), "a", rate, outbox.ShareReplies)
		if err != nil {
			t.Fatal(err)
		}
		return wait
	}
	for range rate / burstShare {
		if wait := take(); wait > 0 {
			t.Fatalf("no call of the burst is left for %v", wait)
		}
	}
	if take() == 0 {
		t.Error("more calls than the burst")
	}
	clock = at.Add(time.Second)
	m.SetTime(clock)
	if wait := take(); wait > 0 {
		t.Fatalf("none after a quiet second: %v", wait)
	}
	m.Close() // Redis is not asked for the next ones
	for range rate/aheadShare - 1 {
		if wait := take(); wait > 0 {
			t.Fatalf("what was taken is not there: %v", wait)
		}
	}
	if _, err := l.Take(t.Context(), "a", rate, outbox.ShareReplies); err == nil {
		t.Error("more were used than taken")
	}
}

func TestCallsTakenAreNotKeptForLong(t *testing.T) {
	t.Parallel()
	l, m, at := stopped(t)
	clock := at
	l.ahead.now = func() time.Time { return clock }
	if wait, err := l.Take(t.Context(), "a", 2000, outbox.ShareReplies); wait > 0 || err != nil {
		t.Fatal(wait, err)
	}
	m.Close()
	clock = at.Add(aheadLife)
	if _, err := l.Take(t.Context(), "a", 2000, outbox.ShareReplies); err == nil {
		t.Error("a call taken before is used too late")
	}
}
