package omnichat_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/policy"
	"github.com/blockcast/blockcast/flows"
	"github.com/blockcast/blockcast/server/compat/compattest"
)

// Tokens of the test world, and what it has.
const (
	teamToken     = "eyJhbGciOiJIUzI1NiJ9.dGVhbQ.dGhlIHRlYW0"
	readToken     = "eyJhbGciOiJIUzI1NiJ9.cmVhZA.dGhlIHJlYWRlcg"
	instanceToken = "eyJhbGciOiJIUzI1NiJ9.cm9vdA.dGhlIGluc3RhbmNl"
	busyToken     = "eyJhbGciOiJIUzI1NiJ9.YnVzeQ.dG9vIG1hbnkgY2FsbHM"

	shop  = "65f0c0ffee0000000000b071"
	other = "65f0c0ffee0000000000b072"

	lineAccount, pageAccount, oldAccount, theirAccount = "65f0c0ffee0000000000acc1", "65f0c0ffee0000000000acc2", "65f0c0ffee0000000000acc3", "65f0c0ffee0000000000acc4"
	autumn, newBlock                                   = "65f0c0ffee00000000000b01", "65f0c0ffee00000000000b02"
)

func now() time.Time { return time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC) }

// world plays all that stands behind the calls.
type world struct {
	mu      sync.Mutex
	asked   *asked
	ids     int
	answers map[string]engine.KeptAnswer
}

// asked is what a call came to, as goldens keep it.
type asked struct {
	Send    *sent            `json:"send,omitempty"`
	Plan    *engine.Plan     `json:"plan,omitempty"`
	List    []engine.ListRow `json:"list,omitempty"`
	Named   string           `json:"list_name,omitempty"`
	Then    string           `json:"then,omitempty"`
	Forgot  []string         `json:"forgot,omitempty"`
	Added   string           `json:"added,omitempty"`
	Patch   *patch           `json:"patch,omitempty"`
	Request []byte           `json:"-"`
}

// patch is what is said of a person.
type patch struct {
	Contact   int64          `json:"contact"`
	Identity  int64          `json:"identity"`
	Set       map[string]any `json:"set,omitempty"`
	Unset     []string       `json:"unset,omitempty"`
	AddTags   []string       `json:"add_tags,omitempty"`
	DropTags  []string       `json:"drop_tags,omitempty"`
	Subscribe *bool          `json:"subscribe,omitempty"`
}

// sent is what the outbox was asked.
type sent struct {
	Source     string           `json:"source"`
	Account    string           `json:"account"`
	User       string           `json:"user"`
	Block      string           `json:"block,omitempty"`
	Messages   []blocks.Message `json:"messages,omitempty"`
	Attributes map[string]any   `json:"attributes,omitempty"`
	AddTags    []string         `json:"add_tags,omitempty"`
	Intent     engine.Intent    `json:"intent"`
	Key        string           `json:"key"`
}

// note writes down a part of what a call came to.
func (w *world) note(f func(*asked)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.asked == nil {
		w.asked = new(asked)
	}
	f(w.asked)
}

// Forget implements compattest.World.
func (w *world) Forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked, w.ids = nil, 0
}

// Record implements compattest.World.
func (w *world) Record() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.asked == nil {
		return nil
	}
	return w.asked.Request
}

// Order implements compattest.World.
func (w *world) Order() any {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.asked == nil {
		return nil
	}
	return w.asked
}

func (w *world) newID() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ids++
	return fmt.Sprintf("65f0c0ffee0000000000%04x", w.ids)
}

func (w *world) Bot(_ context.Context, id string) (*engine.Bot, error) {
	return &engine.Bot{ID: id, DefaultRegion: "TW", TimeZone: "Asia/Taipei", Settings: engine.BotSettings{Broadcasts: engine.BroadcastSettings{
		Prices: []engine.Price{{AccountID: lineAccount, Route: "push", Amount: 0.2, Currency: "TWD"}}}}}, nil
}

func (w *world) Token(_ context.Context, hash string, _ time.Time) (*engine.Token, error) {
	return compattest.Tokens{Busy: busyToken, PerBot: true, BySecret: map[string]engine.Token{
		teamToken:     {BotID: shop, Name: "team", Scopes: []string{"send", "read", "broadcasts", "contacts"}},
		readToken:     {BotID: shop, Name: "report", Scopes: []string{"read"}},
		instanceToken: {Name: "root", Scopes: []string{"instance"}},
	}}.Find(hash)
}

func (w *world) Accounts(context.Context, string) ([]engine.Account, error) {
	return []engine.Account{
		{ID: lineAccount, BotID: shop, Channel: "line", ExternalID: "Ubot", Name: "Shop", State: engine.AccountActive},
		{ID: pageAccount, BotID: shop, Channel: "messenger", ExternalID: "1064", Name: "Shop Page", State: engine.AccountActive},
		{ID: oldAccount, BotID: shop, Channel: "line", ExternalID: "Uold", Name: "Old Shop", State: engine.AccountDisconnected},
	}, nil
}

func (w *world) Account(ctx context.Context, id string) (*engine.Account, error) {
	all, _ := w.Accounts(ctx, shop)
	for _, a := range append(all, engine.Account{ID: theirAccount, BotID: other, Channel: "line", ExternalID: "Utheirs", State: engine.AccountActive}) {
		if a.ID == id {
			return &a, nil
		}
	}
	return nil, &engine.Error{Code: engine.NotFound, Field: "account", Message: "no such account"}
}

func (w *world) AccountByAlias(ctx context.Context, channel, alias string) (*engine.Account, error) {
	for _, id := range []string{lineAccount, pageAccount, oldAccount, theirAccount} {
		if a, err := w.Account(ctx, id); err != nil || a.Channel == channel && a.ExternalID == alias {
			return a, err
		}
	}
	if channel == "line" && alias == "@shop" {
		return w.Account(ctx, lineAccount)
	}
	return nil, nil
}

func (w *world) Alias(_ context.Context, botID, kind, foreign string) (string, error) {
	return map[string]string{"account 1657703186": lineAccount, "identity u-7": "7", "identity u-8": "8", "tag t-9": "autumn",
		"block 67e37ac3bcb81f09e0394cd7": newBlock}[kind+" "+foreign], nil
}

func (w *world) ListAliases(_ context.Context, _, kind string, _ engine.Page) ([]engine.Alias, string, error) {
	return []engine.Alias{{Kind: kind, Foreign: "1657703186", ID: lineAccount}}, "", nil
}

func identities() []engine.Identity {
	return []engine.Identity{{ID: 7, AccountID: lineAccount, ExternalID: "U7000", ContactID: 70}, {ID: 8, AccountID: pageAccount, ExternalID: "6408", ContactID: 80},
		{ID: 9, AccountID: lineAccount, ExternalID: "U9000", ContactID: 90}}
}

func (w *world) Identity(_ context.Context, _ string, id int64) (*engine.Identity, error) {
	for _, i := range identities() {
		if i.ID == id {
			return &i, nil
		}
	}
	return nil, nil
}

func (w *world) IdentityByExternal(_ context.Context, accountID, externalID string) (*engine.Identity, error) {
	if externalID == "U5000" {
		return nil, errors.New("the disk is gone")
	}
	for _, i := range identities() {
		if i.AccountID == accountID && i.ExternalID == externalID {
			return &i, nil
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.asked != nil && w.asked.Added == externalID {
		return &engine.Identity{ID: 99, AccountID: accountID, ExternalID: externalID, ContactID: 99}, nil
	}
	return nil, nil
}

func (w *world) Library(_ context.Context, botID string) (*engine.Library, error) {
	return engine.NewLibrary(botID, 1, []engine.Published{
		{FlowID: "65f0c0ffee00000000000f02", Name: "winter", Number: 1, VersionID: 2, Program: &flows.Program{}},
		{FlowID: "65f0c0ffee00000000000f01", Name: "shop", Number: 1, VersionID: 1, Program: &flows.Program{Blocks: map[string]*flows.Block{
			autumn:   {ID: autumn, Name: "autumn sale", Aliases: []string{"autumn", "07269d7a-68d6-4f36-9c0b-c837d9b296ef"}},
			newBlock: {ID: newBlock, Name: "order shipped"},
		}}}}, nil), nil
}

// Accept knows a few people, as the outbox would.
func (w *world) Accept(_ context.Context, o outbox.Order) (*outbox.Accepted, error) {
	w.note(func(a *asked) {
		a.Send = &sent{o.Source, o.To.AccountID, o.To.User, o.Block, o.Messages, o.Attributes, o.AddTags, o.Intent, o.Key}
		a.Request = o.Request
	})
	skipped := func(reason string) (*outbox.Accepted, error) {
		return &outbox.Accepted{SendID: "65f0c0ffee00000000005e4d", DeliveryID: 1043, Status: engine.Skipped, Reason: reason, Explanation: policy.Explain(reason)}, nil
	}
	switch o.To.User {
	case "U4040":
		return nil, &engine.Error{Code: engine.NotFound, Field: "user", Message: `no user "U4040" is known here`}
	case "U5030":
		return nil, &engine.Error{Code: engine.Unavailable, Message: "the database does not keep up: try again in a moment"}
	case "U5000":
		return nil, fmt.Errorf("accept: %w", context.DeadlineExceeded)
	case "U4001":
		return nil, &engine.Error{Code: engine.Invalid, Field: "points", Message: `attribute "points": "many" is no number`}
	case "U4090":
		return skipped(policy.WindowClosed)
	case "U4091":
		return skipped(policy.Blocked)
	case "U4092":
		return skipped(policy.Unsubscribed)
	case "U4093":
		return skipped(policy.NotSubscribed)
	case "Ukey":
		return nil, &engine.Error{Code: engine.Conflict, Field: "Idempotency-Key", Message: "this Idempotency-Key was used with another body"}
	case "U4002":
		return &outbox.Accepted{SendID: "65f0c0ffee00000000005e4d", DeliveryID: 1044, Status: engine.Failed, Reason: "render", Explanation: "this cannot be shown"}, nil
	}
	return &outbox.Accepted{SendID: "65f0c0ffee00000000005e4d", DeliveryID: 1042, Status: engine.Queued, Route: "push"}, nil
}

func (w *world) BeginAnswer(_ context.Context, a engine.KeptAnswer, _ time.Time) (*engine.KeptAnswer, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if first, ok := w.answers[a.Key]; ok {
		return &first, nil
	}
	if a.Key == "under-way" {
		return &a, nil
	}
	if w.answers == nil {
		w.answers = map[string]engine.KeptAnswer{}
	}
	w.answers[a.Key] = a
	return nil, nil
}

func (w *world) FinishAnswer(_ context.Context, a engine.KeptAnswer) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answers[a.Key] = a
	return nil
}

func (w *world) DropAnswer(_ context.Context, a engine.KeptAnswer) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.answers, a.Key)
	return nil
}

// platform is a channel of which only the limits are asked.
type platform struct {
	channels.Channel
	limits channels.Limits
}

func (p platform) Limits() channels.Limits { return p.limits }

func kinds() map[string]channels.Channel {
	return map[string]channels.Channel{"line": platform{limits: channels.Limits{Paid: true}}, "messenger": platform{limits: channels.Limits{Receipts: true}}}
}
