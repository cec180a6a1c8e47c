package app

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

// accountsCommands manage a bot's connections to platforms.
type accountsCommands struct {
	Connect accountsConnect `cmd:"" help:"Connect an account: its credentials are tried and its webhook is set."`
	List    accountsList    `cmd:"" help:"List the accounts."`
	Show    accountsShow    `cmd:"" help:"Show an account and what its platform last said about it."`
	Check   accountsCheck   `cmd:"" help:"Ask the platform whether all is well with an account."`
	Update  accountsUpdate  `cmd:"" help:"Give an account new credentials, which are tried first, or another name."`
	Pause   accountsPause   `cmd:"" help:"Hold everything an account would send."`
	Resume  accountsResume  `cmd:"" help:"Let a paused account send again."`
}

type accountView struct {
	ID         string   `json:"id"`
	Channel    string   `json:"channel"`
	Name       string   `json:"name"`
	ExternalID string   `json:"external_id"`
	State      string   `json:"state"`
	Reason     string   `json:"reason"`
	WebhookURL string   `json:"webhook_url"`
	Warnings   []string `json:"warnings"`
	Platform   []string `json:"platform"`
	Notice     *struct {
		Code    string    `json:"code"`
		Message string    `json:"message"`
		At      time.Time `json:"at"`
	} `json:"notice"`
}

// why says why an account does not send, or what its platform last said.
func (a *accountView) why() string {
	if a.Reason != "" || a.Notice == nil {
		return a.Reason
	}
	return fmt.Sprintf("%s: %s (%s)", a.Notice.Code, a.Notice.Message, a.Notice.At.Format(time.DateOnly))
}

// accountNames are what people call the bot's accounts, by their ids: the name
// and, as one name may stand on several platforms, the channel.
func (s *botSession) accountNames(ctx context.Context) (map[string]string, error) {
	list, err := decode[struct {
		Items []accountView `json:"items"`
	}](s.get(ctx, s.path("accounts")))
	names := map[string]string{}
	for _, a := range list.Items {
		names[a.ID] = cmp.Or(a.Name, a.ID) + " on " + a.Channel
	}
	return names, err
}

type accountsList struct {
	botConnection `embed:""`
}

func (c *accountsList) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		t := newTable("ID", "CHANNEL", "NAME", "STATE", "REASON", "WEBHOOK")
		var paused []string
		defer func() {
			for _, line := range paused {
				fmt.Fprintln(p.Err, line)
			}
		}()
		return showList(ctx, s.session, s.path("accounts"), maxItems, t, func(a accountView) []string {
			if a.State == "paused" {
				paused = append(paused, a.pausedLine())
			}
			return []string{a.ID, a.Channel, a.Name, a.State, a.why(), a.WebhookURL}
		})
	})
}

type accountsShow struct {
	botConnection `embed:""`
	Account       string `arg:"" help:"Its id."`
}

func (c *accountsShow) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.get(ctx, s.path("accounts", c.Account))
		if err != nil {
			return err
		}
		return s.show(raw, func() error { return s.facts(raw) })
	})
}

type accountsCheck struct {
	botConnection `embed:""`
	Account       string `arg:"" help:"Its id."`
}

func (c *accountsCheck) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.post(ctx, s.path("accounts", c.Account, "check"), nil)
		if err != nil {
			return err
		}
		return s.show(raw, func() error { return s.facts(raw) })
	})
}

type accountsPause struct {
	botConnection `embed:""`
	Account       string `arg:"" help:"Its id."`
	Reason        string `default:"paused from the command line" help:"Why, for others to read."`
}

func (c *accountsPause) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		return s.setState(ctx, c.Account, map[string]any{"state": "paused", "reason": c.Reason})
	})
}

type accountsResume struct {
	botConnection `embed:""`
	Account       string `arg:"" help:"Its id."`
}

func (c *accountsResume) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		return s.setState(ctx, c.Account, map[string]any{"state": "active"})
	})
}

func (s *botSession) setState(ctx context.Context, account string, patch map[string]any) error {
	raw, err := s.call(ctx, "PATCH", s.path("accounts", account), patch)
	a, err := decode[accountView](raw, err)
	if err != nil {
		return err
	}
	return s.show(raw, func() error { return s.line("%s is %s", a.Name, a.State) })
}
