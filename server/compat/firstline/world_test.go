package firstline_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/server/compat/compattest"
)

// Tokens of the test world, and its bot.
const (
	sendToken     = "eyJhbGciOiJIUzI1NiJ9.c2VuZA.dGhlIHNlbmRlcg"
	readToken     = "eyJhbGciOiJIUzI1NiJ9.cmVhZA.dGhlIHJlYWRlcg"
	instanceToken = "eyJhbGciOiJIUzI1NiJ9.cm9vdA.dGhlIGluc3RhbmNl"
	busyToken     = "eyJhbGciOiJIUzI1NiJ9.YnVzeQ.dG9vIG1hbnkgY2FsbHM"

	shop = "65f0c0ffee0000000000b071"

	lineAccount, pageAccount, oldAccount, otherAccount = "65f0c0ffee0000000000acc1", "65f0c0ffee0000000000acc2", "65f0c0ffee0000000000acc3", "65f0c0ffee0000000000acc9"
)

func now() time.Time { return time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC) }

// world plays bots, tokens, people, the outbox of one call and what becomes of
// its delivery.
type world struct {
	compattest.Orders
	mu     sync.Mutex
	waited time.Duration
	looks  int
}

// Forget implements compattest.World.
func (w *world) Forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Orders.Forget()
	w.waited, w.looks = 0, 0
}

// Order implements compattest.World.
func (w *world) Order() any {
	o := w.Last()
	if o == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return order{o.Source, o.Token.Name, o.To.IdentityID, o.Messages, o.Intent, o.RefuseHandedOver, o.Force, o.Warnings, o.Key, w.waited.String()}
}

// order is what the outbox was asked, as goldens keep it, and how long the call
// waited for the outcome.
type order struct {
	Source   string           `json:"source"`
	Token    string           `json:"token"`
	Identity int64            `json:"identity"`
	Messages []blocks.Message `json:"messages"`
	Intent   engine.Intent    `json:"intent"`
	Yields   bool             `json:"refuse_handed_over"`
	Force    bool             `json:"force,omitempty"`
	Warnings []string         `json:"warnings,omitempty"`
	Key      string           `json:"key,omitempty"`
	Waited   string           `json:"waited"`
}

// wait passes at once.
func (w *world) wait(_ context.Context, d time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waited += d
	return nil
}

func (w *world) Bot(_ context.Context, id string) (*engine.Bot, error) {
	return &engine.Bot{ID: id, DefaultRegion: "TW"}, nil
}

func (w *world) Token(_ context.Context, hash string, _ time.Time) (*engine.Token, error) {
	return compattest.Tokens{Busy: busyToken, BySecret: map[string]engine.Token{
		sendToken:     {BotID: shop, Name: "crm", Scopes: []string{"send", "read"}},
		readToken:     {BotID: shop, Name: "report", Scopes: []string{"read"}},
		instanceToken: {Name: "root", Scopes: []string{"instance"}},
	}}.Find(hash)
}

func (w *world) Accounts(context.Context, string) ([]engine.Account, error) {
	return []engine.Account{
		{ID: lineAccount, BotID: shop, Channel: "line", ExternalID: "Ubot", Name: "Shop", State: engine.AccountActive},
		{ID: pageAccount, BotID: shop, Channel: "messenger", ExternalID: "1064", Name: "Shop Page", State: engine.AccountActive},
		{ID: oldAccount, BotID: shop, Channel: "line", ExternalID: "Uold", Name: "Old Shop", State: engine.AccountDisconnected},
		{ID: otherAccount, BotID: shop, Channel: "whatsapp", ExternalID: "886", Name: "Phone", State: engine.AccountActive},
	}, nil
}

func (w *world) Account(ctx context.Context, id string) (*engine.Account, error) {
	all, _ := w.Accounts(ctx, shop)
	for i := range all {
		if all[i].ID == id {
			return &all[i], nil
		}
	}
	return nil, &engine.Error{Code: engine.NotFound, Field: "account", Message: "no such account"}
}

func identities() []engine.Identity {
	made := now().AddDate(0, -1, 0)
	return []engine.Identity{
		{ID: 7, AccountID: lineAccount, ExternalID: "U7000", ContactID: 70, CreatedAt: made},
		{ID: 8, AccountID: pageAccount, ExternalID: "6408", ContactID: 70, CreatedAt: made, BlockedAt: now()},
		{ID: 9, AccountID: oldAccount, ExternalID: "U9000", ContactID: 90, CreatedAt: made},
		{ID: 10, AccountID: lineAccount, ExternalID: "U1010", ContactID: 90, CreatedAt: made, Conversation: engine.ConversationAgent, ConversationUntil: now().Add(time.Hour)},
		{ID: 11, AccountID: otherAccount, ExternalID: "886911", ContactID: 90, CreatedAt: made},
		{ID: 20, AccountID: lineAccount, ExternalID: "U2020", ContactID: 20, CreatedAt: made},
		{ID: 30, AccountID: pageAccount, ExternalID: "6430", ContactID: 30, CreatedAt: made},
	}
}

func (w *world) Identity(_ context.Context, botID string, id int64) (*engine.Identity, error) {
	for _, i := range identities() {
		if i.ID == id && botID == shop {
			return &i, nil
		}
	}
	if id >= 1000 && botID == shop { // deliveries named for it
		return &engine.Identity{ID: id, AccountID: lineAccount}, nil
	}
	return nil, nil
}

func (w *world) IdentityByExternal(_ context.Context, accountID, externalID string) (*engine.Identity, error) {
	for _, i := range identities() {
		if i.AccountID == accountID && i.ExternalID == externalID {
			return &i, nil
		}
	}
	return nil, nil
}

func (w *world) IdentitiesOf(_ context.Context, _ string, contacts []int64) ([]engine.Identity, error) {
	var out []engine.Identity
	for _, i := range identities() {
		for _, id := range contacts {
			if i.ContactID == id && i.AccountID != oldAccount {
				out = append(out, i)
			}
		}
	}
	return out, nil
}

// Alias knows two imported ids; one is the number of another identity of ours.
func (w *world) Alias(_ context.Context, botID, kind, foreign string) (string, error) {
	if botID == shop && kind == "identity" && (foreign == "20" || foreign == "5550123") {
		return "7", nil
	}
	return "", nil
}

func contacts() []engine.Contact {
	made := now().AddDate(0, -1, 0)
	return []engine.Contact{
		{ID: 90, Name: "林小美", CreatedAt: made, Phones: []engine.Phone{{E164: "+886912345678", Source: engine.PhoneTyped}}},
		{ID: 70, FirstName: "Mai", LastName: "Trần", Email: "mai@shop.example", ExternalID: "M-70", Birthday: "1990-02-01", ProfilePic: "https://media.example/mai.jpg",
			CreatedAt: made, Tags: []string{"VIP"}, Phones: []engine.Phone{{E164: "+886912345678", Source: engine.PhoneAPI}}},
		{ID: 20, Name: "陳大文", CreatedAt: made, Phones: []engine.Phone{{E164: "+886922000000", Source: engine.PhoneTyped}}},
	}
}

func (w *world) Contact(_ context.Context, _ string, id int64) (*engine.Contact, error) {
	for _, c := range contacts() {
		if c.ID == id {
			return &c, nil
		}
	}
	return nil, nil
}

func (w *world) ContactByExternalID(_ context.Context, _, externalID string) (int64, error) {
	for _, c := range contacts() {
		if c.ExternalID == externalID {
			return c.ID, nil
		}
	}
	return 0, nil
}

func (w *world) ContactsByPhone(_ context.Context, _, e164 string) ([]outbox.PhoneClaim, error) {
	var out []outbox.PhoneClaim
	for _, c := range contacts() {
		for _, p := range c.Phones {
			if p.E164 == e164 {
				out = append(out, outbox.PhoneClaim{ContactID: c.ID, Source: p.Source})
			}
		}
	}
	return out, nil
}

// ListContacts gives two contacts and then the third, whatever is searched but
// nobody.
func (w *world) ListContacts(_ context.Context, _, search string, p engine.Page) ([]engine.Contact, string, error) {
	switch {
	case search == "nobody":
		return nil, "", nil
	case p.Cursor == "":
		return contacts()[:2], "70", nil
	}
	return contacts()[2:], "", nil
}

// Accept knows a few people, as the outbox would.
func (w *world) Accept(_ context.Context, o outbox.Order) (*outbox.Accepted, error) {
	w.Note(o)
	queued := &outbox.Accepted{SendID: "65f0c0ffee00000000005e4d", DeliveryID: o.To.IdentityID, Status: engine.Queued, Route: "push"}
	skipped := func(reason, why string) (*outbox.Accepted, error) {
		return &outbox.Accepted{DeliveryID: o.To.IdentityID, Status: engine.Skipped, Reason: reason, Explanation: why}, nil
	}
	switch {
	case o.To.IdentityID == 10 && !o.Force:
		return skipped("handed_over", "A person is talking with them.")
	case o.To.IdentityID == 8:
		return skipped("blocked", "The person has blocked the account or left it.")
	case o.To.IdentityID == 5030:
		return nil, &engine.Error{Code: engine.Unavailable, Message: "the database does not keep up: try again in a moment"}
	case o.To.IdentityID == 5000:
		return nil, fmt.Errorf("accept: %w", context.DeadlineExceeded)
	case o.Key == "used":
		return nil, &engine.Error{Code: engine.Conflict, Field: "Idempotency-Key", Message: "this Idempotency-Key was used with another body"}
	}
	return queued, nil
}

// Delivery is named for its identity, and so is what becomes of it.
func (w *world) Delivery(_ context.Context, _ string, id int64) (*engine.Delivery, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looks++
	d := &engine.Delivery{ID: id, Status: engine.SentOut}
	switch id {
	case 1001:
		d.Status = engine.Queued
	case 1002:
		if d.Status = engine.Sending; w.looks == 3 {
			d.Status = engine.Delivered
		}
	case 1003:
		d.Status, d.Class, d.Error = engine.Failed, "content", "The request body has 1 error(s)"
	case 1004:
		d.Status, d.Class = engine.Failed, "content"
	case 1005:
		d.Status, d.Reason = engine.Skipped, "handed_over"
	case 1006:
		d.Status, d.Reason = engine.Skipped, "expired"
	case 1007:
		d.Status = engine.Canceled
	case 1008:
		d.Status = engine.Unknown
	case 1009:
		d.Status, d.NotBefore = engine.Queued, now().Add(10*time.Minute)
	case 1010:
		return nil, errors.New("the database is away")
	}
	return d, nil
}
