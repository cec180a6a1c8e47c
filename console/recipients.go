package console

import (
	"cmp"
	"context"
	"net/url"
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
	ID, Subject string
	Run         string // "" is the newest
	broadcast.Filter
	Outcomes []broadcast.Outcome
	Rows     []recipient
	Next     string
	First    bool // nothing comes before these rows
	Calls    bool // files are given and people kept
	Begun    bool // there are people at all
	Live     bool // as a segment such people stay the right ones
}

type recipient struct {
	ContactID            int64
	Name, Phone, Account string
	Variant              string
	Status               engine.Status
	Route                string
	Why                  string // they got nothing
	At                   string
}

// recipients lists whom a broadcast went to, by what became of it.
func (k *Console) recipients(c *fiber.Ctx, s *session) error {
	return k.listing(c, s, fiber.StatusOK, "")
}

// listing shows people of a run, with what was wrong when something was to be
// done with them.
func (k *Console) listing(c *fiber.Ctx, s *session, status int, wrong string) error {
	ctx := c.UserContext()
	b, err := k.Store.Broadcast(ctx, s.Bot.ID, c.Params("id"))
	if err != nil {
		return missing(err)
	}
	p := &recipientsPage{ID: b.ID, Subject: b.Plan.Subject, Run: asked(c, "run"), Filter: filterOf(c), Outcomes: broadcast.Outcomes(), Calls: k.Calls != nil,
		Begun: b.State != engine.BroadcastDraft && b.State != engine.BroadcastScheduled}
	if p.Outcome != "" && !slices.Contains(p.Outcomes, p.Outcome) {
		return fiber.ErrNotFound
	}
	after := c.Query("after")
	p.First, p.Live = after == "", living(b.ID, p.Filter) != ""
	items, next, err := k.Broadcasts.Recipients(ctx, s.Bot.ID, b.ID, p.Run, p.Filter, engine.Page{Cursor: after, Limit: recipientRows})
	if refused := refusal(err); refused != nil {
		return fiber.ErrNotFound // a run, or a place in the list, that there is not
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
	return k.render(c, status, "recipients", &frame{Title: "People of " + b.Plan.Subject, Session: s, Error: wrong, Step: "Report", Page: p})
}

// asked is a value of a page's address, or of the form on it.
func asked(c *fiber.Ctx, name string) string { return cmp.Or(c.Query(name), c.FormValue(name)) }

func filterOf(c *fiber.Ctx) broadcast.Filter {
	return broadcast.Filter{Outcome: broadcast.Outcome(asked(c, "outcome")), Reason: asked(c, "reason"), Variant: asked(c, "variant")}
}

// Those is the query that says which people are meant, with another
// outcome in place of theirs.
func (p *recipientsPage) Those(outcome broadcast.Outcome) string {
	return "?" + narrowed(p.Run, broadcast.Filter{Outcome: outcome})
}

// These is the query that says which people are listed.
func (p *recipientsPage) These() string { return "?" + narrowed(p.Run, p.Filter) }

// File is where These are given as CSV.
func (p *recipientsPage) File() string {
	return Path + "/" + p.ID + "/recipients.csv" + p.These()
}

// Further is These with the next rows.
func (p *recipientsPage) Further() string {
	return "?" + narrowed(p.Run, p.Filter, "after", p.Next)
}

// narrowed writes a filter as a query.
func narrowed(run string, f broadcast.Filter, more ...string) string {
	q := url.Values{}
	for _, pair := range append([][2]string{{"run", run}, {"outcome", string(f.Outcome)}, {"reason", f.Reason}, {"variant", f.Variant}}, pairs(more)...) {
		if pair[1] != "" {
			q.Set(pair[0], pair[1])
		}
	}
	return q.Encode()
}

func pairs(list []string) (out [][2]string) {
	for i := 0; i+1 < len(list); i += 2 {
		out = append(out, [2]string{list[i], list[i+1]})
	}
	return out
}

func newRecipient(bot *engine.Bot, r *broadcast.Recipient, accounts map[string]string) recipient {
	d := &r.Delivery
	out := recipient{ContactID: d.ContactID, Name: cmp.Or(r.Name, r.User, "somebody"), Phone: r.Phone, Account: accounts[d.AccountID], Variant: r.Variant,
		Status: d.Status, Route: d.Route, At: moment(bot, cmp.Or(d.ClosedAt, d.SentAt))}
	switch d.Status {
	case engine.Skipped, engine.Canceled:
		out.Why = policy.Explain(d.Reason)
	case engine.Failed, engine.Unknown:
		out.Why = cmp.Or(d.Error, mend(d.Class))
	}
	return out
}

// recipientsFile gives the people of a run as CSV.
func (k *Console) recipientsFile(c *fiber.Ctx, s *session) error {
	ctx := context.WithoutCancel(c.UserContext())
	write, err := k.Calls.RecipientsFile(ctx, s.Bot, c.Params("id"), asked(c, "run"), filterOf(c))
	if refusal(err) != nil {
		return fiber.ErrNotFound
	}
	if err != nil {
		return missing(err)
	}
	guard(c)
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="recipients.csv"`)
	c.Context().SetBodyStreamWriter(write)
	return nil
}
