package app

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// webhooksCommands manage the addresses that are told what happens.
type webhooksCommands struct {
	Create     webhooksCreate     `cmd:"" help:"Have an address told what happens. Its secret is shown once."`
	List       webhooksList       `cmd:"" help:"List the webhooks, and which of them fail."`
	Show       webhooksShow       `cmd:"" help:"Show all about a webhook."`
	Change     webhooksChange     `cmd:"" help:"Change the address, the topics or the description of a webhook."`
	Enable     webhooksEnable     `cmd:"" help:"Tell a disabled webhook again, first of all what still waits for it."`
	Disable    webhooksDisable    `cmd:"" help:"Tell a webhook nothing more. What waits for it goes on waiting, for 30 days."`
	Delete     webhooksDelete     `cmd:"" help:"Delete a webhook, with what waits for it and what it was told."`
	Test       webhooksTest       `cmd:"" help:"Post a test to a webhook and show what it answers."`
	Rotate     webhooksRotate     `cmd:"" help:"Give a webhook another secret. It is shown once; for a while the old one signs too."`
	Deliveries webhooksDeliveries `cmd:"" help:"Show what a webhook was told, the newest first, and what it answered."`
	Redeliver  webhooksRedeliver  `cmd:"" help:"Post something to a webhook now: again, or before its next attempt is due."`
}

type webhookView struct {
	ID           string    `json:"id"`
	URL          string    `json:"url"`
	Description  string    `json:"description"`
	Topics       []string  `json:"topics"`
	State        string    `json:"state"`
	Reason       string    `json:"reason"`
	Failures     int       `json:"failures"`
	FailingSince time.Time `json:"failing_since"`
	Secret       string    `json:"secret"`
	Warnings     []string  `json:"warnings"`
}

// standing is how a webhook does, in a few words.
func (v *webhookView) standing(s *session) string {
	switch {
	case v.State != "active":
		return v.State + ": " + v.Reason
	case v.Failures > 0:
		return fmt.Sprintf("failing since %s (%d calls)", s.moment(v.FailingSince), v.Failures)
	}
	return v.State
}

// told says what a webhook is told of, and what is in its way.
func (v *webhookView) told(rest string) string {
	text := fmt.Sprintf("%s is told of %s%s", v.URL, strings.Join(v.Topics, ", "), rest)
	for _, w := range v.Warnings {
		text += "\nwarning: " + w
	}
	return text
}

// oneWebhook is a command about a webhook.
type oneWebhook struct {
	botConnection `embed:""`
	Webhook       string `arg:"" help:"Its id."`
}

type webhooksCreate struct {
	botConnection `embed:""`
	Address       string   `arg:"" name:"url" help:"Where it is posted to, as in https://crm.example.com/blockcast."`
	Topic         []string `required:"" sep:"," placeholder:"TOPIC" help:"What it is told of: event:NAME or event:* for notify steps, handover, contact.unsubscribed, contact.blocked, delivery.failed, delivery.skipped, account.paused, or * for all. Several by commas, or repeated."`
	Description   string   `help:"What it is for, for others to read."`
}

func (c *webhooksCreate) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.post(ctx, s.path("webhooks"), map[string]any{"url": c.Address, "topics": c.Topic, "description": c.Description})
		v, err := decode[webhookView](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error {
			return s.line("%s\nits secret: %s\n(keep it now: it is not shown again)\ntry it: blockcast webhooks test %s", v.told(""), v.Secret, v.ID)
		})
	})
}

type webhooksList struct {
	botConnection `embed:""`
}

func (c *webhooksList) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		t := newTable("ID", "URL", "TOPICS", "STATE")
		return showList(ctx, s.session, s.path("webhooks"), maxItems, t, func(v webhookView) []string {
			return []string{v.ID, v.URL, strings.Join(v.Topics, " "), v.standing(s.session)}
		})
	})
}

type webhooksShow struct{ oneWebhook }

func (c *webhooksShow) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.get(ctx, s.path("webhooks", c.Webhook))
		if err != nil {
			return err
		}
		return s.show(raw, func() error { return s.facts(raw) })
	})
}

type webhooksChange struct {
	oneWebhook
	Address     *string  `name:"to" placeholder:"URL" help:"Where it is posted to from now on."`
	Topic       []string `sep:"," placeholder:"TOPIC" help:"All it is told of from now on."`
	Description *string  `help:"What it is for."`
}

func (c *webhooksChange) Run(ctx context.Context, p *Process, s *settings) error {
	patch := map[string]any{}
	if c.Address != nil {
		patch["url"] = *c.Address
	}
	if c.Description != nil {
		patch["description"] = *c.Description
	}
	if len(c.Topic) > 0 {
		patch["topics"] = c.Topic
	}
	if len(patch) == 0 {
		return exitWith(exitUsage, "say what to change: --to, --topic or --description")
	}
	return c.patch(ctx, p, s, patch)
}

// patch changes a webhook and says how it is then.
func (c *oneWebhook) patch(ctx context.Context, p *Process, s *settings, patch map[string]any) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.call(ctx, "PATCH", s.path("webhooks", c.Webhook), patch)
		v, err := decode[webhookView](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error {
			return s.line("%s", v.told(" ("+v.standing(s.session)+")"))
		})
	})
}

type webhooksEnable struct{ oneWebhook }

func (c *webhooksEnable) Run(ctx context.Context, p *Process, s *settings) error {
	return c.patch(ctx, p, s, map[string]any{"state": "active"})
}

type webhooksDisable struct{ oneWebhook }

func (c *webhooksDisable) Run(ctx context.Context, p *Process, s *settings) error {
	return c.patch(ctx, p, s, map[string]any{"state": "disabled"})
}

type webhooksDelete struct{ oneWebhook }

func (c *webhooksDelete) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		if _, err := s.call(ctx, "DELETE", s.path("webhooks", c.Webhook), nil); err != nil {
			return err
		}
		return s.show(json.RawMessage(`{"deleted":true}`), func() error { return s.line("deleted %s", c.Webhook) })
	})
}

type webhooksRotate struct {
	oneWebhook
	Overlap string `default:"24h" help:"How long the old secret signs too, as in 30m or 2d, up to 30d; 0s ends it at once."`
}

func (c *webhooksRotate) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.post(ctx, s.path("webhooks", c.Webhook, "rotate"), map[string]any{"overlap": c.Overlap})
		v, err := decode[webhookView](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error {
			return s.line("%s\n(keep it now: it is not shown again; the old one signs too for %s more)", v.Secret, c.Overlap)
		})
	})
}
