package console

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/policy"
	"github.com/blockcast/blockcast/server/api"
)

// whyPage says why one person did or did not get a broadcast.
type whyPage struct {
	ID, Subject, Run  string
	Name, Phone       string
	Who               string // the audience in words
	Conditions        []broadcast.Holding
	Variant           string
	Began             bool
	Rows              []whyRow
	Now               []whyRow // of somebody without rows: what would be decided now
	Lines             []string // about somebody without rows
	Included, Outside bool
}

// whyRow is one address of theirs.
type whyRow struct {
	Account  string
	Status   engine.Status // "" of what would be decided now
	Verdict  string        // in a few words
	Says     string        // what it means and what can be done
	Because  string        // the cap, the lock, the window by name
	Facts    []fact
	Attempts []tried
	Bytes    string // the exact payloads
	Lines    []string
}

type fact struct{ Name, Value string }

// tried is one call to the platform.
type tried struct {
	At, Took, Route, Outcome, Answer, Request string
}

// why explains one person's outcome.
func (k *Console) why(c *fiber.Ctx, s *session) error {
	ctx := c.UserContext()
	contactID, err := strconv.ParseInt(c.Params("contact"), 10, 64)
	if err != nil || contactID < 1 {
		return fiber.ErrNotFound
	}
	b, err := k.Store.Broadcast(ctx, s.Bot.ID, c.Params("id"))
	if err != nil {
		return missing(err)
	}
	person, err := k.Store.Contact(ctx, s.Bot.ID, contactID)
	if err != nil {
		return err
	}
	if person == nil {
		return fiber.ErrNotFound
	}
	addresses, err := k.Store.IdentitiesOf(ctx, s.Bot.ID, []int64{contactID})
	if err != nil {
		return err
	}
	v, err := k.Broadcasts.Why(ctx, s.Bot.ID, b.ID, asked(c, "run"), person, addresses)
	if refused := refusal(err); refused != nil {
		return k.Fail(c, fiber.StatusUnprocessableEntity, "This cannot be said as things are: "+sentence(refused))
	}
	if err != nil {
		return missing(err)
	}
	p := &whyPage{ID: b.ID, Subject: v.Plan.Subject, Run: asked(c, "run"), Name: cmp.Or(person.Name, strings.TrimSpace(person.FirstName+" "+person.LastName), "Contact "+strconv.FormatInt(person.ID, 10)),
		Phone: person.Phone(), Who: who(v.Plan.Audience), Conditions: v.Conditions, Variant: plain(v.Variant), Began: v.Run != nil}
	if err := k.explained(ctx, s, v, p); err != nil {
		return err
	}
	return k.render(c, fiber.StatusOK, "why", &frame{Title: p.Name, Session: s, Step: "Report", Page: p})
}

// explained fills in the rows, or what would be decided now.
func (k *Console) explained(ctx context.Context, s *session, v *broadcast.Verdict, p *whyPage) error {
	for i := range v.Rows {
		story, err := k.Store.Story(ctx, s.Bot.ID, v.Rows[i].Delivery.ID)
		if err != nil {
			return err
		}
		row := whyRowOf(s.Bot, &v.Plan, story, k.Now())
		row.Because = v.Rows[i].Because
		if k.Calls != nil {
			row.Lines = k.Calls.StoryLines(ctx, s.Bot, story)
		}
		p.Rows = append(p.Rows, row)
	}
	if v.Chances == nil {
		return nil
	}
	p.Lines, p.Included, p.Outside = api.Without(v), v.Chances.Included, v.Chances.Excluded
	all, err := k.Store.Accounts(ctx, s.Bot.ID)
	if err != nil {
		return err
	}
	for _, chance := range v.Chances.Addresses {
		row := whyRow{Verdict: "would get it", Because: chance.Because}
		if chance.Skip != "" {
			row.Verdict, row.Says = "would be skipped: "+plain(chance.Skip), policy.Explain(chance.Skip)
		}
		for i := range all {
			if all[i].ID == chance.Identity.AccountID {
				row.Account = accountName(&all[i])
				row.Facts = personFacts(s.Bot, &v.Plan, &all[i], &chance.Identity, k.Now())
			}
		}
		p.Now = append(p.Now, row)
	}
	return nil
}

func whyRowOf(bot *engine.Bot, plan *engine.Plan, s *engine.Story, now time.Time) whyRow {
	d := &s.Delivery
	row := whyRow{Status: d.Status, Verdict: string(d.Status)}
	switch d.Status {
	case engine.Skipped, engine.Canceled:
		row.Verdict += ": " + plain(d.Reason)
		row.Says = policy.Explain(d.Reason)
	case engine.Failed, engine.Unknown:
		row.Verdict += ": " + plain(d.Class)
		row.Says = mend(d.Class)
	}
	if d.Route != "" {
		row.Facts = append(row.Facts, fact{"Route", d.Route})
	}
	if s.Account != nil {
		row.Account = accountName(s.Account)
		if s.Identity != nil {
			row.Facts = append(row.Facts, personFacts(bot, plan, s.Account, s.Identity, now)...)
		}
	}
	if d.Error != "" || d.Code != "" {
		row.Facts = append(row.Facts, fact{"The platform said", strings.TrimSpace(d.Code + " " + d.Error)})
	}
	for _, f := range []struct {
		name string
		at   time.Time
	}{{"Written down", d.CreatedAt}, {"Not before", d.NotBefore}, {"Sent", d.SentAt}, {"Delivered", d.DeliveredAt}, {"Read", d.ReadAt}, {"Clicked", d.ClickedAt}, {"Replied", d.RepliedAt}} {
		if !f.at.IsZero() {
			row.Facts = append(row.Facts, fact{f.name, moment(bot, f.at)})
		}
	}
	for _, w := range d.Warnings {
		row.Facts = append(row.Facts, fact{"Shown otherwise", w})
	}
	for _, t := range s.Attempts {
		one := tried{At: moment(bot, t.At), Route: t.Route, Outcome: cmp.Or(t.Outcome, "no answer yet"), Answer: strings.TrimSpace(t.Code + " " + t.Message), Request: t.RequestID}
		if !t.EndedAt.IsZero() {
			one.Took = t.EndedAt.Sub(t.At).Round(time.Millisecond).String()
		}
		row.Attempts = append(row.Attempts, one)
	}
	if s.Render != nil {
		row.Bytes = indented(s.Render.Payloads)
	}
	return row
}

// personFacts are the person's word and window on one account, which policy
// decides by.
func personFacts(bot *engine.Bot, plan *engine.Plan, a *engine.Account, i *engine.Identity, now time.Time) []fact {
	m := policy.ForMany(a.Channel, plan.Intent, false, bot.Settings.RefuseHandedOver, now)
	consent := "never agreed to such messages"
	switch {
	case !i.UnsubscribedAt.IsZero():
		consent = "unsubscribed on " + moment(bot, i.UnsubscribedAt)
	case !i.SubscribedAt.IsZero():
		consent = "agreed on " + moment(bot, i.SubscribedAt)
	}
	if !m.Consent {
		consent += "; not asked for, as it is " + string(plan.Intent)
	}
	window := "never wrote"
	if !i.LastInboundAt.IsZero() {
		window = "last wrote on " + moment(bot, i.LastInboundAt)
	}
	switch {
	case m.HeardSince.IsZero():
		window += "; " + channels.Kind(a.Channel).Name() + " does not ask for it"
	case i.LastInboundAt.After(m.HeardSince):
		window += "; open until " + moment(bot, i.LastInboundAt.Add(now.Sub(m.HeardSince)))
	default:
		window += "; closed"
	}
	facts := []fact{{"Consent", consent}, {"Window", window}}
	if !i.BlockedAt.IsZero() {
		facts = append(facts, fact{"Left", "on " + moment(bot, i.BlockedAt)})
	}
	return facts
}

// indented is JSON as people read it.
func indented(text json.RawMessage) string {
	var b bytes.Buffer
	if json.Indent(&b, text, "", "  ") != nil {
		return string(text)
	}
	return b.String()
}

func accountName(a *engine.Account) string { return a.Name + " on " + channels.Kind(a.Channel).Name() }
