package botbonnie_test

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/flows"
	"github.com/blockcast/blockcast/server/compat/compattest"
)

// Tokens of the test world, and its bot.
const (
	sendToken     = "eyJhbGciOiJIUzI1NiJ9.c2VuZA.dGhlIHNlbmRlcg"
	agentToken    = "eyJhbGciOiJIUzI1NiJ9.YWdlbnQ.dGhlIGFnZW50"
	readToken     = "eyJhbGciOiJIUzI1NiJ9.cmVhZA.dGhlIHJlYWRlcg"
	otherToken    = "eyJhbGciOiJIUzI1NiJ9.b3RoZXI.YW5vdGhlciBib3Q"
	instanceToken = "eyJhbGciOiJIUzI1NiJ9.cm9vdA.dGhlIGluc3RhbmNl"
	busyToken     = "eyJhbGciOiJIUzI1NiJ9.YnVzeQ.dG9vIG1hbnkgY2FsbHM"

	shop  = "65f0c0ffee0000000000b071"
	other = "65f0c0ffee0000000000b072"
)

func now() time.Time { return time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC) }

// world plays bots, tokens, accounts, people and the outbox of one call.
type world struct{ compattest.Orders }

// Order implements compattest.World.
func (w *world) Order() any {
	o := w.Last()
	if o == nil {
		return nil
	}
	return order{o.Source, o.Token.Name, o.To.AccountID, o.To.User, o.To.IdentityID, o.Block, o.Messages, o.Intent, o.InWindow, o.Tag, o.Category, o.Warnings, o.Key}
}

// order is what the outbox was asked, as goldens keep it.
type order struct {
	Source   string           `json:"source"`
	Token    string           `json:"token"`
	Account  string           `json:"account,omitempty"`
	User     string           `json:"user,omitempty"`
	Identity int64            `json:"identity,omitempty"`
	Block    string           `json:"block,omitempty"`
	Messages []blocks.Message `json:"messages,omitempty"`
	Intent   engine.Intent    `json:"intent"`
	InWindow bool             `json:"in_window,omitempty"`
	Tag      string           `json:"tag,omitempty"`
	Category string           `json:"category,omitempty"`
	Warnings []string         `json:"warnings,omitempty"`
	Key      string           `json:"key,omitempty"`
}

func (w *world) BotByAlias(_ context.Context, id string) (*engine.Bot, error) {
	switch id {
	case "bot-8Xh2kQ", shop:
		return &engine.Bot{ID: shop, DefaultRegion: "TW"}, nil
	case "bot-other":
		return &engine.Bot{ID: other, DefaultRegion: "TW"}, nil
	}
	return nil, nil
}

func (w *world) Token(_ context.Context, hash string, _ time.Time) (*engine.Token, error) {
	return compattest.Tokens{Busy: busyToken, BySecret: map[string]engine.Token{
		sendToken:     {BotID: shop, Name: "crm", Scopes: []string{"send"}},
		agentToken:    {BotID: shop, Name: "desk", Scopes: []string{"send", "agent"}},
		readToken:     {BotID: shop, Name: "report", Scopes: []string{"read"}},
		otherToken:    {BotID: other, Name: "other", Scopes: []string{"send"}},
		instanceToken: {Name: "root", Scopes: []string{"instance"}},
	}}.Find(hash)
}

func accounts() map[string]engine.Account {
	return map[string]engine.Account{
		"65f0c0ffee0000000000acc1": {ID: "65f0c0ffee0000000000acc1", BotID: shop, Channel: "line", ExternalID: "Ubot", State: engine.AccountActive},
		"65f0c0ffee0000000000acc2": {ID: "65f0c0ffee0000000000acc2", BotID: shop, Channel: "messenger", ExternalID: "1064", State: engine.AccountActive},
		"65f0c0ffee0000000000acc3": {ID: "65f0c0ffee0000000000acc3", BotID: shop, Channel: "line", ExternalID: "Uold", State: engine.AccountDisconnected},
		"65f0c0ffee0000000000acc4": {ID: "65f0c0ffee0000000000acc4", BotID: other, Channel: "line", ExternalID: "Utheirs", State: engine.AccountActive},
	}
}

func (w *world) Account(_ context.Context, id string) (*engine.Account, error) {
	if a, ok := accounts()[id]; ok {
		return &a, nil
	}
	return nil, &engine.Error{Code: engine.NotFound, Field: "account", Message: "no such account"}
}

func (w *world) AccountByAlias(ctx context.Context, channel, alias string) (*engine.Account, error) {
	for _, a := range accounts() {
		if a.Channel == channel && a.ExternalID == alias {
			return &a, nil
		}
	}
	if channel == "line" && (alias == "@shop" || alias == "1657000000") {
		return w.Account(ctx, "65f0c0ffee0000000000acc1")
	}
	return nil, nil
}

func (w *world) Identity(_ context.Context, botID string, id int64) (*engine.Identity, error) {
	if botID == shop && id == 7 {
		return &engine.Identity{ID: 7, AccountID: "65f0c0ffee0000000000acc1"}, nil
	}
	return nil, nil
}

func (w *world) Alias(_ context.Context, botID, kind, foreign string) (string, error) {
	switch {
	case botID == shop && kind == "identity" && foreign == "c2VjcmV0dWlk":
		return "7", nil
	case botID == shop && kind == "account" && foreign == "old-page":
		return "65f0c0ffee0000000000acc2", nil
	}
	return "", nil
}

func (w *world) Library(_ context.Context, botID string) (*engine.Library, error) {
	return engine.NewLibrary(botID, 1, []engine.Published{{FlowID: "f", Name: "shop", Number: 1, VersionID: 1, Program: &flows.Program{Blocks: map[string]*flows.Block{
		"65f0c0ffee00000000000b01": {ID: "65f0c0ffee00000000000b01", Name: "order shipped", Aliases: []string{"module-8Xh2"}},
		"65f0c0ffee00000000000b02": {ID: "65f0c0ffee00000000000b02", Name: "refund", Aliases: []string{"module--PTfLM_4"}},
	}}}}, nil), nil
}

// Accept knows a few people, as the outbox would.
func (w *world) Accept(_ context.Context, o outbox.Order) (*outbox.Accepted, error) {
	w.Note(o)
	skipped := func(reason, why string) (*outbox.Accepted, error) {
		return &outbox.Accepted{SendID: "65f0c0ffee00000000005e4d", DeliveryID: 1043, Status: engine.Skipped, Reason: reason, Explanation: why}, nil
	}
	switch o.To.User {
	case "U4040":
		return nil, &engine.Error{Code: engine.NotFound, Field: "user", Message: `no user "U4040" is known here`}
	case "U5030":
		return nil, &engine.Error{Code: engine.Unavailable, Message: "the database does not keep up: try again in a moment"}
	case "U5000":
		return nil, fmt.Errorf("accept: %w", context.DeadlineExceeded)
	case "U4090":
		return skipped("window_closed", "The person wrote too long ago for this platform to let the message through.")
	case "U4091":
		return skipped("blocked", "The person has blocked the account or left it.")
	case "U4092":
		return skipped("handed_over", "A person is talking with them, and the bot stays silent meanwhile.")
	case "Ukey":
		return nil, &engine.Error{Code: engine.Conflict, Field: "Idempotency-Key", Message: "this Idempotency-Key was used with another body"}
	}
	return &outbox.Accepted{SendID: "65f0c0ffee00000000005e4d", DeliveryID: 1042, Status: engine.Queued, Route: "push"}, nil
}
