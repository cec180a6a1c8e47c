package broadcast

import (
	"context"
	"slices"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/policy"
)

// Chances say of a person without a row in a run what they would have got if
// it were decided now.
type Chances struct {
	Included  bool // the audience means them, before who is excluded
	Excluded  bool
	Addresses []Chance // those they have on the broadcast's accounts, the preferred first
}

// Chance is one address of a person.
type Chance struct {
	Identity engine.Identity
	Skip     string // why it would be skipped, "" when it would be sent
}

// Why finds a person's rows in a run of a broadcast, the newest run's when none
// is named. Where there are none, chances say what would be decided now.
func (b *Broadcasts) Why(ctx context.Context, botID, id, runID string, c *engine.Contact, addresses []engine.Identity) (r *engine.Run, rows []engine.Delivery, chances *Chances, err error) {
	of, runs, err := b.runs(ctx, botID, id)
	if err != nil {
		return nil, nil, nil, err
	}
	if r, err = pick(runs, runID); err != nil {
		return nil, nil, nil, err
	}
	plan := of.Plan
	if r != nil {
		plan = r.Plan
		if rows, err = b.Store.RecipientRows(ctx, r.ID, c.ID); err != nil || len(rows) > 0 {
			return r, rows, nil, err
		}
	}
	chances, err = b.chances(ctx, botID, &plan, c, addresses)
	return r, nil, chances, err
}

func (b *Broadcasts) chances(ctx context.Context, botID string, p *engine.Plan, c *engine.Contact, addresses []engine.Identity) (*Chances, error) {
	now, out := b.Deps.Now(), &Chances{}
	bot, err := b.Directory.Bot(ctx, botID)
	if err != nil {
		return nil, err
	}
	means := func(a *engine.Audience) (bool, error) {
		f, err := b.Resolve(ctx, botID, a)
		if err != nil {
			return false, err
		}
		return b.Store.InAudience(ctx, botID, f, c.ID, now)
	}
	if out.Included, err = means(&p.Audience); err != nil {
		return nil, err
	}
	if p.Audience.Exclude != nil {
		if out.Excluded, err = means(p.Audience.Exclude); err != nil {
			return nil, err
		}
	}
	accounts, err := b.reach(ctx, bot, p, now)
	if err != nil {
		return nil, err
	}
	for _, a := range accounts {
		for _, i := range addresses {
			if i.AccountID == a.AccountID && !slices.ContainsFunc(out.Addresses, func(o Chance) bool { return o.Identity.ID == i.ID }) {
				out.Addresses = append(out.Addresses, Chance{Identity: i, Skip: skips(&a.Skip, c, &i, now)})
			}
		}
	}
	return out, nil
}

// skips says why an address would be skipped by what policy says of many, in
// the order in which a freeze asks.
func skips(m *policy.Many, c *engine.Contact, i *engine.Identity, now time.Time) string {
	switch {
	case i.Group:
		return policy.Group
	case !i.BlockedAt.IsZero():
		return policy.Blocked
	case m.DoNotContact && c.DoNotContact:
		return policy.DoNotContact
	case m.Consent && !i.UnsubscribedAt.IsZero():
		return policy.Unsubscribed
	case m.Consent && i.SubscribedAt.IsZero():
		return policy.NotSubscribed
	case m.HandedOver && i.HandedOver(now):
		return policy.HandedOver
	case !m.HeardSince.IsZero() && !i.LastInboundAt.After(m.HeardSince):
		return policy.WindowClosed
	}
	return ""
}
