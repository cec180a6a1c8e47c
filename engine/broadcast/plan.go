package broadcast

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/policy"
	"github.com/blockcast/blockcast/flows"
)

func invalid(field, format string, args ...any) error {
	return &engine.Error{Code: engine.Invalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

// maxTolerance is in percent: ten times as many is asked about in any case.
const maxTolerance = 900

// check says what is wrong with a plan as it is written, before anything of the
// bot is looked at.
func check(p *engine.Plan) error {
	if p.Tolerance < 0 || p.Tolerance > maxTolerance {
		return invalid("tolerance", "between 0 and %d percent, not %d", maxTolerance, p.Tolerance)
	}
	if err := checkVariants(p); err != nil {
		return err
	}
	parts, _ := portions(p)
	for _, o := range parts {
		if o.content == nil {
			continue
		}
		if err := checkContent(o.field, o.content); err != nil {
			return err
		}
	}
	switch p.Intent {
	case "":
		p.Intent = engine.IntentPromotional
	case engine.IntentPromotional, engine.IntentDirect, engine.IntentUtility:
	default:
		return invalid("intent", "a broadcast is promotional, direct or utility, not %q", p.Intent)
	}
	if p.Transactional && p.Intent != engine.IntentUtility {
		return invalid("transactional", "only what people wait for minds no quiet hours and no cap: its intent is utility, not %s", p.Intent)
	}
	if err := isTracking("track", p.Track); err != nil {
		return err
	}
	if p.Frozen && p.When.Repeat != nil {
		return invalid("frozen", "what repeats finds its people each time: leave frozen or repeat out")
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

// filter resolves an audience to one question about each person. Whoever an
// exclusion excludes in turn is not left out.
func (b *Broadcasts) filter(ctx context.Context, botID string, a *engine.Audience) (*expression.Filter, error) {
	f, err := b.Resolve(ctx, botID, a)
	if err != nil || a.Exclude == nil {
		return f, err
	}
	out, err := b.filter(ctx, botID, a.Exclude)
	if err != nil {
		return nil, excluded(err)
	}
	return &expression.Filter{Op: expression.And, Args: []expression.Filter{*f, {Op: expression.Not, Args: []expression.Filter{*out}}}}, nil
}

// excluded tells that a mistake is in what an audience excludes.
func excluded(err error) error {
	if e, ok := err.(*engine.Error); ok {
		return inField(err, "audience.exclude"+strings.TrimPrefix(e.Field, "audience"))
	}
	return err
}

// reach finds the accounts a plan goes out on, what each part of the audience is
// told there and what policy says of it; the preferred account first. Accounts
// that cannot send are an error when they are named and left out when they are
// not.
func (b *Broadcasts) reach(ctx context.Context, bot *engine.Bot, p *engine.Plan, now time.Time) ([]Reach, error) {
	parts, _ := portions(p)
	said := make([]*flows.Block, len(parts))
	for i, o := range parts {
		if o.content == nil {
			continue
		}
		var err error
		if said[i], err = b.content(ctx, bot, p, o.content, o.field); err != nil {
			return nil, err
		}
	}
	accounts, err := b.accounts(ctx, bot.ID, p.Audience.Accounts)
	if err != nil {
		return nil, err
	}
	locks, err := b.Store.RouteLocks(ctx, bot.ID, true)
	if err != nil {
		return nil, err
	}
	var out []Reach
	for place, a := range accounts {
		ch, ok := b.Channels[a.Channel]
		if !ok {
			continue
		}
		for i, o := range parts {
			r := Reach{Place: place, AccountID: a.ID, Variant: o.variant, From: o.from, To: o.to, HeldOut: o.content == nil,
				Locked: locked(locks, a.ID, p.Intent),
				Window: policy.ForMany(a.Channel, p.Intent, false, false, now).HeardSince,
				Skip:   policy.ForMany(a.Channel, p.Intent, offers(ch, said[i], a.Channel), bot.Settings.RefuseHandedOver, now)}
			if said[i] != nil {
				r.BlockID = said[i].ID
			}
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		return nil, invalid("audience.accounts", "no account of this bot is active: connect one, or resume it, to send a broadcast")
	}
	return out, nil
}

func locked(locks []engine.RouteLock, accountID string, intent engine.Intent) bool {
	return slices.ContainsFunc(locks, func(l engine.RouteLock) bool { return l.AccountID == accountID && l.Intent == intent })
}

// offers reports whether a block has an approved template for a channel.
func offers(ch channels.Channel, b *flows.Block, channel string) bool {
	if b == nil || !ch.Limits().Templates {
		return false
	}
	_, closed := b.Closed(channel)
	return closed || b.Templates
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
