package app

import (
	"cmp"
	"context"
	"encoding/json"
	"strconv"
	"time"
)

type broadcastsPrepare struct {
	broadcastArgument `embed:""`
}

// preflightView is what a pre-flight tells.
type preflightView struct {
	PreparedID string `json:"prepared_id"`
	State      string `json:"state"`
	Reason     string `json:"reason"`
	Audience   int64  `json:"audience"`
	Reachable  int64  `json:"reachable"`
	Made       int64  `json:"made"`
	Routes     []struct {
		AccountID string `json:"account_id"`
		Channel   string `json:"channel"`
		Route     string `json:"route"`
		Paid      bool   `json:"paid"`
		People    int64  `json:"people"`
	} `json:"routes"`
	Skipped []struct {
		Reason      string `json:"reason"`
		Explanation string `json:"explanation"`
		People      int64  `json:"people"`
	} `json:"skipped"`
	Longest []struct {
		Name       string `json:"name"`
		Characters int    `json:"characters"`
		Text       string `json:"text"`
	} `json:"longest"`
	Cost []struct {
		Currency string  `json:"currency"`
		Amount   float64 `json:"amount"`
	} `json:"cost"`
	Seconds int64    `json:"seconds"`
	Doubts  []string `json:"doubts"`
	Locks   []struct {
		ID     string `json:"id"`
		Reason string `json:"reason"`
	} `json:"locks"`
}

// Run makes a pre-flight and waits until it is ready.
func (c *broadcastsPrepare) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		if _, err := s.post(ctx, s.path("broadcasts", c.Broadcast, "prepare"), nil); err != nil {
			return err
		}
		if s.local {
			return s.line("it is made ready when a server runs: blockcast serve")
		}
		bar := newProgress(s.p.Err)
		defer bar.end()
		tick := time.NewTicker(followEvery)
		defer tick.Stop()
		for {
			raw, err := s.get(ctx, s.path("broadcasts", c.Broadcast, "preflight"))
			v, err := decode[preflightView](raw, err)
			if err != nil {
				return err
			}
			bar.show(v.Made, v.Reachable, v.State)
			if v.State != "freezing" && v.State != "preparing" {
				bar.end()
				return s.show(raw, func() error { return v.print(ctx, s, c.Broadcast) })
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-tick.C:
			}
		}
	})
}

// print shows a pre-flight to people: who, how, the longest message, doubts, and
// how to go on.
func (v *preflightView) print(ctx context.Context, s *botSession, id string) error {
	if err := s.line("meant for %s, %d would get it%s", persons(v.Audience), v.Reachable, because(v.Reason)); err != nil {
		return err
	}
	names, err := s.accountNames(ctx)
	if err != nil {
		return err
	}
	t := newTable("PEOPLE", "HOW", "WHY")
	for _, r := range v.Routes {
		how := r.Channel + " " + r.Route
		if r.Paid {
			how += ", paid"
		}
		t.add(strconv.FormatInt(r.People, 10), how, "on account "+cmp.Or(names[r.AccountID], r.AccountID))
	}
	for _, k := range v.Skipped {
		t.add(strconv.FormatInt(k.People, 10), "skipped: "+k.Reason, k.Explanation)
	}
	if err := t.write(s.p.Out); err != nil {
		return err
	}
	for _, m := range v.Longest[:min(1, len(v.Longest))] {
		if err := s.line("the longest, for %s, has %d characters: %s", m.Name, m.Characters, oneLine(m.Text)); err != nil {
			return err
		}
	}
	for _, m := range v.Cost {
		if err := s.line("it costs about %.2f %s", m.Amount, m.Currency); err != nil {
			return err
		}
	}
	if err := s.line("it takes at least %s", time.Duration(v.Seconds)*time.Second); err != nil {
		return err
	}
	for _, d := range v.Doubts {
		if err := s.line("doubt: %s", d); err != nil {
			return err
		}
	}
	for _, l := range v.Locks {
		if err := s.line("a way it would go is locked: %s\n  when somebody has looked at it: blockcast broadcasts unlock %s --note TEXT", l.Reason, l.ID); err != nil {
			return err
		}
	}
	switch {
	case len(v.Locks) > 0:
		return nil
	case v.PreparedID == "":
		return s.line("it cannot be started as it is: it is %s", v.State)
	}
	return s.line("start exactly this with: blockcast broadcasts start %s --prepared %s", id, v.PreparedID)
}

type broadcastsTest struct {
	broadcastArgument `embed:""`
	Contact           []int64  `help:"People by their ids."`
	Phone             []string `help:"People by their phones."`
}

func (c *broadcastsTest) Run(ctx context.Context, p *Process, s *settings) error {
	var to []any
	for _, id := range c.Contact {
		to = append(to, map[string]any{"contact": id})
	}
	for _, phone := range c.Phone {
		to = append(to, map[string]any{"phone": phone})
	}
	if len(to) == 0 {
		return exitWith(exitUsage, "say who tests it, with --contact or --phone")
	}
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.post(ctx, s.path("broadcasts", c.Broadcast, "test"), map[string]any{"to": to})
		v, err := decode[struct {
			Items []struct {
				Variant string        `json:"variant"`
				Error   string        `json:"error"`
				Send    *acceptedView `json:"send"`
			} `json:"items"`
		}](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error {
			t := newTable("VARIANT", "SEND", "STATUS", "WHY")
			for _, i := range v.Items {
				if i.Send == nil {
					t.add(i.Variant, "", "refused", i.Error)
					continue
				}
				t.add(i.Variant, i.Send.ID, i.Send.Status, i.Send.Explanation)
			}
			return t.write(s.p.Out)
		})
	})
}

type broadcastsLocks struct {
	botConnection `embed:""`
	All           bool `help:"Also those that were unlocked."`
}

type lockView struct {
	ID         string    `json:"id"`
	AccountID  string    `json:"account_id"`
	Intent     string    `json:"intent"`
	Reason     string    `json:"reason"`
	LockedAt   time.Time `json:"locked_at"`
	UnlockedBy string    `json:"unlocked_by"`
	Note       string    `json:"note"`
}

func (c *broadcastsLocks) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		path := s.path("broadcast-locks")
		if c.All {
			path += "?all=true"
		}
		raw, err := s.get(ctx, path)
		v, err := decode[struct {
			Items []lockView `json:"items"`
		}](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error {
			t := newTable("ID", "ACCOUNT", "INTENT", "SINCE", "UNLOCKED BY", "WHY")
			for _, l := range v.Items {
				t.add(l.ID, l.AccountID, l.Intent, s.moment(l.LockedAt), l.UnlockedBy, l.Reason+because(l.Note))
			}
			return t.write(s.p.Out)
		})
	})
}

type broadcastsUnlock struct {
	botConnection `embed:""`
	Lock          string `arg:"" help:"The lock's id."`
	Note          string `required:"" help:"What you looked at, and why it may be sent."`
}

func (c *broadcastsUnlock) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.post(ctx, s.path("broadcast-locks", c.Lock, "unlock"), map[string]any{"note": c.Note})
		v, err := decode[lockView](raw, err)
		if err != nil {
			return err
		}
		return s.show(json.RawMessage(raw), func() error {
			return s.line("account %s may send %s broadcasts again", v.AccountID, v.Intent)
		})
	})
}
