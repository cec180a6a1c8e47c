package worker

import (
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine/outbox"
)

// many takes calls in chunks until there are no more and returns how many it
// got.
func many(t *testing.T, l *Limiter, account string, rate int) (got int) {
	t.Helper()
	for {
		granted, wait, err := l.TakeMany(t.Context(), account, rate, 500)
		if err != nil {
			t.Fatal(err)
		}
		if got += granted; wait > 0 {
			return got
		}
	}
}

func TestChunksKeepTheRateAndTheShareOfReplies(t *testing.T) {
	t.Parallel()
	l, m, at := stopped(t)
	bulk, replies := 0, 0
	for step := range 100 {
		m.SetTime(at.Add(time.Duration(step) * 10 * time.Millisecond))
		bulk += many(t, l, "a", 2000)
		replies += calls(t, l, "a", 2000, outbox.ShareReplies)
	}
	if bulk > 1900 || bulk < 1700 || replies < 180 || bulk+replies > 2100 {
		t.Errorf("in a second at 2000: bulk %d, replies %d", bulk, replies)
	}
}

func TestALoweredRateRecovers(t *testing.T) {
	t.Parallel()
	l, m, at := stopped(t)
	second := func(from time.Time) (got int) {
		for step := range 20 {
			m.SetTime(from.Add(time.Duration(step) * 50 * time.Millisecond))
			got += many(t, l, "a", 200)
		}
		return got
	}
	slow := func() {
		if err := l.Slow(t.Context(), "a", 200); err != nil {
			t.Fatal(err)
		}
	}
	whole := second(at)
	slow()
	slow() // the same second: once
	half := second(at.Add(2 * time.Second))
	m.SetTime(at.Add(4 * time.Second))
	slow()
	quarter := second(at.Add(5 * time.Second))
	later := second(at.Add(90 * time.Second))
	if half > whole*6/10 || half < whole*3/10 || quarter > half*7/10 || later < whole*9/10 || later > 190 {
		t.Errorf("a second has %d, lowered %d, lowered again %d, a minute later %d", whole, half, quarter, later)
	}
	if got := calls(t, l, "b", 200, outbox.ShareReplies); got != 10 {
		t.Errorf("another account has %d", got)
	}
}

func TestNoRateGrantsAll(t *testing.T) {
	t.Parallel()
	l, _, _ := stopped(t)
	if granted, wait, err := l.TakeMany(t.Context(), "a", 0, 500); granted != 500 || wait != 0 || err != nil {
		t.Errorf("%d, %v, %v", granted, wait, err)
	}
}
