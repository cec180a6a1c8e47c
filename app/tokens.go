package app

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// tokensCommands manage a bot's tokens.
type tokensCommands struct {
	Create tokensCreate `cmd:"" help:"Make a token. It is shown once."`
	Import tokensImport `cmd:"" help:"Let an old system's token open this bot, so that its callers need not change."`
	Rotate tokensRotate `cmd:"" help:"Give a token another secret; the old one is good for a while."`
	List   tokensList   `cmd:"" help:"List the tokens, without their secrets."`
	Revoke tokensRevoke `cmd:"" help:"End a token at once."`
}

type tokenView struct {
	Name       string    `json:"name"`
	Token      string    `json:"token"`
	Hash       string    `json:"hash"`
	Warnings   []string  `json:"warnings"`
	Scopes     []string  `json:"scopes"`
	CreatedAt  time.Time `json:"created_at"`
	LastUsedAt time.Time `json:"last_used_at"`
	RevokedAt  time.Time `json:"revoked_at"`
	ValidUntil time.Time `json:"valid_until"`
}

type tokensCreate struct {
	botConnection `embed:""`
	Name          string        `arg:"" help:"What it is for."`
	Scope         []string      `default:"send" enum:"send,agent,read,contacts,flows,broadcasts,admin" help:"What it may do: ${enum}. Several by commas."`
	For           time.Duration `placeholder:"TIME" help:"How long it is good for, as in 720h. Default: until it is revoked."`
}

func (c *tokensCreate) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		body := map[string]any{"name": c.Name, "scopes": c.Scope}
		if c.For > 0 {
			body["valid_until"] = time.Now().Add(c.For).UTC().Truncate(time.Second)
		}
		raw, err := s.post(ctx, s.path("tokens"), body)
		t, err := decode[tokenView](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error { return s.line("%s\n(keep it now: it is not shown again)", t.Token) })
	})
}

type tokensImport struct {
	botConnection `embed:""`
	Name          string   `arg:"" help:"What it is for."`
	Secret        string   `arg:"" help:"The old token; @FILE reads it from a file, - from the input."`
	Scope         []string `default:"send" enum:"send,agent,read,contacts,flows,broadcasts,admin" help:"What it may do: ${enum}. Several by commas."`
}

func (c *tokensImport) Run(ctx context.Context, p *Process, s *settings) error {
	read, err := readValues(p, map[string]string{"secret": c.Secret})
	if err != nil {
		return exitWith(exitUsage, "%v", err)
	}
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.post(ctx, s.path("tokens"), map[string]any{"name": c.Name, "scopes": c.Scope, "secret": read["secret"]})
		t, err := decode[tokenView](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error {
			for _, w := range t.Warnings {
				fmt.Fprintln(p.Err, "warning:", w)
			}
			return s.line("imported %s; its callers go on with the secret they have", c.Name)
		})
	})
}

type tokensRotate struct {
	botConnection `embed:""`
	Name          string `arg:"" help:"Its name, or what it begins with in the list."`
	Overlap       string `default:"24h" help:"How long the old secret is still good, as in 30m or 2d, up to 30d; 0s ends it at once."`
}

func (c *tokensRotate) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.post(ctx, s.path("tokens", c.Name, "rotate"), map[string]any{"overlap": c.Overlap})
		t, err := decode[tokenView](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error {
			return s.line("%s\n(keep it now: it is not shown again; the old one is good for %s more)", t.Token, c.Overlap)
		})
	})
}

type tokensList struct {
	botConnection `embed:""`
}

func (c *tokensList) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		t := newTable("NAME", "BEGINS", "SCOPES", "MADE", "LAST USED", "ENDS")
		return showList(ctx, s.session, s.path("tokens"), maxItems, t, func(v tokenView) []string {
			ends := s.day(v.ValidUntil)
			switch {
			case v.RevokedAt.After(time.Now()):
				ends = "replaced, ends " + s.moment(v.RevokedAt)
			case !v.RevokedAt.IsZero():
				ends = "revoked " + s.day(v.RevokedAt)
			}
			return []string{v.Name, v.Hash[:min(8, len(v.Hash))], strings.Join(v.Scopes, " "), s.day(v.CreatedAt), s.moment(v.LastUsedAt), ends}
		})
	})
}

type tokensRevoke struct {
	botConnection `embed:""`
	Name          string `arg:"" help:"Its name, or what it begins with in the list."`
}

func (c *tokensRevoke) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		if _, err := s.call(ctx, "DELETE", s.path("tokens", c.Name), nil); err != nil {
			return err
		}
		return s.show(json.RawMessage(`{"revoked":true}`), func() error { return s.line("revoked %s", c.Name) })
	})
}
