package console

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/policy"
)

// trial is a test send as the page shows it.
type trial struct {
	To    string // what was typed: somebody in each line
	Most  int
	Tests []tested
	Wrong *mistake // with whom was typed
}

// tested is what became of one test message.
type tested struct {
	Who, Variant, Says string
	Wrong              bool
}

// try sends a broadcast to a few people who are named, outside its report.
func (k *Console) try(c *fiber.Ctx, s *session) error {
	ctx := c.UserContext()
	b, err := k.Store.Broadcast(ctx, s.Bot.ID, c.Params("id"))
	if err != nil {
		return missing(err)
	}
	t := &trial{To: strings.TrimSpace(c.FormValue("to"))}
	status, said := fiber.StatusOK, ""
	if err := k.tested(ctx, s, b.ID, t); err != nil {
		refused := refusal(err)
		if refused == nil {
			return err
		}
		status, said = fiber.StatusUnprocessableEntity, sentence(refused)
		if refused.Field == "to" {
			t.Wrong = &mistake{At: "to", Says: said}
		}
	}
	return k.shownWith(c, s, status, b, said, t)
}

func (k *Console) tested(ctx context.Context, s *session, id string, t *trial) error {
	var to []outbox.Recipient
	names := map[int64]string{}
	for line := range strings.Lines(t.To) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if len(to) == broadcast.MaxTestPeople {
			return invalid("to", "A test goes to at most %d people: start the broadcast to reach more.", broadcast.MaxTestPeople)
		}
		found, err := k.find(ctx, s.Bot.ID, line, 2)
		switch {
		case err != nil:
			return err
		case len(found) == 0:
			return invalid("to", "Nobody is known here by %q.", line)
		case len(found) > 1:
			return invalid("to", "More than one person is known by %q: write the whole phone number, or # and the contact's number.", line)
		}
		to = append(to, outbox.Recipient{ContactID: found[0].ID})
		names[found[0].ID] = cmp.Or(found[0].Name, line)
	}
	if len(to) == 0 {
		return invalid("to", "Say who gets the test, at most %d people.", broadcast.MaxTestPeople)
	}
	tests, err := k.Broadcasts.TestSend(ctx, s.Bot.ID, id, to)
	for n, one := range tests {
		said := tested{Who: names[to[n%len(to)].ContactID], Variant: one.Variant, Says: one.Error, Wrong: one.Error != ""}
		if a := one.Accepted; a != nil {
			said.Says = fmt.Sprintf("on its way by %s", cmp.Or(a.Route, "what fits"))
			if a.Status == engine.Skipped {
				said.Says, said.Wrong = policy.Explain(a.Reason), true
			}
		}
		t.Tests = append(t.Tests, said)
	}
	return err
}
