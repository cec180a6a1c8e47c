package console

import (
	"cmp"
	"context"
	"encoding/json"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

// showPage is what the page of one broadcast shows.
type showPage struct {
	*engine.Broadcast
	Who, What, When string
	Accounts        []string // by name; none: all
	Attributes      []string // set on those reached
	Due             string
	Versions        []version // the newest first
	Meant           *reached  // who would get it as things stand; nil where that is not asked
	Expected        int64     // people whoever starts it thinks of, as the page told; 0: it told none
	Check           *check    // nil before somebody checked it
	Report          *report   // nil before it started
	Locks           []locked
	Unlocks         bool   // whoever looks may open a locked way
	Trial           *trial // nil where nothing is tested any more
	CSRF            string
	blocks          map[string]string // names by id
}

func (k *Console) show(c *fiber.Ctx, s *session) error {
	b, err := k.Store.Broadcast(c.UserContext(), s.Bot.ID, c.Params("id"))
	if err != nil {
		return missing(err)
	}
	return k.shown(c, s, fiber.StatusOK, b, "")
}

func (k *Console) shown(c *fiber.Ctx, s *session, status int, b *engine.Broadcast, wrong string) error {
	return k.shownWith(c, s, status, b, wrong, &trial{})
}

// shownWith shows a broadcast with what became of a test.
func (k *Console) shownWith(c *fiber.Ctx, s *session, status int, b *engine.Broadcast, wrong string, t *trial) error {
	p, err := k.page(c.UserContext(), s, b, c.Query("run"))
	if err != nil {
		return missing(err)
	}
	if p.Versions, err = k.versions(c.UserContext(), s, b); err != nil {
		return missing(err)
	}
	if err := k.tellMeant(c.UserContext(), s, p); err != nil {
		return err
	}
	if p.Editable() {
		p.Trial, t.Most = t, broadcast.MaxTestPeople
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
	p, err := k.page(ctx, s, b, c.Query("run"))
	if err != nil {
		return missing(err)
	}
	p.Expected = expected(c.Query("expected"))
	return k.fragment(c, "live", p)
}

func (k *Console) page(ctx context.Context, s *session, b *engine.Broadcast, runID string) (*showPage, error) {
	p := &showPage{Broadcast: b, Who: who(b.Plan.Audience), Attributes: pairLines(b.Plan.Attributes), Unlocks: mayUnlock(s), When: when(s.Bot, b), Due: moment(s.Bot, b.DueAt), CSRF: s.CSRF}
	blocks, err := k.Store.ListBlocks(ctx, s.Bot.ID)
	if err != nil {
		return nil, err
	}
	p.What, p.blocks = what(b, blocks), map[string]string{}
	for _, one := range blocks {
		p.blocks[one.ID] = one.Name
	}
	all, err := k.accounts(ctx, s, b.Plan.Audience.Accounts)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, a := range all {
		names[a.ID] = a.Name + " on " + a.Channel
		if a.Chosen {
			p.Accounts = append(p.Accounts, names[a.ID])
		}
	}
	if b.State.Editable() || b.State == engine.BroadcastPaused {
		if p.Locks, err = k.locks(ctx, s, b, names); err != nil {
			return nil, err
		}
	}
	if b.State.Editable() {
		if p.Check, err = k.check(ctx, s, b); err != nil {
			return nil, err
		}
	}
	p.Report, err = k.report(ctx, s, b, runID)
	return p, err
}

// what says in words what a broadcast sends.
func what(b *engine.Broadcast, blocks []engine.BlockInfo) string {
	if n := len(b.Plan.Variants); n > 0 {
		return count(int64(n)) + " variants, by their weights"
	}
	if len(b.Plan.Content.Template) > 0 {
		return "An approved template"
	}
	named := b.Plan.Content.Block
	if named == "" {
		var list []json.RawMessage
		if json.Unmarshal(b.Plan.Content.Messages, &list) != nil || len(list) == 1 {
			return "A message of its own"
		}
		return count(int64(len(list))) + " messages of its own"
	}
	for _, one := range blocks {
		if one.ID == named || one.Name == named {
			kind := "The block "
			if one.Module {
				kind = "The module "
			}
			return kind + one.Name
		}
	}
	return "The block " + named
}

// Block is what a block is called.
func (p *showPage) Block(id string) string { return cmp.Or(p.blocks[id], id) }

// Taps says how taps on links are counted, "" where only the bot's settings do.
func (p *showPage) Taps() string {
	switch p.Plan.Track {
	case engine.TrackOff:
		return "Not counted"
	case engine.TrackCount:
		return "Counted, without telling who"
	case engine.TrackPerson:
		return "Counted by person"
	}
	return ""
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
	Expected                    int64  // how many whoever starts it thinks of; 0: nobody told
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
		return []deed{p.starting(button, "", "Send it now, before its time?"), p.checking(button), button("cancel", "Cancel", "danger", sure)}
	case engine.BroadcastRunning:
		return []deed{button("pause", "Pause", "", ""), button("cancel", "Cancel", "danger", sure)}
	case engine.BroadcastPaused:
		return []deed{button("resume", "Go on", "primary", ""), button("cancel", "Cancel", "danger", sure)}
	}
	if p.Report == nil || p.Report.Run != "" {
		return nil // what is done, is done with the newest run
	}
	var out []deed
	if p.Report.Retry > 0 && p.State != engine.BroadcastCanceled {
		out = append(out, button("retry", "Retry what can be", "", "Send it again to "+people(p.Report.Retry)+" for whom it failed for a while?"))
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
	check, start, schedule := p.checking(button), p.starting(button, "", "Send it now?"), button("schedule", "Schedule it", "", "")
	switch {
	case p.Check != nil && p.Check.Live:
	case !ready:
		check.Class = "primary"
	case timed:
		schedule.Class = "primary"
	default:
		start.Class = "primary"
	}
	out := []deed{start, check}
	if timed {
		out = []deed{schedule, start, check}
	}
	if p.State == engine.BroadcastDraft && p.Rounds == 0 {
		out = append(out, button("delete", "Delete", "danger", "Delete this draft for good?"))
	}
	return out
}

// checking is the button that has it checked, once more where it was.
func (p *showPage) checking(button func(name, says, class, asks string) deed) deed {
	if p.Check != nil && p.Check.Ready() {
		return button("check", "Check again", "", "")
	}
	return button("check", "Check it", "", "")
}

// starting is the button that sends it now: what was checked, where that is
// ready, else to as many as the page tells of.
func (p *showPage) starting(button func(name, says, class, asks string) deed, class, asks string) deed {
	d := button("start", "Start now", class, asks)
	if p.Check != nil && p.Check.Ready() {
		d.Prepared = p.Check.PreparedID
		d.Says, d.Asks = "Send what was checked", "Send it to "+people(p.Check.Reachable)+" now?"
		return d
	}
	if d.Expected = p.Expected; p.Meant != nil {
		d.Asks = "Send it to " + p.Meant.About + people(p.Meant.Reached) + " now?"
	}
	return d
}
