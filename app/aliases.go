package app

import (
	"context"
	"net/url"
)

// aliasesCommands let old systems' ids mean something here.
type aliasesCommands struct {
	List   aliasesList   `cmd:"" help:"List what old systems' ids mean."`
	Set    aliasesSet    `cmd:"" help:"Let an old system's id mean a bot, account, block, tag or person."`
	Delete aliasesDelete `cmd:"" help:"Let an old system's id mean nothing."`
}

type aliasView struct {
	Kind    string `json:"kind"`
	Foreign string `json:"foreign"`
	ID      string `json:"id"`
}

type aliasesList struct {
	botConnection `embed:""`
	Kind          string `help:"Only these: bot, account, block, tag, identity or contact."`
}

func (c *aliasesList) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		path := s.path("aliases")
		if c.Kind != "" {
			path += "?" + url.Values{"kind": {c.Kind}}.Encode()
		}
		t := newTable("KIND", "OLD ID", "MEANS")
		return showList(ctx, s.session, path, maxItems, t, func(v aliasView) []string { return []string{v.Kind, v.Foreign, v.ID} })
	})
}

type aliasesSet struct {
	botConnection `embed:""`
	Kind          string `arg:"" enum:"bot,account,block,tag,identity,contact" help:"What it names: ${enum}; a module is a block."`
	Foreign       string `arg:"" help:"The id that the old system's callers send."`
	ID            string `arg:"" optional:"" help:"What it means here: an id, or the name of a block or tag. Needless for the bot itself."`
}

func (c *aliasesSet) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.call(ctx, "PUT", s.path("aliases"), aliasView{c.Kind, c.Foreign, c.ID})
		v, err := decode[aliasView](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error { return s.line("%s means %s %s", v.Foreign, v.Kind, v.ID) })
	})
}

type aliasesDelete struct {
	botConnection `embed:""`
	Kind          string `arg:"" enum:"bot,account,block,tag,identity,contact" help:"What it names: ${enum}."`
	Foreign       string `arg:"" help:"The old id."`
}

func (c *aliasesDelete) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		if _, err := s.call(ctx, "DELETE", s.path("aliases", c.Kind, c.Foreign), nil); err != nil {
			return err
		}
		return s.line("%s means nothing any more", c.Foreign)
	})
}
