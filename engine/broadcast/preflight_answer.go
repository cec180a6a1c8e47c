package broadcast

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/policy"
)

// Preflight is what a pre-flight tells of a broadcast before it starts.
type Preflight struct {
	RunID string `json:"run_id"`
	// PreparedID starts exactly this, once; "" while it is not ready or cannot
	// be started any more.
	PreparedID string          `json:"prepared_id,omitempty"`
	State      engine.RunState `json:"state"` // freezing, preparing, held: ready; started runs go on
	Reason     string          `json:"reason,omitempty"`
	Version    int             `json:"version"`
	At         time.Time       `json:"at"`
	Audience   int64           `json:"audience"`  // all who are meant: reached, skipped and failed
	Reachable  int64           `json:"reachable"` // to whom it would go
	Made       int64           `json:"made"`      // whose message is made so far
	Track      engine.Tracking `json:"track"`     // how taps on links will be counted
	Linked     int64           `json:"linked"`    // people whose message has links that count

	Routes   []PreflightRoute `json:"routes"`
	Skipped  []PreflightSkip  `json:"skipped"`
	Variants map[string]int64 `json:"variants,omitempty"` // reachable people of each
	Renders  int64            `json:"renders"`            // different messages
	Unmade   int64            `json:"unmade"`             // made when they are sent, as their block asks or plans
	Failed   int64            `json:"failed"`             // that cannot be made

	Longest    []engine.Finding `json:"longest"`
	Emptiest   []engine.Finding `json:"emptiest"`
	OverLimit  []engine.Finding `json:"over_limit"`
	Degraded   []engine.Finding `json:"degraded"`
	Failures   []engine.Finding `json:"failures"`
	OverLimits int64            `json:"over_limits"` // how many there are in all
	Degrades   int64            `json:"degrades"`

	Quotas []PreflightQuota `json:"quotas"`
	Cost   []PreflightCost  `json:"cost"` // a sum for each currency; paid routes without a price are in Unpriced
	// Unpriced is how many messages go by paid routes whose price is not set.
	Unpriced int64 `json:"unpriced"`
	// Seconds is how long it takes at the accounts' rates, at least.
	Seconds int64 `json:"seconds"`

	Hits   []engine.Hit       `json:"hits"`  // of promotion under another intent
	Locks  []engine.RouteLock `json:"locks"` // that keep it from being sent
	Doubts []string           `json:"doubts"`
}

// PreflightRoute is how many people one account reaches by one way.
type PreflightRoute struct {
	AccountID string `json:"account_id"`
	Channel   string `json:"channel"`
	Route     string `json:"route"` // push, template, or "" of what is made when it is sent
	Paid      bool   `json:"paid"`
	People    int64  `json:"people"`
}

// PreflightSkip is how many people are left out for one reason.
type PreflightSkip struct {
	Reason      string `json:"reason"`
	Explanation string `json:"explanation"`
	People      int64  `json:"people"`
}

// PreflightQuota compares what is needed with what is left of a paid month.
type PreflightQuota struct {
	AccountID string `json:"account_id"`
	Needed    int64  `json:"needed"`
	Left      *int64 `json:"left"` // null: the platform does not tell, or sets no bound
	Short     int64  `json:"short,omitempty"`
}

// PreflightCost is a sum of money.
type PreflightCost struct {
	Currency string  `json:"currency"`
	Amount   float64 `json:"amount"`
}

// Preflight returns the newest pre-flight of a broadcast, ready or on its way.
// *engine.Error with NotFound: it has none.
func (b *Broadcasts) Preflight(ctx context.Context, botID, id string) (*Preflight, error) {
	of, err := b.Store.Broadcast(ctx, botID, id)
	if err != nil {
		return nil, err
	}
	list, err := b.Store.Checks(ctx, botID, id)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, &engine.Error{Code: engine.NotFound, Field: "id", Message: fmt.Sprintf("the broadcast %q has no pre-flight: prepare makes one", of.Plan.Subject)}
	}
	r := &list[0]
	counts, err := b.Store.CountRoutes(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	accounts, err := b.Directory.Accounts(ctx, botID)
	if err != nil {
		return nil, err
	}
	bot, err := b.Directory.Bot(ctx, botID)
	if err != nil {
		return nil, err
	}
	p := newPreflight(r)
	if err := b.show(ctx, botID, p.Longest, p.Emptiest, p.OverLimit, p.Degraded, p.Failures); err != nil {
		return nil, err
	}
	t := telling{Preflight: p, run: r, accounts: accounts, channels: b.Channels, prices: bot.Settings.Broadcasts.Prices}
	t.count(counts)
	t.quotas()
	if p.Locks, err = b.locksOn(ctx, r, t.reached); err != nil {
		return nil, err
	}
	if len(p.Locks) > 0 {
		p.PreparedID = ""
	}
	t.doubt()
	return p, nil
}

func newPreflight(r *engine.Run) *Preflight {
	f := r.Findings
	p := &Preflight{RunID: r.ID, State: r.State, Reason: r.Reason, Version: r.Version, At: r.CreatedAt, Unmade: f.Unmade, Track: cmp.Or(r.Plan.Track, engine.TrackOff), Linked: f.Linked,
		Longest: some(f.Longest), Emptiest: some(f.Emptiest), OverLimit: some(f.OverLimit), Degraded: some(f.Degraded), Failures: some(f.Failed),
		OverLimits: f.OverLimits, Degrades: f.Degrades, Hits: some(f.Hits),
		Routes: []PreflightRoute{}, Skipped: []PreflightSkip{}, Quotas: []PreflightQuota{}, Cost: []PreflightCost{}, Doubts: []string{}, Made: f.Held}
	if r.State == engine.RunHeld && r.Checking == engine.CheckOnly {
		p.PreparedID = r.PreparedID
	}
	return p
}

func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// locksOn are the locks that hold for what a run sends on some accounts.
func (b *Broadcasts) locksOn(ctx context.Context, r *engine.Run, accounts []string) ([]engine.RouteLock, error) {
	locks, err := b.Store.RouteLocks(ctx, r.BotID, true)
	if err != nil {
		return nil, err
	}
	return some(slices.DeleteFunc(locks, func(l engine.RouteLock) bool {
		return l.Intent != r.Plan.Intent || !slices.Contains(accounts, l.AccountID)
	})), nil
}

// telling adds up what a pre-flight has counted.
type telling struct {
	*Preflight
	run      *engine.Run
	accounts []engine.Account
	channels map[string]channels.Channel
	prices   []engine.Price
	reached  []string // accounts
}

func (t *telling) count(counts []RouteCount) {
	took := map[string]time.Duration{} // by account: they go on side by side
	for _, c := range counts {
		t.Audience += c.People
		switch c.Status {
		case engine.Skipped, engine.Canceled:
			t.skip(c.Reason, c.People)
			if c.Reason == policy.RouteLocked && !slices.Contains(t.reached, c.AccountID) {
				t.reached = append(t.reached, c.AccountID)
			}
			continue
		case engine.Failed:
			t.Failed += c.People
			continue
		}
		t.Reachable += c.People
		t.Renders += c.Renders
		if c.Variant != "" {
			if t.Variants == nil {
				t.Variants = map[string]int64{}
			}
			t.Variants[c.Variant] += c.People
		}
		took[c.AccountID] += t.route(c)
		t.Seconds = max(t.Seconds, int64((took[c.AccountID]+time.Second-1)/time.Second))
	}
	for _, r := range t.Routes {
		if r.Paid {
			t.pay(r)
		}
	}
	slices.SortFunc(t.Cost, func(x, y PreflightCost) int { return strings.Compare(x.Currency, y.Currency) })
}

func (t *telling) skip(reason string, people int64) {
	for i := range t.Skipped {
		if t.Skipped[i].Reason == reason {
			t.Skipped[i].People += people
			return
		}
	}
	t.Skipped = append(t.Skipped, PreflightSkip{Reason: reason, Explanation: policy.Explain(reason), People: people})
}

// route adds people that one account reaches, and returns how long they take.
func (t *telling) route(c RouteCount) time.Duration {
	if !slices.Contains(t.reached, c.AccountID) {
		t.reached = append(t.reached, c.AccountID)
	}
	channel := ""
	if i := slices.IndexFunc(t.accounts, func(a engine.Account) bool { return a.ID == c.AccountID }); i >= 0 {
		channel = t.accounts[i].Channel
	}
	paid := policy.Paid(channel, c.Route, t.run.CreatedAt)
	i := slices.IndexFunc(t.Routes, func(r PreflightRoute) bool { return r.AccountID == c.AccountID && r.Route == c.Route })
	if i < 0 {
		i = len(t.Routes)
		t.Routes = append(t.Routes, PreflightRoute{AccountID: c.AccountID, Channel: channel, Route: c.Route, Paid: paid})
	}
	t.Routes[i].People += c.People
	ch, ok := t.channels[channel]
	if !ok || ch.Limits().PushPerSecond == 0 {
		return 0
	}
	calls := c.People
	if size := int64(ch.Limits().MulticastSize); size > 1 && c.Renders > 0 {
		calls = min(calls, c.People/size+c.Renders)
	}
	return time.Duration(calls) * time.Second / time.Duration(ch.Limits().PushPerSecond)
}

// pay adds the price of what goes out by a paid route, when all routes are
// known.
func (t *telling) pay(c PreflightRoute) {
	messages := t.calls(c)
	i := slices.IndexFunc(t.prices, func(p engine.Price) bool { return p.AccountID == c.AccountID && p.Route == c.Route })
	if i < 0 {
		t.Unpriced += messages
		return
	}
	p := t.prices[i]
	at := slices.IndexFunc(t.Cost, func(o PreflightCost) bool { return o.Currency == p.Currency })
	if at < 0 {
		at = len(t.Cost)
		t.Cost = append(t.Cost, PreflightCost{Currency: p.Currency})
	}
	t.Cost[at].Amount += float64(messages) * p.Amount
}

// calls is how many calls a route takes: its people's part of those that its
// account takes, rounded up, and one for each of them at least.
func (t *telling) calls(of PreflightRoute) int64 {
	people := int64(0)
	for _, r := range t.Routes {
		if r.AccountID == of.AccountID && r.Route != "" {
			people += r.People
		}
	}
	if people == 0 {
		return of.People
	}
	return max(of.People, (t.run.Findings.Calls[of.AccountID]*of.People+people-1)/people)
}

func (t *telling) quotas() {
	ids := make([]string, 0, len(t.run.Findings.Calls))
	for id := range t.run.Findings.Calls {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		q := PreflightQuota{AccountID: id, Needed: t.run.Findings.Calls[id]}
		if known, ok := t.run.Findings.Quotas[id]; ok && known.Limited {
			left := known.Left
			q.Left, q.Short = &left, max(q.Needed-left, 0)
		}
		t.Quotas = append(t.Quotas, q)
	}
}

// doubt says what a person should think about before it starts.
func (t *telling) doubt() {
	say := func(format string, args ...any) { t.Doubts = append(t.Doubts, fmt.Sprintf(format, args...)) }
	if t.State != engine.RunHeld {
		return
	}
	switch {
	case t.Audience == 0:
		say("It means nobody: there is no person whom the audience fits.")
	case t.Reachable == 0:
		say("It reaches nobody: look at the reasons people are skipped for.")
	}
	for _, q := range t.Quotas {
		if q.Short > 0 {
			say("The account %s has %d messages left of this month, and %d are needed: %d people will not get it.", q.AccountID, *q.Left, q.Needed, q.Short)
		}
	}
	if t.Failed > 0 {
		say("%d messages cannot be made: look at the failures.", t.Failed)
	}
	if t.OverLimits > 0 {
		say("%d messages are over a limit of their platform, and something of them is not shown.", t.OverLimits)
	}
	if t.Unmade > 0 {
		say("%d messages are made again when they are sent, as their block asks or plans something.", t.Unmade)
	}
	t.doubtTracking(say)
	if t.Unpriced > 0 {
		say("%d messages go by paid routes without a price in the bot's settings: the cost is higher than it says.", t.Unpriced)
	}
}
