package app

import (
	"context"
	"strconv"
	"time"
)

// talksCommands take conversations from the bot and give them back.
type talksCommands struct {
	List    conversationsList    `cmd:"" help:"List the conversations that a person leads."`
	Take    conversationsTake    `cmd:"" help:"Take a conversation over: the bot is silent there."`
	Release conversationsRelease `cmd:"" help:"Give a conversation back to the bot."`
	Reply   conversationsReply   `cmd:"" help:"Write to the person as a person. Needs a token with the scope agent."`
	Close   conversationsClose   `cmd:"" help:"End a conversation: the bot has it again, and forgets what it had asked."`
}

type conversationView struct {
	IdentityID    int64     `json:"identity_id"`
	ContactID     int64     `json:"contact_id"`
	ContactName   string    `json:"contact_name"`
	AccountID     string    `json:"account_id"`
	Until         time.Time `json:"until"`
	Note          string    `json:"note"`
	LastInboundAt time.Time `json:"last_inbound_at"`
}

type conversationsList struct {
	botConnection `embed:""`
	With          string `enum:"agent,bot" default:"agent" help:"Who leads them: ${enum}."`
}

func (c *conversationsList) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		t := newTable("IDENTITY", "CONTACT", "NAME", "ACCOUNT", "UNTIL", "LAST HEARD FROM", "NOTE")
		return showList(ctx, s.session, s.path("conversations")+"?with="+c.With, maxItems, t, func(v conversationView) []string {
			return []string{strconv.FormatInt(v.IdentityID, 10), strconv.FormatInt(v.ContactID, 10), v.ContactName, v.AccountID,
				s.moment(v.Until), s.moment(v.LastInboundAt), v.Note}
		})
	})
}

type conversationsTake struct {
	botConnection `embed:""`
	Identity      int64  `arg:"" help:"The identity: a person on one account, see contacts show."`
	For           string `placeholder:"TIME" help:"For how long, as in 30m or 2h. Default: half an hour."`
	Note          string `help:"For your colleagues, such as who has it."`
}

func (c *conversationsTake) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.post(ctx, s.path("conversations", strconv.FormatInt(c.Identity, 10), "take"), map[string]any{"for": c.For, "note": c.Note})
		v, err := decode[conversationView](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error { return s.line("a person leads conversation %d until %s", c.Identity, s.moment(v.Until)) })
	})
}

type conversationsRelease struct {
	botConnection `embed:""`
	Identity      int64 `arg:"" help:"The identity."`
}

func (c *conversationsRelease) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.post(ctx, s.path("conversations", strconv.FormatInt(c.Identity, 10), "release"), nil)
		if err != nil {
			return err
		}
		return s.show(raw, func() error { return s.line("the bot leads conversation %d again", c.Identity) })
	})
}

type conversationsReply struct {
	botConnection `embed:""`
	Identity      int64  `arg:"" help:"The identity."`
	Text          string `arg:"" help:"What to write."`
}

func (c *conversationsReply) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		body := map[string]any{"messages": []any{map[string]any{"text": c.Text}}}
		raw, err := s.post(ctx, s.path("conversations", strconv.FormatInt(c.Identity, 10), "reply"), body)
		return s.order(raw, err, false)
	})
}

type conversationsClose struct {
	botConnection `embed:""`
	Identity      int64 `arg:"" help:"The identity."`
}

func (c *conversationsClose) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		raw, err := s.post(ctx, s.path("conversations", strconv.FormatInt(c.Identity, 10), "close"), nil)
		if err != nil {
			return err
		}
		return s.show(raw, func() error { return s.line("conversation %d is closed", c.Identity) })
	})
}
