package app

import (
	"cmp"
	"context"
	"encoding/json"
	"time"
)

type broadcastsPrepare struct {
	broadcastArgument `embed:""`
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
			names, err := s.accountNames(ctx)
			if err != nil {
				return err
			}
			t := newTable("ID", "ACCOUNT", "INTENT", "SINCE", "UNLOCKED BY", "WHY")
			for _, l := range v.Items {
				t.add(l.ID, cmp.Or(names[l.AccountID], l.AccountID), l.Intent, s.moment(l.LockedAt), l.UnlockedBy, l.Reason+because(l.Note))
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
			names, err := s.accountNames(ctx)
			if err != nil {
				return err
			}
			return s.line("account %s may send %s broadcasts again", cmp.Or(names[v.AccountID], v.AccountID), v.Intent)
		})
	})
}
