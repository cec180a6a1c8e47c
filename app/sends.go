package app

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"time"
)

// sendsCommands send blocks and tell what became of them.
type sendsCommands struct {
	Send      sendsSend      `cmd:"" help:"Send a block or a text to a person."`
	Explain   sendsExplain   `cmd:"" help:"Say in words what became of a send, and why."`
	List      sendsList      `cmd:"" help:"List deliveries, the newest first."`
	Show      sendsShow      `cmd:"" help:"Show everything about a send."`
	Settle    sendsSettle    `cmd:"" help:"Say what became of a delivery whose answer was lost."`
	SettleAll sendsSettleAll `cmd:"" name:"settle-all" help:"Say so at once for all of them, or those of a block, an account or a time."`
}

type acceptedView struct {
	ID            string   `json:"id"`
	DeliveryID    int64    `json:"delivery_id"`
	Channel       string   `json:"channel"`
	Status        string   `json:"status"`
	Reason        string   `json:"reason"`
	Explanation   string   `json:"explanation"`
	Route         string   `json:"route"`
	ChosenBecause string   `json:"chosen_because"`
	Warnings      []string `json:"warnings"`
}

type sendsSend struct {
	botConnection `embed:""`
	toPerson      `embed:""`
	Block         string            `arg:"" optional:"" help:"The block's name, id or alias."`
	Text          string            `help:"A text to send instead of a block."`
	Set           map[string]string `placeholder:"NAME=VALUE" help:"Attributes to set before."`
	Intent        string            `help:"Why: utility, agent, direct or promotional. Default: utility."`
	Force         bool              `help:"Even when the person is in a conversation."`
	Strict        bool              `help:"Refuse it when the block needs an attribute that is neither given nor known."`
	DryRun        bool              `name:"dry-run" help:"Only say what would be done."`
	NotBefore     time.Time         `name:"not-before" placeholder:"TIME" help:"When at the earliest, as in 2026-12-01T09:00:00+07:00."`
	ExpiresIn     time.Duration     `name:"expires-in" placeholder:"TIME" help:"How long it may wait. Default: 24h."`
}

func (c *sendsSend) Run(ctx context.Context, p *Process, s *settings) error {
	body, err := c.body()
	if err != nil {
		return err
	}
	return c.with(ctx, p, s, func(s *botSession) error {
		if err := s.declared(ctx, c.Set); err != nil {
			return err
		}
		raw, err := s.post(ctx, s.path("sends"), body)
		return s.order(raw, err, c.DryRun)
	})
}

// order shows what became of an order; a refusal by policy has a code of its
// own.
func (s *session) order(raw json.RawMessage, err error, dry bool) error {
	a, err := decode[acceptedView](raw, err)
	if err != nil {
		return err
	}
	if err := s.show(raw, func() error { return s.accepted(&a, dry) }); err != nil {
		return err
	}
	if a.Status == "skipped" {
		return &exitError{code: exitRefused}
	}
	return nil
}

func (c *sendsSend) body() (map[string]any, error) {
	to, err := c.to()
	if err != nil {
		return nil, err
	}
	if (c.Block == "") == (c.Text == "") {
		return nil, exitWith(exitUsage, "name a block, or give a text with --text")
	}
	body := map[string]any{"to": to}
	if c.Block != "" {
		body["block"] = c.Block
	} else {
		body["messages"] = []any{map[string]any{"text": c.Text}}
	}
	if len(c.Set) > 0 {
		body["attributes"] = typed(c.Set)
	}
	if c.Intent != "" {
		body["intent"] = c.Intent
	}
	if c.Force {
		body["force"] = true
	}
	if c.Strict {
		body["strict"] = true
	}
	if c.DryRun {
		body["dry_run"] = true
	}
	if !c.NotBefore.IsZero() {
		body["not_before"] = c.NotBefore.UTC()
	}
	if c.ExpiresIn > 0 {
		body["expires_in"] = c.ExpiresIn.String()
	}
	return body, nil
}

func (s *session) accepted(a *acceptedView, dry bool) error {
	t := newTable("WHAT", "HOW")
	status := a.Status
	if dry {
		status += " (dry run: nothing is stored)"
	}
	t.add("status", status)
	for _, row := range [][2]string{{"reason", a.Reason}, {"", a.Explanation}, {"channel", a.Channel}, {"route", a.Route}, {"to this identity because", a.ChosenBecause}, {"send", a.ID}} {
		if row[1] != "" {
			t.add(row[0], row[1])
		}
	}
	if a.DeliveryID != 0 {
		t.add("delivery", strconv.FormatInt(a.DeliveryID, 10))
	}
	for _, w := range a.Warnings {
		t.add("warning", w)
	}
	if s.local && a.Status == "queued" && !dry {
		t.add("", "it goes out when a server runs: blockcast serve")
	}
	return t.write(s.p.Out)
}

type deliveryView struct {
	ID        int64     `json:"id"`
	SendID    string    `json:"send_id"`
	ContactID int64     `json:"contact_id"`
	Block     string    `json:"block"`
	Status    string    `json:"status"`
	Reason    string    `json:"reason"`
	Class     string    `json:"class"`
	Route     string    `json:"route"`
	CreatedAt time.Time `json:"created_at"`
}

type sendsList struct {
	botConnection `embed:""`
	Status        string `help:"Only these: held, queued, sending, unknown, sent, delivered, read, failed, skipped or canceled."`
	Contact       int64  `help:"Only this contact's."`
	Limit         int    `default:"50" help:"How many at most."`
}

func (c *sendsList) Run(ctx context.Context, p *Process, s *settings) error {
	if c.Limit < 1 || c.Limit > maxItems {
		return exitWith(exitUsage, "--limit must be between 1 and %d", maxItems)
	}
	return c.with(ctx, p, s, func(s *botSession) error {
		q := url.Values{}
		if c.Status != "" {
			q.Set("status", c.Status)
		}
		if c.Contact != 0 {
			q.Set("contact", strconv.FormatInt(c.Contact, 10))
		}
		path := s.path("sends")
		if len(q) > 0 {
			path += "?" + q.Encode()
		}
		t := newTable("DELIVERY", "WHEN", "CONTACT", "BLOCK", "STATUS", "WHY", "ROUTE", "SEND")
		return showList(ctx, s.session, path, c.Limit, t, func(d deliveryView) []string {
			why := d.Reason
			if why == "" {
				why = d.Class
			}
			return []string{strconv.FormatInt(d.ID, 10), s.moment(d.CreatedAt), strconv.FormatInt(d.ContactID, 10), d.Block, d.Status, why, d.Route, d.SendID}
		})
	})
}

// sendArgument names a send among all bots: by its id, the id of its delivery,
// or as the last one.
type sendArgument struct {
	botConnection `embed:""`
	Send          string `arg:"" optional:"" default:"last" help:"Its id, its delivery's, or last."`
}

// find calls do with the send's path and its bot's session. Without --bot
// every bot is asked.
func (c *sendArgument) find(ctx context.Context, p *Process, s *settings, do func(s *botSession, id string) error) error {
	return c.connection.with(ctx, p, s, func(s *session) error {
		bots, err := c.bots(ctx, s.client)
		if err != nil {
			return err
		}
		if c.Send == "last" {
			return lastSend(ctx, s, bots, do)
		}
		for _, bot := range bots {
			b := &botSession{s, bot}
			_, err := b.get(ctx, b.path("sends", c.Send))
			if exitCode(err) == exitAbsent {
				continue
			}
			if err != nil {
				return err
			}
			return do(b, c.Send)
		}
		return exitWith(exitAbsent, "there is no send or delivery %s", c.Send)
	})
}

func (c *sendArgument) bots(ctx context.Context, api *client) ([]botView, error) {
	if c.Bot == "" {
		return listBots(ctx, api)
	}
	bot, err := findBot(ctx, api, c.Bot)
	if err != nil {
		return nil, err
	}
	return []botView{*bot}, nil
}

// lastSend finds the delivery that was made last.
func lastSend(ctx context.Context, s *session, bots []botView, do func(*botSession, string) error) error {
	var last deliveryView
	var owner *botSession
	for _, bot := range bots {
		b := &botSession{s, bot}
		list, err := s.list(ctx, b.path("sends"), 1)
		if err != nil {
			return err
		}
		deliveries, err := decodeAll[deliveryView](list)
		if err != nil {
			return err
		}
		if len(deliveries) > 0 && deliveries[0].ID > last.ID {
			last, owner = deliveries[0], b
		}
	}
	if owner == nil {
		return exitWith(exitAbsent, "nothing has been sent yet")
	}
	return do(owner, strconv.FormatInt(last.ID, 10))
}

type sendsExplain struct {
	sendArgument `embed:""`
}

func (c *sendsExplain) Run(ctx context.Context, p *Process, s *settings) error {
	return c.find(ctx, p, s, func(s *botSession, id string) error {
		raw, err := s.get(ctx, s.path("sends", id, "explain"))
		v, err := decode[struct {
			Lines []string `json:"lines"`
		}](raw, err)
		if err != nil {
			return err
		}
		return s.show(raw, func() error {
			for _, l := range v.Lines {
				if err := s.line("%s", l); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

type sendsShow struct {
	sendArgument `embed:""`
}

func (c *sendsShow) Run(ctx context.Context, p *Process, s *settings) error {
	return c.find(ctx, p, s, func(s *botSession, id string) error {
		raw, err := s.get(ctx, s.path("sends", id))
		if err != nil {
			return err
		}
		return s.show(raw, func() error { return s.facts(raw) })
	})
}

type sendsSettle struct {
	botConnection `embed:""`
	Delivery      int64  `arg:"" help:"The delivery's id."`
	As            string `arg:"" enum:"sent,delivered,read,failed" help:"What became of it: ${enum}."`
}

func (c *sendsSettle) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		id := strconv.FormatInt(c.Delivery, 10)
		raw, err := s.post(ctx, s.path("sends", id, "settle"), map[string]any{"as": c.As})
		if err != nil {
			return err
		}
		if len(raw) == 0 {
			raw = json.RawMessage("{}")
		}
		return s.show(raw, func() error { return s.line("delivery %s is %s", id, c.As) })
	})
}
