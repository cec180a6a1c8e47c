package broadcast

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/policy"
	"github.com/blockcast/blockcast/flows"
)

// Sizes of estimates.
const (
	sampleSize     = 20_000 // contacts that are asked where all would take too long
	estimatePeople = 5      // that are named
	confidence     = 1.96   // of the margin: 19 of 20 samples are within it
)

// Routes of an estimate.
const (
	RouteFree     = "free"
	RoutePaid     = "paid"
	RouteTemplate = "template" // free or paid, as the platform has it
)

// Asked is what an estimate is about.
type Asked struct {
	Audience engine.Audience
	Intent   engine.Intent // "": promotional
	Block    string        // what is sent, for its templates; "" for none
}

// Estimate says whom an audience means and how they would be reached now.
type Estimate struct {
	Exact      bool
	Sample     int64 // contacts that were asked, of an estimate that is not exact
	Margin     int64 // people more or fewer, in 19 of 20 such estimates; 0 when it is exact
	At         time.Time
	People     int64 // whom the audience means
	Reached    int64 // who would be sent something, no more than the audience's first
	Elsewhere  int64 // who has no address on these accounts
	Accounts   []EstimatedAccount
	Conditions []Effect
	Samples    []Sample
	Warnings   []string
}

// EstimatedAccount is an estimate's part of one account. A person counts on the
// one that is chosen for them.
type EstimatedAccount struct {
	AccountID string
	Channel   string
	Name      string
	Routes    map[string]int64 // by free, paid and template
	Skipped   map[string]int64 // by reason
}

// Effect is what one condition of an expression does.
type Effect struct {
	Where  string
	People int64 // whom it alone holds for
}

// Estimate counts an audience within about a second: exactly when that is
// enough, else from a sample, with how far off it may be.
func (b *Broadcasts) Estimate(ctx context.Context, botID string, of Asked) (*Estimate, error) {
	if err := checkAudience("audience", &of.Audience); err != nil {
		return nil, err
	}
	q, out, err := b.survey(ctx, botID, &of)
	if err != nil {
		return nil, err
	}
	got, err := b.surveyed(ctx, *q)
	switch {
	case errors.Is(err, ErrSlow):
		return nil, &engine.Error{Code: engine.Unavailable, Field: "audience", Message: "the database is too busy to count this audience: try again in a while"}
	case err != nil:
		return nil, err
	}
	out.fill(got, of.Audience.First)
	if !out.Exact {
		out.Warnings = append(out.Warnings, fmt.Sprintf("counting everybody takes longer than a second: %d contacts were asked, who stand for all", out.Sample))
	}
	return out, nil
}

// Asking is what turns expressions into audiences here.
func (b *Broadcasts) Asking() *Audiences { return b.Audiences }

// survey readies the question of an estimate and what is known before it.
func (b *Broadcasts) survey(ctx context.Context, botID string, of *Asked) (*Survey, *Estimate, error) {
	if of.Intent == "" {
		of.Intent = engine.IntentPromotional
	}
	now := b.Deps.Now()
	bot, err := b.Directory.Bot(ctx, botID)
	if err != nil {
		return nil, nil, err
	}
	filter, err := b.Audiences.Whole(ctx, botID, &of.Audience)
	if err != nil {
		return nil, nil, err
	}
	block, err := b.estimated(ctx, botID, of.Block)
	if err != nil {
		return nil, nil, err
	}
	accounts, err := b.accounts(ctx, botID, of.Audience.Accounts)
	if err != nil {
		return nil, nil, err
	}
	q := &Survey{BotID: botID, Filter: filter, Each: of.Audience.EveryIdentity, Samples: estimatePeople, Now: now}
	out := &Estimate{At: now}
	for _, a := range accounts {
		ch, ok := b.Channels[a.Channel]
		if !ok {
			continue
		}
		q.Accounts = append(q.Accounts, Surveying{a.ID, policy.ForMany(a.Channel, of.Intent, offers(ch, block, a.Channel), bot.Settings.RefuseHandedOver, now)})
		out.Accounts = append(out.Accounts, EstimatedAccount{AccountID: a.ID, Channel: a.Channel, Name: a.Name, Routes: map[string]int64{}, Skipped: map[string]int64{}})
	}
	return q, out, b.conditions(ctx, botID, &of.Audience, q, out)
}

// estimated finds the block whose templates an estimate counts with, nil when
// none is named.
func (b *Broadcasts) estimated(ctx context.Context, botID, name string) (*flows.Block, error) {
	if name == "" {
		return nil, nil
	}
	lib, err := b.Libraries.Library(ctx, botID)
	if err != nil {
		return nil, err
	}
	_, block, err := lib.Find(name)
	return block, err
}

// conditions adds what an expression joins with and, each to be asked alone.
func (b *Broadcasts) conditions(ctx context.Context, botID string, a *engine.Audience, q *Survey, out *Estimate) error {
	if a.Where == "" {
		return nil
	}
	question, warnings, err := b.Audiences.Question(ctx, botID, a.Where)
	if err != nil {
		return err
	}
	for _, w := range warnings {
		out.Warnings = append(out.Warnings, w.Error())
	}
	for _, c := range question.Conditions() {
		q.Conditions = append(q.Conditions, &c.Filter)
		out.Conditions = append(out.Conditions, Effect{Where: c.Source})
	}
	return nil
}

// fill puts what was counted into an estimate.
func (e *Estimate) fill(got *Surveyed, first int) {
	e.Exact = got.Of == 0
	of := func(n int64) int64 {
		if e.Exact || got.Drawn == 0 {
			return n
		}
		return int64(math.Round(float64(n) / float64(got.Drawn) * float64(got.Of)))
	}
	e.People = of(got.People)
	for i, n := range got.Conditions {
		e.Conditions[i].People = of(n)
	}
	placed := int64(0)
	for _, r := range got.Routes {
		i := slices.IndexFunc(e.Accounts, func(a EstimatedAccount) bool { return a.AccountID == r.AccountID })
		if i < 0 {
			continue
		}
		n := of(r.Count)
		placed += n
		if r.Skip != "" {
			e.Accounts[i].Skipped[r.Skip] += n
			continue
		}
		e.Accounts[i].Routes[r.Route] += n
		e.Reached += n
	}
	e.Elsewhere = max(0, e.People-placed)
	if first > 0 {
		e.Reached = min(e.Reached, int64(first))
	}
	e.Samples = got.Samples
	if !e.Exact {
		e.Sample, e.Margin = got.Asked, margin(got.People, got.Drawn, got.Of)
	}
}

// margin is how far off a number of people may be that was found by looking at
// some places of all that there are.
func margin(found, drawn, all int64) int64 {
	if drawn == 0 {
		return 0
	}
	share := float64(found) / float64(drawn)
	// Not below what one person more or fewer makes: a sample without anybody
	// does not say that there is nobody.
	spread := math.Sqrt(max(share*(1-share), 1/float64(drawn)) / float64(drawn))
	return int64(math.Ceil(confidence * spread * float64(all)))
}

// Holding is one condition of an audience and whether it holds for somebody.
type Holding struct {
	Where string
	Holds bool
}

// Explained is an expression asked of one address, condition by condition.
type Explained struct {
	Matched
	Holds      bool
	Conditions []Holding
}

// Explain asks an expression of each address of a person.
func (a *Audiences) Explain(ctx context.Context, botID, where string, contactID int64) ([]Explained, error) {
	r := &resolving{a: a, botID: botID, now: a.Now()}
	q, _, err := r.question(ctx, "where", where)
	if err != nil {
		return nil, err
	}
	addresses, err := a.Store.Addresses(ctx, botID, []int64{contactID}, r.now)
	if err != nil {
		return nil, err
	}
	var out []Explained
	for _, at := range addresses {
		e := Explained{Matched: at.Matched, Holds: true}
		for _, c := range q.Conditions() {
			holds, err := c.Holds(&at.Person)
			if err != nil {
				return nil, invalid("where", "%q: %v", c.Source, err)
			}
			e.Conditions = append(e.Conditions, Holding{c.Source, holds})
			e.Holds = e.Holds && holds
		}
		out = append(out, e)
	}
	return out, nil
}
