package broadcast_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

// longestCall is how long a platform is waited for.
const longestCall = 15 * time.Second

// punctual is a ledger that holds that rows are begun with enough of their lease
// left for a call.
type punctual struct {
	outbox.Ledger
	t *testing.T
}

func (p *punctual) BeginMany(ctx context.Context, b outbox.Beginning) (map[int64]bool, error) {
	if left := b.Claim.LeaseUntil.Sub(b.Now); left < longestCall {
		p.t.Errorf("%d rows are begun when %v of their lease are left", len(b.Rows), left)
	}
	return p.Ledger.BeginMany(ctx, b)
}

// withoutKeys is a platform that cannot tell a repetition.
type withoutKeys struct{ *platform }

func (p withoutKeys) Limits() channels.Limits {
	limits := p.platform.Limits()
	limits.RetryKeys = false
	return limits
}

// What a visit has not begun when its calls have taken long is left to the next:
// it would be somebody else's before it is sent.
func TestASlowVisitBeginsNothingMore(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHarnessOver(t, db, &punctual{db, t}, db, func(p *platform) channels.Channel { return withoutKeys{p} })
		const people, together = 40, 32
		h.people(people)
		var calls atomic.Int32
		h.platform.answer = func(string, int) *channels.SendError {
			if calls.Add(1) == together {
				h.clock.Pass(2 * time.Minute)
			}
			return nil
		}
		_, r := h.started(plan())
		h.work()
		h.clock.Pass(2 * time.Minute)
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: people})
		if n := calls.Load(); n != people {
			t.Errorf("%d messages went out to %d people", n, people)
		}
	})
}

// stopped is a ledger of a process that stands still once, when it has begun
// rows.
type stopped struct {
	outbox.Ledger
	standStill func()
}

func (s *stopped) BeginMany(ctx context.Context, b outbox.Beginning) (map[int64]bool, error) {
	ours, err := s.Ledger.BeginMany(ctx, b)
	if again := s.standStill; again != nil {
		s.standStill = nil
		again()
	}
	return ours, err
}

// What a visit has begun and not called when its process has stood still does not
// go out any more. Where nobody else has come it is left to the next visit; what
// another has given up, since it could not know that nothing was called, has
// failed and can be sent again.
func TestAVisitThatStoodStillCallsNobody(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		meanwhile bool
		want      engine.Status
	}{
		"nobody has come":           {false, engine.SentOut},
		"another has given them up": {true, engine.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				ledger := &stopped{Ledger: db}
				h := newHarnessOver(t, db, ledger, db, func(p *platform) channels.Channel { return withoutKeys{p} })
				const people = 5
				h.people(people)
				_, r := h.started(plan())
				ledger.standStill = func() {
					h.clock.Pass(2 * time.Minute)
					if c.meanwhile {
						_, err := h.Sender.DeliverMany(t.Context(), outbox.Batch{RunID: r.ID, Last: 1 << 40, Limit: 100})
						must(t, err)
						h.counts(r, map[engine.Status]int64{engine.Unknown: people})
					}
				}
				h.work()
				if n := len(h.platform.heard); n > 0 && c.meanwhile {
					t.Errorf("%d people were called after their messages had been given up", n)
				}
				h.clock.Pass(2 * time.Minute)
				h.work()
				h.counts(r, map[engine.Status]int64{c.want: people})
			})
		})
	}
}
