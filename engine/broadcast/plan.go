package broadcast

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/policy"
	"github.com/blockcast/blockcast/flows"
)

func invalid(field, format string, args ...any) error {
	return &engine.Error{Code: engine.Invalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

// check says what is wrong with a plan as it is written, before anything of the
// bot is looked at.
func check(p *engine.Plan) error {
	switch {
	case p.Subject == "":
		return invalid("subject", "a broadcast needs a subject: people see it in lists and reports")
	case utf8.RuneCountInString(p.Category) > MaxCategory:
		return invalid("category", "a category has at most %d characters, this one has %d", MaxCategory, utf8.RuneCountInString(p.Category))
	case p.Content.Block == "" && len(p.Content.Messages) == 0:
		return invalid("content", "say what is sent: a block, or messages")
	case p.Content.Block != "" && len(p.Content.Messages) > 0:
		return invalid("content", "a broadcast sends a block or messages of its own, not both")
	}
	switch p.Intent {
	case "":
		p.Intent = engine.IntentPromotional
	case engine.IntentPromotional, engine.IntentDirect, engine.IntentUtility:
	default:
		return invalid("intent", "a broadcast is promotional, direct or utility, not %q", p.Intent)
	}
	return checkAudience("audience", &p.Audience)
}

// checkAudience wants exactly one way of saying who is meant: everyone is said,
// never meant by saying nothing.
func checkAudience(field string, a *engine.Audience) error {
	said := 0
	for _, is := range [...]bool{a.All, a.Where != "", a.Segment != "", a.List != ""} {
		if is {
			said++
		}
	}
	switch {
	case said == 0:
		return invalid(field, `say who is meant: {"all": true}, an expression in where, a segment or a list`)
	case said > 1:
		return invalid(field, "an audience is all, or where, or a segment, or a list: only one of them; narrow it with exclude, or with an expression")
	case a.First < 0:
		return invalid(field+".first", "first counts people: it is 0 for all, or more")
	case a.Exclude != nil:
		return checkAudience(field+".exclude", a.Exclude)
	}
	return nil
}

// filter resolves an audience to one question about each person.
func (b *Broadcasts) filter(ctx context.Context, botID string, a *engine.Audience) (*expression.Filter, error) {
	f, err := b.Resolve(ctx, botID, a)
	if err != nil || a.Exclude == nil {
		return f, err
	}
	out, err := b.Resolve(ctx, botID, a.Exclude)
	if err != nil {
		return nil, err
	}
	return &expression.Filter{Op: expression.And, Args: []expression.Filter{*f, {Op: expression.Not, Args: []expression.Filter{*out}}}}, nil
}

// reach finds the accounts a plan goes out on and what policy says of each; the
// preferred first. Accounts that cannot send are an error when they are named
// and left out when they are not.
func (b *Broadcasts) reach(ctx context.Context, bot *engine.Bot, p *engine.Plan, now time.Time) ([]Reach, error) {
	block, err := b.block(ctx, bot.ID, p)
	if err != nil {
		return nil, err
	}
	accounts, err := b.accounts(ctx, bot.ID, p.Audience.Accounts)
	if err != nil {
		return nil, err
	}
	var out []Reach
	for _, a := range accounts {
		ch, ok := b.Channels[a.Channel]
		if !ok {
			continue
		}
		r := Reach{AccountID: a.ID, Skip: policy.ForMany(a.Channel, p.Intent, offers(ch, block, a.Channel), bot.Settings.RefuseHandedOver, now)}
		if block != nil {
			r.BlockID = block.ID
		}
		out = append(out, r)
	}
	if len(out) == 0 {
		return nil, invalid("audience.accounts", "no account of this bot is active: connect one, or resume it, to send a broadcast")
	}
	return out, nil
}

// offers reports whether a block has an approved template for a channel.
func offers(ch channels.Channel, b *flows.Block, channel string) bool {
	if b == nil || !ch.Limits().Templates {
		return false
	}
	_, closed := b.Closed(channel)
	return closed || b.Templates
}

// block finds what a plan sends; nil for messages of its own.
func (b *Broadcasts) block(ctx context.Context, botID string, p *engine.Plan) (*flows.Block, error) {
	if p.Content.Block == "" {
		return nil, nil
	}
	lib, err := b.Libraries.Library(ctx, botID)
	if err != nil {
		return nil, err
	}
	_, block, err := lib.Find(p.Content.Block)
	if err != nil {
		return nil, err
	}
	switch {
	case !p.AllowRequests && block.Requests:
		return nil, invalid("content.block", "%q fetches from another system for each person: allow_requests lets it", block.Name)
	case !p.AllowQuestions && !block.Speaks():
		return nil, invalid("content.block", "%q asks or waits, and would open a conversation with everybody: allow_questions lets it", block.Name)
	}
	return block, nil
}

func (b *Broadcasts) accounts(ctx context.Context, botID string, named []string) ([]engine.Account, error) {
	all, err := b.Directory.Accounts(ctx, botID)
	if err != nil {
		return nil, err
	}
	if len(named) == 0 {
		var active []engine.Account
		for _, a := range all {
			if a.State == engine.AccountActive {
				active = append(active, a)
			}
		}
		return active, nil
	}
	byID := map[string]engine.Account{}
	for _, a := range all {
		byID[a.ID] = a
	}
	var out []engine.Account
	for _, id := range named {
		a, ok := byID[id]
		switch {
		case !ok:
			return nil, &engine.Error{Code: engine.NotFound, Field: "audience.accounts", Message: fmt.Sprintf("no account %q is known here", id)}
		case a.State == engine.AccountDisconnected:
			return nil, invalid("audience.accounts", "the account %q is disconnected", id)
		}
		out = append(out, a)
	}
	return out, nil
}
