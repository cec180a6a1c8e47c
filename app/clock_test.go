package app

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

// databaseAt is a database whose clock differs from the machine's.
func databaseAt(difference time.Duration) timeSource {
	return func(context.Context) (time.Time, error) { return time.Now().Add(difference), nil }
}

func TestTheClockFollowsTheDatabase(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &clock{local: time.Now}
		if err := c.measure(t.Context(), databaseAt(5*time.Second)); err != nil {
			t.Fatal(err)
		}
		if got, want := c.Now(), time.Now().Add(5*time.Second).UTC().Truncate(time.Microsecond); !got.Equal(want) {
			t.Errorf("now %v, want %v", got, want)
		}
		if zone, _ := c.Now().Zone(); zone != "UTC" {
			t.Errorf("zone %s", zone)
		}
	})
}

func TestTheQuickestAnswerCounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, asked := &clock{local: time.Now}, 0
		err := c.measure(t.Context(), func(context.Context) (time.Time, error) {
			asked++
			if asked == 2 {
				return time.Now().Add(time.Second), nil
			}
			answer := time.Now()
			time.Sleep(time.Second)
			return answer, nil
		})
		if ahead := time.Until(c.Now()); err != nil || ahead.Round(time.Millisecond) != time.Second {
			t.Errorf("now is %v ahead, %v", ahead, err)
		}
	})
}

func TestAnswersThatTakeTooLongTellNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &clock{local: time.Now}
		err := c.measure(t.Context(), func(context.Context) (time.Time, error) {
			time.Sleep(clockSlowest)
			return time.Now().Add(time.Hour), nil
		})
		if err != nil || c.offset.Load() != 0 {
			t.Errorf("offset %v, %v", time.Duration(c.offset.Load()), err)
		}
	})
}

func TestClocksTooFarApartEndTheWatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, asked := &clock{local: time.Now}, 0
		begun := time.Now()
		err := c.watch(t.Context(), func(context.Context) (time.Time, error) {
			asked++
			switch {
			case asked <= clockSamples:
				return time.Now(), nil
			case asked == clockSamples+1:
				return time.Time{}, errors.New("away")
			}
			return time.Now().Add(-maxApart - time.Second), nil
		}, slog.New(slog.DiscardHandler))
		if !errors.Is(err, errClock) || time.Since(begun) != 3*clockInterval {
			t.Errorf("ended after %v with %v", time.Since(begun), err)
		}
	})
}

func TestTheWatchEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (&clock{local: time.Now}).watch(ctx, databaseAt(0), slog.New(slog.DiscardHandler)); err != nil {
		t.Error(err)
	}
}

func TestIDsAreUniqueAndInOrder(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	ids := newIDs(func() time.Time { at = at.Add(10 * time.Millisecond); return at })
	seen, last := map[string]bool{}, ""
	for range 10_000 {
		id := ids()
		if len(id) != 24 || seen[id] || id <= last {
			t.Fatalf("id %q after %q", id, last)
		}
		seen[id], last = true, id
	}
}
