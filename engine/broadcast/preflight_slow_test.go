package broadcast_test

import (
	"context"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

// sluggish is a ledger that takes long to tell who people are.
type sluggish struct {
	*store.DB
	passes func()
}

func (s *sluggish) Situations(ctx context.Context, bot string, ids []int64) (map[int64]*engine.Situation, error) {
	s.passes()
	return s.DB.Situations(ctx, bot, ids)
}

// A pre-flight comes to its end also where loading people takes all the time
// that making their messages has.
func TestASlowPreflightComesToItsEnd(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ledger := &sluggish{DB: db}
		h := newHarnessOver(t, db, ledger, db, func(p *platform) channels.Channel { return p })
		ledger.passes = func() { h.clock.Pass(15 * time.Second) }
		h.people(3)
		if _, f := h.prepared(plan()); f.State != engine.RunHeld || f.PreparedID == "" {
			t.Errorf("the pre-flight is %s", f.State)
		}
	})
}
