package broadcast_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

// saysTheSame is a flow whose module tells everybody the same, greets one that
// does not.
const (
	saysTheSame = `{"format": 1, "flow": "news", "modules": [{"name": "hello", "steps": [{"type": "text", "text": "Hello all!"}]}]}`
	greets      = `{"format": 1, "flow": "news", "modules": [{"name": "hello", "steps": [{"type": "text", "text": "Hello {{ first_name }}!"}]}]}`
)

// asked counts how often people are loaded with all there is of them, and how
// often without.
type asked struct {
	*store.DB
	whole, bare atomic.Int64
}

func (a *asked) Situations(ctx context.Context, bot string, ids []int64) (map[int64]*engine.Situation, error) {
	a.whole.Add(1)
	return a.DB.Situations(ctx, bot, ids)
}

func (a *asked) Addressees(ctx context.Context, bot string, ids []int64) (map[int64]*engine.Situation, error) {
	a.bare.Add(1)
	return a.DB.Addressees(ctx, bot, ids)
}

func eachAsked(t *testing.T, f func(t *testing.T, h *harness, a *asked)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a := &asked{DB: db}
		f(t, newHarnessOver(t, db, a, db, func(p *platform) channels.Channel { return p }), a)
	})
}

// Once it is seen that a block tells everybody the same, nothing is loaded of
// the people who come after but where they are written to; until another version
// is published, which has to be seen again.
func TestWhatIsForAllAsksNothingOfPeople(t *testing.T) {
	const visit, all = 500, 505 // rows
	for what, c := range map[string]struct {
		then  string // published while the first visit calls; "" for nothing
		wants func(i int) string
	}{
		"the same throughout":           {"", func(int) string { return "Hello all!" }},
		"by name after the first visit": {greets, func(i int) string { return fmt.Sprintf("Hello P%d!", i) }},
	} {
		t.Run(what, func(t *testing.T) {
			eachAsked(t, func(t *testing.T, h *harness, a *asked) {
				h.publishAgain(1, saysTheSame)
				h.clock.Pass(2 * time.Second)
				h.people(all)
				if c.then != "" {
					var once sync.Once
					h.platform.answer = func(string, int) *channels.SendError {
						once.Do(func() {
							h.publishAgain(2, c.then)
							h.clock.Pass(2 * time.Second)
						})
						return nil
					}
				}
				_, r := h.started(plan())
				h.work()
				h.counts(r, map[engine.Status]int64{engine.SentOut: all})
				for i := range all {
					want := c.wants(i)
					if i < visit {
						want = "Hello all!"
					}
					if got := h.platform.heard[fmt.Sprintf("U%03d", i)]; len(got) != 1 || got[0] != want {
						t.Errorf("the person %d heard %q, want %q", i, got, want)
					}
				}
				whole, bare := a.whole.Load(), a.bare.Load()
				if c.then == "" && (whole != 1 || bare == 0) {
					t.Errorf("people were loaded %d times with all there is of them, want once, and %d times without", whole, bare)
				}
				if c.then != "" && whole < 2 {
					t.Errorf("people were loaded %d times with all there is of them, want it again for another version", whole)
				}
			})
		})
	}
}

var _ outbox.Ledger = (*asked)(nil)
