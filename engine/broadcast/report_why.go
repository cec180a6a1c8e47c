package broadcast

import (
	"context"
	"slices"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/policy"
)

// Verdict says why a person did or did not get a broadcast.
type Verdict struct {
	Run  *engine.Run // nil: it has not begun
	Plan engine.Plan // of the run, else of the broadcast
	// Variant is what a person of this number is told, HeldOut for those who get
	// nothing, "" of a plan that tells everybody the same.
	Variant string
	Rows    []Ruling // of the run, one for each address
	// Conditions are those of an audience that is an expression, as they hold
	// now.
	Conditions []Holding
	// Chances say of a person without rows what would be decided now; nil of
	// somebody who has some.
	Chances *Chances
}

// Ruling is a person's row of a run. Because names what decided it: the cap,
// the lock, the window, in a person's words; "" where the row says all itself.
type Ruling struct {
	Delivery engine.Delivery
	Because  string
}

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
	Because  string // what decides that, as in Ruling
}

// Why finds a person's rows in a run of a broadcast, the newest run's when none
// is named. Where there are none, chances say what would be decided now.
func (b *Broadcasts) Why(ctx context.Context, botID, id, runID string, c *engine.Contact, addresses []engine.Identity) (*Verdict, error) {
	of, runs, err := b.runs(ctx, botID, id)
	if err != nil {
		return nil, err
	}
	bot, err := b.Directory.Bot(ctx, botID)
	if err != nil {
		return nil, err
	}
	v := &Verdict{Plan: of.Plan}
	if v.Run, err = pick(runs, runID); err != nil {
		return nil, err
	}
	var rows []engine.Delivery
	if v.Run != nil {
		v.Plan = v.Run.Plan
		if rows, err = b.Store.RecipientRows(ctx, v.Run.ID, c.ID); err != nil {
			return nil, err
		}
	}
	v.Variant = told(&v.Plan, of.ID, c.ID)
	if v.Conditions, err = b.holding(ctx, botID, &v.Plan, c.ID); err != nil {
		return nil, err
	}
	r := &ruling{Broadcasts: b, bot: bot, plan: &v.Plan, contactID: c.ID}
	for i := range rows {
		because, err := r.row(ctx, &rows[i], addresses)
		if err != nil {
			return nil, err
		}
		v.Rows = append(v.Rows, Ruling{rows[i], because})
	}
	if len(rows) == 0 {
		v.Chances, err = r.chances(ctx, of.ID, c, addresses)
	}
	return v, err
}

// told is the variant that a contact's number stands for.
func told(p *engine.Plan, broadcastID string, contactID int64) string {
	parts, total := portions(p)
	if total == 0 {
		return ""
	}
	n := spread(broadcastID, total).Of(contactID)
	for _, o := range parts {
		if o.from <= n && n <= o.to {
			return o.variant
		}
	}
	return ""
}

// holding asks the conditions of an expression about a person. One that cannot
// be asked any more, as an attribute of it is gone, has none.
func (b *Broadcasts) holding(ctx context.Context, botID string, p *engine.Plan, contactID int64) ([]Holding, error) {
	if p.Audience.Where == "" || b.Audiences == nil {
		return nil, nil
	}
	all, err := b.Audiences.Explain(ctx, botID, p.Audience.Where, contactID)
	switch {
	case engine.IsCode(err, engine.Invalid), engine.IsCode(err, engine.NotFound):
		return nil, nil
	case err != nil || len(all) == 0:
		return nil, err
	}
	best := slices.IndexFunc(all, func(e Explained) bool { return e.Holds })
	return all[max(best, 0)].Conditions, nil
}

// chances say what would be decided now.
func (r *ruling) chances(ctx context.Context, broadcastID string, c *engine.Contact, addresses []engine.Identity) (*Chances, error) {
	now, out, p := r.Deps.Now(), &Chances{}, r.plan
	means := func(a *engine.Audience) (bool, error) {
		f, err := r.Resolve(ctx, r.bot.ID, a)
		if err != nil {
			return false, err
		}
		return r.Store.InAudience(ctx, r.bot.ID, f, c.ID, now)
	}
	var err error
	if out.Included, err = means(&p.Audience); err != nil {
		return nil, err
	}
	if p.Audience.Exclude != nil {
		if out.Excluded, err = means(p.Audience.Exclude); err != nil {
			return nil, err
		}
	}
	accounts, err := r.reach(ctx, r.bot, p, now)
	if err != nil {
		return nil, err
	}
	_, total := portions(p)
	number := int64(0)
	if total > 0 {
		number = spread(broadcastID, total).Of(c.ID)
	}
	capped, err := r.capped(ctx, now)
	if err != nil {
		return nil, err
	}
	for _, a := range accounts {
		if number < a.From || number > a.To {
			continue
		}
		for i := range addresses {
			at := &addresses[i]
			if at.AccountID != a.AccountID {
				continue
			}
			skip := skips(&a, c, at, capped != "", now)
			because, err := r.named(ctx, skip, at.AccountID, at, now)
			if err != nil {
				return nil, err
			}
			out.Addresses = append(out.Addresses, Chance{Identity: *at, Skip: skip, Because: because})
		}
	}
	return out, nil
}

// skips says why an address would be skipped, in the order in which a freeze
// asks.
func skips(a *Reach, c *engine.Contact, i *engine.Identity, capped bool, now time.Time) string {
	m := &a.Skip
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
	case a.Locked:
		return policy.RouteLocked
	case capped:
		return policy.FrequencyCap
	case a.HeldOut:
		return policy.HeldOut
	}
	return ""
}
