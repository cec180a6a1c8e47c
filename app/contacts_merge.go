package app

import (
	"context"
	"strconv"
)

type contactsMerge struct {
	botConnection `embed:""`
	Contact       int64 `arg:"" help:"The one that stays."`
	Other         int64 `arg:"" help:"The one that becomes a part of it. It cannot be undone."`
}

func (c *contactsMerge) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.post(ctx, s.path("contacts", strconv.FormatInt(c.Contact, 10), "merge"), map[string]any{"other": c.Other})
		v, err := decode[contactView](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error { return s.line("%d is %s (%d) now", c.Other, v.Name, v.ID) })
	})
}

type contactsErase struct {
	botConnection `embed:""`
	Contact       int64 `arg:"" help:"Its id."`
	Yes           bool  `help:"Do it: it cannot be undone."`
}

func (c *contactsErase) Run(ctx context.Context, p *Process, s *settings) error {
	if !c.Yes {
		return exitWith(exitUsage, "this erases the person, what they wrote and what they were sent, and cannot be undone: say it with --yes")
	}
	return c.with(ctx, p, s, func(s *botSession) error {
		if _, err := s.call(ctx, "DELETE", s.path("contacts", strconv.FormatInt(c.Contact, 10)), nil); err != nil {
			return err
		}
		return s.line("erased contact %d", c.Contact)
	})
}
