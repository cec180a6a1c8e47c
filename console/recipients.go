package console

import (
	"cmp"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/policy"
)

// recipientRows is how many people a page lists.
const recipientRows = 50

// recipientsPage lists people of a run.
type recipientsPage struct {
	ID       string
	Outcome  broadcast.Outcome
	Outcomes []broadcast.Outcome
	Rows     []recipient
	Next     string
}

type recipient struct {
	Name, Phone, Account string
	Status               engine.Status
	Route                string
	Why                  string // they got nothing
	At                   string
}

// recipients lists whom a broadcast went to, by what became of it.
func (k *Console) recipients(c *fiber.Ctx, s *session) error {
	ctx, id := c.UserContext(), c.Params("id")
	b, err := k.Store.Broadcast(ctx, s.Bot.ID, id)
	if err != nil {
		return missing(err)
	}
	p := &recipientsPage{ID: b.ID, Outcome: broadcast.Outcome(c.Query("outcome")), Outcomes: broadcast.Outcomes()}
	if p.Outcome != "" && !slices.Contains(p.Outcomes, p.Outcome) {
		return fiber.ErrNotFound
	}
	items, next, err := k.Broadcasts.Recipients(ctx, s.Bot.ID, b.ID, "", broadcast.Filter{Outcome: p.Outcome}, engine.Page{Cursor: c.Query("after"), Limit: recipientRows})
	if refused := refusal(err); refused != nil {
		return fiber.ErrNotFound // a place in the list that there is not
	}
	if err != nil {
		return err
	}
	names, err := k.accountNames(ctx, s)
	if err != nil {
		return err
	}
	p.Next = next
	for i := range items {
		p.Rows = append(p.Rows, newRecipient(s.Bot, &items[i], names))
	}
	return k.render(c, fiber.StatusOK, "recipients", &frame{Title: "People of " + b.Plan.Subject, Session: s, Step: "Report", Page: p})
}

func newRecipient(bot *engine.Bot, r *broadcast.Recipient, accounts map[string]string) recipient {
	d := &r.Delivery
	out := recipient{Name: cmp.Or(r.Name, r.User), Phone: r.Phone, Account: accounts[d.AccountID], Status: d.Status, Route: d.Route, At: moment(bot, cmp.Or(d.ClosedAt, d.SentAt))}
	switch d.Status {
	case engine.Skipped, engine.Canceled:
		out.Why = policy.Explain(d.Reason)
	case engine.Failed, engine.Unknown:
		out.Why = cmp.Or(d.Error, mend(d.Class))
	}
	return out
}
