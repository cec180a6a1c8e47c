package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/blockcast/blockcast/engine/broadcast"
)

type broadcastsSchedule struct {
	broadcastArgument `embed:""`
}

func (c *broadcastsSchedule) Run(ctx context.Context, p *Process, s *settings) error {
	return c.step(ctx, p, s, "schedule", nil)
}

// step moves the broadcast on and tells how it stands.
func (c *broadcastArgument) step(ctx context.Context, p *Process, s *settings, name string, body any) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		return s.tell(s.post(ctx, s.path("broadcasts", c.Broadcast, name), body))
	})
}

type broadcastsStart struct {
	broadcastArgument `embed:""`
	Prepared          string `placeholder:"ID" help:"The prepared_id of its pre-flight: sends exactly what that has made."`
	Expect            int64  `placeholder:"PEOPLE" help:"How many you think of: an audience ten times larger pauses and asks."`
	Follow            bool   `help:"Watch it until it is over."`
}

func (c *broadcastsStart) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		body := map[string]any{}
		if c.Prepared != "" {
			body["prepared_id"] = c.Prepared
		}
		if c.Expect != 0 {
			body["expected"] = c.Expect
		}
		raw, err := s.post(ctx, s.path("broadcasts", c.Broadcast, "start"), body)
		if err := s.tell(raw, err); err != nil {
			return err
		}
		if s.local {
			return s.line("it goes out when a server runs: blockcast serve")
		}
		if !c.Follow {
			return nil
		}
		return s.follow(ctx, c.Broadcast)
	})
}

type broadcastsPause struct {
	broadcastArgument `embed:""`
	Reason            string `help:"For whoever finds it paused."`
}

func (c *broadcastsPause) Run(ctx context.Context, p *Process, s *settings) error {
	return c.step(ctx, p, s, "pause", map[string]any{"reason": c.Reason})
}

type broadcastsResume struct {
	broadcastArgument `embed:""`
}

func (c *broadcastsResume) Run(ctx context.Context, p *Process, s *settings) error {
	return c.step(ctx, p, s, "resume", nil)
}

type broadcastsCancel struct {
	broadcastArgument `embed:""`
}

func (c *broadcastsCancel) Run(ctx context.Context, p *Process, s *settings) error {
	return c.step(ctx, p, s, "cancel", nil)
}

type broadcastsFollow struct {
	broadcastArgument `embed:""`
}

func (c *broadcastsFollow) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error { return s.follow(ctx, c.Broadcast) })
}

// followEvery is how often a broadcast that is watched is asked for.
const followEvery = time.Second

// follow shows how far a broadcast is until it does not go on by itself.
func (s *botSession) follow(ctx context.Context, id string) error {
	bar := newProgress(s.p.Err)
	defer bar.end()
	for tick := time.NewTicker(followEvery); ; {
		raw, err := s.get(ctx, s.path("broadcasts", id))
		b, err := decode[broadcastView](raw, err)
		if err != nil {
			return err
		}
		raw, err = s.get(ctx, s.path("broadcasts", id, "report"))
		r, err := decode[broadcastReportView](raw, err)
		if err != nil {
			return err
		}
		open := r.Total.sum("held", "queued", "sending")
		bar.show(r.Total.Audience-open, r.Total.Audience, b.State)
		if b.State != "running" {
			bar.end()
			return s.show(raw, func() error {
				if err := s.line("broadcast %s is %s%s\n%s", id, b.State, because(b.Reason), r.Sum); err != nil {
					return err
				}
				if r.Total.sum("failed", "skipped", "unknown") > 0 && b.State == "finished" {
					return s.line("why some did not get it: blockcast broadcasts report %s", id)
				}
				return s.goOn(&b)
			})
		}
		select {
		case <-ctx.Done():
			tick.Stop()
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// goOn tells how a broadcast that is paused goes on, or ends.
func (s *session) goOn(b *broadcastView) error {
	if b.State != "paused" {
		return nil
	}
	return s.line("let it go on with: blockcast broadcasts resume %s\nor end it with:     blockcast broadcasts cancel %s", b.ID, b.ID)
}

type broadcastsRetry struct {
	broadcastArgument `embed:""`
}

func (c *broadcastsRetry) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.post(ctx, s.path("broadcasts", c.Broadcast, "retry"), nil)
		v, err := decode[struct {
			Retried int `json:"retried"`
		}](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error {
			if v.Retried == 0 {
				return s.line("there is nothing that another try could mend; plan the same for those not reached with: blockcast broadcasts again %s --outcome not_reached", c.Broadcast)
			}
			return s.line("%d are tried again", v.Retried)
		})
	})
}

// somebody says which of a broadcast's people are meant.
type somebody struct {
	Outcome string `required:"" enum:"accepted,delivered,read,clicked,replied,failed,unknown,skipped,canceled,open,unsubscribed,blocked,not_reached,not_clicked" help:"Who: ${enum}."`
	Reason  string `help:"Only those skipped for this reason, or whose failure is of this class."`
	Variant string `help:"Only those of this variant."`
}

func (c *somebody) body() map[string]any {
	out := map[string]any{"outcome": c.Outcome}
	if c.Reason != "" {
		out["reason"] = c.Reason
	}
	if c.Variant != "" {
		out["variant"] = c.Variant
	}
	return out
}

type broadcastsAgain struct {
	broadcastArgument `embed:""`
	somebody          `embed:""`
}

func (c *broadcastsAgain) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.post(ctx, s.path("broadcasts", c.Broadcast, "again"), c.body())
		v, err := decode[struct {
			People    int64         `json:"people"`
			Broadcast broadcastView `json:"broadcast"`
		}](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error {
			return s.line("planned %s for %s: look at it, then start it with: blockcast broadcasts start %s", v.Broadcast.ID, persons(v.People), v.Broadcast.ID)
		})
	})
}

type broadcastsKeep struct {
	broadcastArgument `embed:""`
	Name              string `arg:"" help:"What the list is called."`
	somebody          `embed:""`
	Segment           bool `help:"Keep a segment instead: whoever it is of all runs, whenever it is asked. For accepted, read, clicked, replied and not_clicked."`
}

func (c *broadcastsKeep) Run(ctx context.Context, p *Process, s *settings) error {
	if c.Segment {
		return c.segment(ctx, p, s)
	}
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.post(ctx, s.path("broadcasts", c.Broadcast, "list"), map[string]any{"people": c.body(), "name": c.Name})
		v, err := decode[struct {
			List   string `json:"list"`
			People int64  `json:"people"`
		}](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error { return s.line("kept %s as list %s (%s)", persons(v.People), v.List, c.Name) })
	})
}

// segment keeps an expression for the outcome.
func (c *broadcastsKeep) segment(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.get(ctx, s.path("broadcasts", c.Broadcast)) // so that a misspelt id is told now
		b, err := decode[broadcastView](raw, err)
		if err != nil {
			return err
		}
		where, ok := broadcast.Filter{Outcome: broadcast.Outcome(c.Outcome), Reason: c.Reason, Variant: c.Variant}.Where(b.ID)
		if !ok {
			return exitWith(exitUsage, "a segment is of those accepted, read, clicked, replied or not_clicked, without reason and variant: leave --segment out to keep a list")
		}
		return s.segment(s.post(ctx, s.path("segments"), map[string]any{"name": c.Name, "audience": map[string]any{"where": where}}))
	})
}

type broadcastsWhy struct {
	broadcastArgument `embed:""`
	Contact           string `arg:"" help:"The person: the contact's id, or a phone number with its 0 or +, a name or your own id that nobody else has."`
}

func (c *broadcastsWhy) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		person, err := personMeant(ctx, s, c.Contact)
		if err != nil {
			return err
		}
		raw, err := s.get(ctx, s.path("broadcasts", c.Broadcast, "recipients", person))
		v, err := decode[whyView](raw, err)
		if err != nil {
			return err
		}
		return s.show(json.RawMessage(raw), func() error {
			for _, l := range v.lines() {
				if err := s.line("%s", l); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// whyView is why a person did or did not get a broadcast.
type whyView struct {
	Lines      []string `json:"lines"`
	Deliveries []struct {
		Account  string `json:"account"`
		Channel  string `json:"channel"`
		Payloads []struct {
			Body json.RawMessage `json:"body"`
		} `json:"payloads"`
	} `json:"deliveries"`
}

// lines are all of it in words, and the bytes that were made for them.
func (v *whyView) lines() []string {
	out := v.Lines
	for _, d := range v.Deliveries {
		for _, p := range d.Payloads {
			out = append(out, fmt.Sprintf("What %s gets from %s: %s", d.Channel, d.Account, oneLine(string(p.Body))))
		}
	}
	return out
}

// personMeant is the id of the contact whom a text means: an id, which begins
// with no 0, or what a search finds one person by.
func personMeant(ctx context.Context, s *botSession, text string) (string, error) {
	if id, err := strconv.ParseInt(text, 10, 64); err == nil && id > 0 && text[0] >= '1' && text[0] <= '9' {
		return text, nil
	}
	raw, err := s.get(ctx, s.path("contacts")+"?"+url.Values{"search": {text}, "limit": {"2"}}.Encode())
	found, err := decode[struct {
		Items []contactView `json:"items"`
	}](raw, err)
	switch {
	case err != nil:
		return "", err
	case len(found.Items) == 0:
		return "", exitWith(exitAbsent, "nobody is known here by %q", text)
	case len(found.Items) > 1:
		return "", exitWith(exitUsage, "more than one person is known by %q: blockcast contacts list %q shows them with their ids", text, text)
	}
	return strconv.FormatInt(found.Items[0].ID, 10), nil
}
