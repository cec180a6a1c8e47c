package app

import (
	"context"
	"strings"
)

// blocksCommands tell what can be sent.
type blocksCommands struct {
	List blocksList `cmd:"" help:"List the blocks of published flows."`
	Call blocksCall `cmd:"" help:"Print calls that send a block, ready to copy."`
}

type blockView struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Flow    string   `json:"flow"`
	Module  bool     `json:"module"`
	Aliases []string `json:"aliases"`
	Needs   []string `json:"needs"`
}

type blocksList struct {
	botConnection `embed:""`
}

func (c *blocksList) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		t := newTable("NAME", "FLOW", "KIND", "NEEDS", "ALSO", "ID")
		return showList(ctx, s.session, s.path("blocks"), maxItems, t, func(b blockView) []string {
			kind := "block"
			if b.Module {
				kind = "module"
			}
			return []string{b.Name, b.Flow, kind, strings.Join(b.Needs, ", "), strings.Join(b.Aliases, ", "), b.ID}
		})
	})
}
