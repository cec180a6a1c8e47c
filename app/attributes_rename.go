package app

import (
	"context"
	"encoding/json"
	"fmt"
)

// usedAttributeView is an attribute with all that names it.
type usedAttributeView struct {
	attributeView
	Uses []useView `json:"uses"`
}

type attributesShow struct {
	botConnection `embed:""`
	Attribute     string `arg:"" help:"Its name."`
}

func (c *attributesShow) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.get(ctx, s.path("attributes", c.Attribute))
		v, err := decode[usedAttributeView](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error {
			if err := s.line("%s is %s, declared by %s: %s", v.Name, v.Type, v.DeclaredBy, persons(v.Contacts)); err != nil {
				return err
			}
			return s.uses(v.Uses)
		})
	})
}

type attributesRename struct {
	botConnection `embed:""`
	Attribute     string `arg:"" help:"Its name."`
	To            string `arg:"" help:"Its new name."`
	Merge         bool   `help:"Also where the new name is declared already: who has both keeps what they have of that."`
	Force         bool   `help:"Also while something names it by the old one."`
}

func (c *attributesRename) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.call(ctx, "PATCH", s.path("attributes", c.Attribute), map[string]any{"name": c.To, "merge": c.Merge, "force": c.Force})
		v, err := decode[usedAttributeView](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error { return s.line("%s is now %s: %s", c.Attribute, v.Name, persons(v.Contacts)) })
	})
}

type attributesDelete struct {
	botConnection `embed:""`
	Attribute     string `arg:"" help:"Its name."`
	Force         bool   `help:"Also while something names it."`
}

func (c *attributesDelete) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		if _, err := s.call(ctx, "DELETE", s.path("attributes", c.Attribute)+fmt.Sprintf("?force=%t", c.Force), nil); err != nil {
			return err
		}
		return s.show(json.RawMessage(`{"deleted":true}`), func() error { return s.line("deleted %s", c.Attribute) })
	})
}
