package broadcast

import (
	"context"
	"fmt"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// MaxTestPeople is how many people a test goes to at most.
const MaxTestPeople = 5

// testSource marks sends as tests: no report counts them.
const testSource = "broadcast_test"

// Test is one message of a test send.
type Test struct {
	Variant  string           `json:"variant,omitempty"`
	Accepted *outbox.Accepted `json:"accepted,omitempty"`
	Error    string           `json:"error,omitempty"` // why this person gets none
}

// TestSend sends what a broadcast says, each variant of it, to a few people, as
// single sends that mind no quiet hours and no cap and that no report counts.
// Nothing else of the plan happens: no tags, no attributes. It is sent as
// utility, for those who test have agreed to it by being named.
func (b *Broadcasts) TestSend(ctx context.Context, botID, id string, to []outbox.Recipient) ([]Test, error) {
	switch {
	case len(to) == 0:
		return nil, invalid("to", "name whom it is sent to: at most %d people", MaxTestPeople)
	case len(to) > MaxTestPeople:
		return nil, invalid("to", "a test goes to at most %d people, not %d: start the broadcast to reach more", MaxTestPeople, len(to))
	}
	of, err := b.Store.Broadcast(ctx, botID, id)
	if err != nil {
		return nil, err
	}
	bot, err := b.Directory.Bot(ctx, botID)
	if err != nil {
		return nil, err
	}
	var out []Test
	parts, _ := portions(&of.Plan)
	for _, o := range parts {
		if o.content == nil {
			continue
		}
		block, err := b.content(ctx, bot, &of.Plan, o.content, o.field)
		if err != nil {
			return nil, err
		}
		for i := range to {
			t := Test{Variant: o.variant}
			t.Accepted, err = b.Outbox.Accept(ctx, outbox.Order{Bot: bot, Source: testSource, To: to[i], Block: block.ID, Intent: engine.IntentUtility, Category: of.Plan.Category, Force: true})
			switch {
			case err == nil:
			case engine.IsCode(err, engine.NotFound), engine.IsCode(err, engine.Invalid), engine.IsCode(err, engine.Conflict):
				t.Error = fmt.Sprintf("to[%d]: %v", i, err)
			default:
				return out, err
			}
			out = append(out, t)
		}
	}
	return out, nil
}
