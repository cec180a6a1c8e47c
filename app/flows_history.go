package app

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
)

type flowsDiff struct {
	botConnection `embed:""`
	Flow          string `arg:"" help:"Its name or id."`
	From          string `help:"A version's number, or draft. Default: the published version."`
	To            string `help:"The same. Default: the draft."`
}

type flowDiffView struct {
	From    string `json:"from"`
	To      string `json:"to"`
	Changes []struct {
		Block  string          `json:"block"`
		Path   string          `json:"path"`
		What   string          `json:"what"`
		Before json.RawMessage `json:"before"`
		After  json.RawMessage `json:"after"`
	} `json:"changes"`
	More bool `json:"more"`
}

func (c *flowsDiff) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		q := url.Values{}
		for name, v := range map[string]string{"from": c.From, "to": c.To} {
			if v != "" {
				q.Set(name, v)
			}
		}
		raw, err := s.get(ctx, s.path("flows", c.Flow, "diff")+"?"+q.Encode())
		v, err := decode[flowDiffView](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error { return v.print(s.session) })
	})
}

// print shows a difference as what was and what is.
func (v *flowDiffView) print(s *session) error {
	if len(v.Changes) == 0 {
		return s.line("%s and %s say the same", v.From, v.To)
	}
	for _, c := range v.Changes {
		place := c.Path
		if c.Block != "" {
			place = c.Block + ": " + c.Path
		}
		lines := []string{place + " " + c.What}
		if len(c.Before) > 0 {
			lines = append(lines, "  - "+string(c.Before))
		}
		if len(c.After) > 0 {
			lines = append(lines, "  + "+string(c.After))
		}
		if err := s.line("%s", strings.Join(lines, "\n")); err != nil {
			return err
		}
	}
	if v.More {
		return s.line("and more")
	}
	return nil
}

type flowsRestore struct {
	botConnection `embed:""`
	Flow          string `arg:"" help:"Its name or id."`
	Version       int    `arg:"" help:"The version that becomes the draft."`
}

func (c *flowsRestore) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.post(ctx, s.path("flows", c.Flow, "restore"), map[string]any{"version": c.Version})
		if err != nil {
			return err
		}
		return s.show(raw, func() error {
			return s.line("version %d is the draft of %s again; publish it to let it answer people", c.Version, c.Flow)
		})
	})
}
