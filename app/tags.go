package app

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
)

// tagsCommands manage tags.
type tagsCommands struct {
	List   tagsList   `cmd:"" help:"List the tags, with how many people have each."`
	Show   tagsShow   `cmd:"" help:"Show all that names a tag."`
	Rename tagsRename `cmd:"" help:"Rename a tag. Refused, with a list, while something names it."`
	Delete tagsDelete `cmd:"" help:"Take a tag off everybody and forget it. Refused, with a list, while something names it."`
}

type tagView struct {
	Name     string    `json:"name"`
	Contacts int64     `json:"contacts"`
	Uses     []useView `json:"uses"`
}

type tagsList struct {
	botConnection `embed:""`
}

func (c *tagsList) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		t := newTable("NAME", "PEOPLE")
		return showList(ctx, s.session, s.path("tags"), maxItems, t, func(v tagView) []string {
			return []string{v.Name, strconv.FormatInt(v.Contacts, 10)}
		})
	})
}

type tagsShow struct {
	botConnection `embed:""`
	Tag           string `arg:"" help:"Its name."`
}

func (c *tagsShow) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.get(ctx, s.path("tags", c.Tag))
		v, err := decode[tagView](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error {
			if err := s.line("%s: %s", v.Name, persons(v.Contacts)); err != nil {
				return err
			}
			return s.uses(v.Uses)
		})
	})
}

type tagsRename struct {
	botConnection `embed:""`
	Tag           string `arg:"" help:"Its name."`
	To            string `arg:"" help:"Its new name."`
	Force         bool   `help:"Also while something names it by the old one."`
}

func (c *tagsRename) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.call(ctx, "PATCH", s.path("tags", c.Tag), map[string]any{"name": c.To, "force": c.Force})
		v, err := decode[tagView](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error { return s.line("%s is now %s", c.Tag, v.Name) })
	})
}

type tagsDelete struct {
	botConnection `embed:""`
	Tag           string `arg:"" help:"Its name."`
	Force         bool   `help:"Also while something names it."`
}

func (c *tagsDelete) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		if _, err := s.call(ctx, "DELETE", s.path("tags", c.Tag)+fmt.Sprintf("?force=%t", c.Force), nil); err != nil {
			return err
		}
		return s.show(json.RawMessage(`{"deleted":true}`), func() error { return s.line("deleted %s", c.Tag) })
	})
}
