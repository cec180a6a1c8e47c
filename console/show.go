package console

import (
	"context"
	"encoding/json"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
)

// showPage is what the page of one broadcast shows.
type showPage struct {
	*engine.Broadcast
	Who, What, When string
	Accounts        []string // by name; none: all
	Due             string
	Check           *check  // nil before somebody checked it
	Report          *report // nil before it started
	CSRF            string
}

func (k *Console) show(c *fiber.Ctx, s *session) error {
	b, err := k.Store.Broadcast(c.UserContext(), s.Bot.ID, c.Params("id"))
	if err != nil {
		return missing(err)
	}
	return k.shown(c, s, fiber.StatusOK, b, "")
}

func (k *Console) shown(c *fiber.Ctx, s *session, status int, b *engine.Broadcast, wrong string) error {
	p, err := k.page(c.UserContext(), s, b)
	if err != nil {
		return err
	}
	step := "Check"
	if p.Report != nil {
		step = "Report"
	}
	return k.render(c, status, "show", &frame{Title: b.Plan.Subject, Session: s, Error: wrong, Step: step, Page: p})
}

// progress is what moves on the page of a broadcast.
func (k *Console) progress(c *fiber.Ctx, s *session) error {
	ctx := c.UserContext()
	b, err := k.Store.Broadcast(ctx, s.Bot.ID, c.Params("id"))
	if err != nil {
		return missing(err)
	}
	p, err := k.page(ctx, s, b)
	if err != nil {
		return err
	}
	return k.fragment(c, "live", p)
}

func (k *Console) page(ctx context.Context, s *session, b *engine.Broadcast) (*showPage, error) {
	p := &showPage{Broadcast: b, Who: who(b.Plan.Audience), When: when(s.Bot, b), Due: moment(s.Bot, b.DueAt), CSRF: s.CSRF}
	var err error
	if p.What, err = k.what(ctx, b); err != nil {
		return nil, err
	}
	all, err := k.accounts(ctx, s, b.Plan.Audience.Accounts)
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		if a.Chosen {
			p.Accounts = append(p.Accounts, a.Name+" on "+a.Channel)
		}
	}
	if b.State.Editable() {
		if p.Check, err = k.check(ctx, s, b); err != nil {
			return nil, err
		}
	}
	p.Report, err = k.report(ctx, s, b)
	return p, err
}

// what says in words what a broadcast sends.
func (k *Console) what(ctx context.Context, b *engine.Broadcast) (string, error) {
	if n := len(b.Plan.Variants); n > 0 {
		return count(int64(n)) + " variants, by their weights", nil
	}
	if len(b.Plan.Content.Template) > 0 {
		return "An approved template", nil
	}
	named := b.Plan.Content.Block
	if named == "" {
		var list []json.RawMessage
		if json.Unmarshal(b.Plan.Content.Messages, &list) != nil || len(list) == 1 {
			return "A message of its own", nil
		}
		return count(int64(len(list))) + " messages of its own", nil
	}
	blocks, err := k.Store.ListBlocks(ctx, b.BotID)
	if err != nil {
		return "", err
	}
	for _, one := range blocks {
		if one.ID == named || one.Name == named {
			kind := "The block "
			if one.Module {
				kind = "The module "
			}
			return kind + one.Name, nil
		}
	}
	return "The block " + named, nil
}

// Editable reports whether it may still be changed.
func (p *showPage) Editable() bool { return p.State.Editable() }

// Why is why it stands as it does, "" when nobody said.
func (p *showPage) Why() string {
	return p.Reason
}

// deed is a button of a broadcast's page.
type deed struct {
	ID, Deed, Says, Class, CSRF string
	Asks                        string // before it is done; "": nothing
	Prepared                    string // the pre-flight that is started
}

// Deeds are the buttons that fit the state.
func (p *showPage) Deeds() []deed {
	button := func(name, says, class, asks string) deed {
		return deed{ID: p.ID, Deed: name, Says: says, Class: class, CSRF: p.CSRF, Asks: asks}
	}
	const sure = "Cancel it for good? What has not gone out will not."
	switch p.State {
	case engine.BroadcastDraft, engine.BroadcastMissed:
		return p.beginnings(button)
	case engine.BroadcastScheduled:
		return []deed{p.starting(button, "", "Send it now, before its time?"), button("check", "Check it", "", ""), button("cancel", "Cancel", "danger", sure)}
	case engine.BroadcastRunning:
		return []deed{button("pause", "Pause", "", ""), button("cancel", "Cancel", "danger", sure)}
	case engine.BroadcastPaused:
		return []deed{button("resume", "Go on", "primary", ""), button("cancel", "Cancel", "danger", sure)}
	}
	if p.Report == nil {
		return nil
	}
	var out []deed
	if p.Retryable() {
		out = append(out, button("retry", "Retry what failed", "", ""))
	}
	if p.Report.Missed() > 0 {
		out = append(out, button("again", "Send to those not reached", "", ""))
	}
	return out
}

// beginnings are the buttons of what has not begun: the next step stands out.
func (p *showPage) beginnings(button func(name, says, class, asks string) deed) []deed {
	ready := p.Check != nil && p.Check.Ready()
	timed := p.Plan.When.At != ""
	check, start, schedule := button("check", "Check it", "", ""), p.starting(button, "", "Send it now?"), button("schedule", "Schedule it", "", "")
	switch {
	case p.Check != nil && p.Check.Live:
	case !ready:
		check.Class = "primary"
	case timed:
		schedule.Class = "primary"
	default:
		start.Class = "primary"
	}
	if ready {
		check.Says = "Check again"
	}
	if timed {
		return []deed{schedule, start, check}
	}
	return []deed{start, check}
}

// starting is the button that sends it now: what was checked, where that is
// ready.
func (p *showPage) starting(button func(name, says, class, asks string) deed, class, asks string) deed {
	d := button("start", "Start now", class, asks)
	if p.Check != nil && p.Check.Ready() {
		d.Prepared = p.Check.PreparedID
		d.Says, d.Asks = "Send what was checked", "Send it to "+people(p.Check.Reachable)+" now?"
	}
	return d
}
