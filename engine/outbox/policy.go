package outbox

import (
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/policy"
	"github.com/blockcast/blockcast/flows"
)

// facts is what policy is asked about a delivery as things stand; template says
// whether an approved one is there for it.
func facts(s *engine.Situation, d *engine.Delivery, template bool, now time.Time) policy.Facts {
	return policy.Facts{Channel: s.Account.Channel, Account: s.Account, Identity: s.Identity, Contact: s.Contact,
		Intent: d.Intent, Tag: d.Tag, InWindow: d.InWindowOnly, Template: template, Force: d.Force, OwnTurn: d.InteractionID != 0 && d.Intent == engine.IntentReply,
		Many: d.RunID != "", ReplyToken: d.RunID == "" && freeRoute(s, now), RefuseHandedOver: s.Bot.Settings.RefuseHandedOver, Now: now}
}

func (a *attempt) decide(template bool) policy.Decision {
	return policy.Decide(facts(a.s, a.d, template, a.o.Deps.Now()))
}

// offersTemplate reports whether a block, which may be nil, has an approved
// template for the account's channel, or says nothing else.
func (o *Outbox) offersTemplate(b *flows.Block, a *engine.Account) bool {
	if b == nil {
		return false
	}
	ch, ok := o.Channels[a.Channel]
	return ok && ch.Limits().Templates && (b.Templates || hasClosed(b, a))
}

// hasClosed reports whether a block offers a template instead of itself.
func hasClosed(b *flows.Block, a *engine.Account) bool {
	_, has := b.Closed(a.Channel)
	return has
}

// mayReply reports whether a reply token may be taken for this delivery: never
// for a broadcast's.
func (a *attempt) mayReply() bool {
	return a.d.RunID == "" && a.d.Intent != engine.IntentPromotional && freeRoute(a.s, a.o.Deps.Now())
}

// freeRoute reports whether a reply token may still live; whether one is left
// is known only when it is taken.
func freeRoute(s *engine.Situation, now time.Time) bool {
	return !s.Identity.LastInboundAt.IsZero() && now.Sub(s.Identity.LastInboundAt) < ReplyTokenLife
}

// choose picks the identity an order goes to.
func (o *Outbox) choose(ord Order, found []engine.Identity, accounts map[string]*engine.Account) (*engine.Identity, string, error) {
	now := o.Deps.Now()
	candidates := make([]policy.Candidate, len(found))
	for i := range found {
		a := accounts[found[i].AccountID]
		candidates[i] = policy.Candidate{Identity: &found[i], Account: a,
			Free: freeRoute(&engine.Situation{Identity: &found[i]}, now)}
	}
	n, because, err := policy.Choose(candidates, policy.Preference{Channel: ord.To.Prefer, Only: ord.To.Only}, now)
	if err != nil {
		return nil, "", err
	}
	return &found[n], because, nil
}
