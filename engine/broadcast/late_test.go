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
