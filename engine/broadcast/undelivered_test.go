package broadcast_test

import (
	"context"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

// rating is a question that names what is said when it could not be delivered.
const rating = `{"format": 1, "flow": "news", "modules": [{"name": "hello", "steps": [{"type": "text", "text": "Hello!"}]}],
	"blocks": [{"name": "rate", "steps": [{"type": "ask", "text": "How was it?", "expect": "text", "on_undelivered": "tell"}]},
		{"name": "tell", "steps": [{"type": "text", "text": "We have a question for you"}]}]}`

// overtaken is a ledger whose rows somebody else has ended when a question's end
// is written.
type overtaken struct {
	*store.DB
	on bool
}

func (o *overtaken) Finish(ctx context.Context, out outbox.Outcome) error {
	if o.on && out.EndSession {
		return outbox.ErrLost
	}
	return o.DB.Finish(ctx, out)
}

// What follows a question that could not be delivered is ordered by whose row it
// is when that is written, and by nobody else.
func TestWhoseRowIsLostOrdersNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lost bool
		want int
	}{"ours": {false, 1}, "somebody else's": {true, 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				ledger := &overtaken{DB: db}
				h := newHarnessOver(t, db, ledger, db, func(p *platform) channels.Channel { return p })
				h.publishAgain(1, rating)
				h.clock.Pass(2 * time.Second)
				h.people(1)
				first := true
				h.platform.answer = func(string, int) *channels.SendError {
					if first {
						first = false
						return &channels.SendError{Kind: channels.KindThrottled, Scope: channels.ScopeRecipient, Retry: channels.RetryLater, Message: "slow down"}
					}
					return &channels.SendError{Kind: channels.KindContent, Scope: channels.ScopeRecipient, Message: "not this"}
				}
				p := plan()
				p.Content.Block, p.AllowQuestions = "rate", true
				h.started(p)
				h.work()
				ledger.on = c.lost
				h.clock.Pass(time.Minute)
				must(t, h.Tick(t.Context()))
				h.work()
				id, err := db.IdentityByExternal(t.Context(), h.account.ID, "U000")
				must(t, err)
				due, err := db.DueOf(t.Context(), id.ContactID, h.clock.Now(), 10)
				must(t, err)
				if len(due) != c.want {
					t.Errorf("%d messages follow, want %d", len(due), c.want)
				}
			})
		})
	}
}

var _ outbox.Ledger = (*overtaken)(nil)
