package api_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/blockcast/blockcast/app/files"
	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/channels/line"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/inbox"
	"github.com/blockcast/blockcast/engine/media"
	"github.com/blockcast/blockcast/engine/notify"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/outbox/outboxtest"
	"github.com/blockcast/blockcast/server"
	"github.com/blockcast/blockcast/server/api"
	"github.com/blockcast/blockcast/server/token"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

// harness is the API over a real store and a real outbox that nobody works
// off, with a platform that believes any credentials but "wrong".
type harness struct {
	*server.Server
	api      *api.API
	db       *store.DB
	platform *platform
	clock    *outboxtest.Clock
	bells    *bells
	bot      engine.Bot
	other    engine.Bot
	tokens   map[string]string // secrets by the name a golden uses

	broadcasts *broadcast.Broadcasts
}

func newHarness(t testing.TB) *harness {
	t.Helper()
	h := &harness{db: storetest.Open(t), platform: &platform{Platform: &outboxtest.Platform{Keys: true}},
		clock: outboxtest.NewClock(time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)), tokens: map[string]string{}, bells: &bells{}}
	var n atomic.Int64
	newID := func() string { return fmt.Sprintf("a%023x", n.Add(1)) }
	deps := engine.Deps{Now: h.clock.Now, NewID: newID, Rand: func() uint64 { return 0 }, Log: slog.New(slog.DiscardHandler)}
	libraries := engine.NewLibraries(h.db, h.clock.Now)
	all := map[string]channels.Channel{"line": h.platform}
	box := outbox.New(outbox.Config{Deps: deps, Engine: engine.New(deps), Libraries: libraries, Ledger: h.db, Directory: h.db, Channels: all, Bells: &outboxtest.Bells{}})
	box.Start(context.WithoutCancel(t.Context()))
	t.Cleanup(box.Stop)
	h.broadcasts = broadcast.New(broadcast.Config{Deps: deps, Store: h.db, Directory: h.db, Libraries: libraries, Channels: all, Sender: box, Outbox: box, Bells: h.bells,
		Audiences: &broadcast.Audiences{Store: h.db, Now: h.clock.Now}})
	h.api = api.New(api.Config{Store: h.db, Media: keeper(t, h.db, h.clock.Now), Broadcasts: h.broadcasts, Outbox: box, Libraries: libraries, Channels: all, Poster: poster(h.db, deps), PublicURL: "https://bots.example.com/", Version: "test",
		Guarded: guarded, Now: h.clock.Now, NewID: newID, NewSecret: func() string { return fmt.Sprintf("%064x", n.Add(1)) }})
	h.Server = server.New(server.Config{Surfaces: []server.Surface{h.api}, Now: h.clock.Now, NewID: func() string { return "request-1" }})
	h.bot = h.makeBot(t, "Tiệm Sao Mai", "VN", "65f0c0ffee0000000000b071")
	h.other = h.makeBot(t, "日日小舖", "TW", "65f0c0ffee0000000000b072")
	h.makeToken(t, "instance", "", engine.ScopeInstance)
	h.makeToken(t, "admin", h.bot.ID, engine.ScopeAdmin)
	h.makeToken(t, "agent", h.bot.ID, engine.ScopeSend, engine.ScopeAgent)
	h.makeToken(t, "reader", h.bot.ID, engine.ScopeRead)
	h.makeToken(t, "none", h.bot.ID)
	h.makeToken(t, "other", h.other.ID, engine.ScopeAdmin)
	return h
}

// guarded keeps calls away from one host.
func guarded(address string) error {
	if strings.HasPrefix(address, "http://10.0.0.5:9000/") {
		return errors.New("it is guarded")
	}
	return nil
}

func (h *harness) makeBot(t testing.TB, name, region, id string) engine.Bot {
	t.Helper()
	b := engine.Bot{ID: id, Name: name, TimeZone: "Asia/Ho_Chi_Minh", DefaultRegion: region, CreatedAt: h.clock.Now()}
	if err := h.db.CreateBot(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	return b
}

func (h *harness) makeToken(t testing.TB, name, bot string, scopes ...string) {
	t.Helper()
	h.tokens[name] = "secret-of-" + name
	err := h.db.CreateToken(t.Context(), engine.Token{Hash: token.Hash(h.tokens[name]), BotID: bot, Name: name, Scopes: scopes, CreatedAt: h.clock.Now()})
	if err != nil {
		t.Fatal(err)
	}
}

// people connects an account and makes two people on it: Mai with a phone
// number, and Lan who has left.
func (h *harness) people(t testing.TB) {
	t.Helper()
	ctx, now := t.Context(), h.clock.Now()
	account := engine.Account{ID: "65f0c0ffee00000000000acc", BotID: h.bot.ID, Channel: "line", ExternalID: "Ushop", Name: "Shop", State: engine.AccountActive, CreatedAt: now}
	if err := h.db.CreateAccount(ctx, account, nil); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Mai", "Lan"} {
		i, err := h.db.CreateIdentity(ctx, h.bot.ID, outbox.NewIdentity{AccountID: account.ID, ExternalID: "U" + name, Profile: &channels.Profile{Name: name}, Now: now})
		if err != nil {
			t.Fatal(err)
		}
		if name == "Lan" {
			r := inbox.Arrival{BotID: h.bot.ID, AccountID: account.ID, EventKey: "1", From: "ULan", Kind: engine.DidUnfollow, OccurredAt: now, ReceivedAt: now}
			_, err = h.db.StoreArrivals(ctx, inbox.Batch{Arrivals: []inbox.Arrival{r}, Now: now})
		} else {
			err = h.db.PatchContact(ctx, h.bot.ID, i.ContactID, 0, engine.Deltas{Phones: []engine.Phone{{E164: "+84912345678", Raw: "0912345678", Source: engine.PhoneAPI}}}, now)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// poster posts to nobody: every call is answered by the path of its address.
func poster(db *store.DB, deps engine.Deps) *notify.Sender {
	deps.Fetch = func(_ context.Context, r *blocks.Request) (*blocks.Response, error) {
		switch {
		case strings.HasSuffix(r.URL, "/away"):
			return nil, errors.New("no answer in time")
		case strings.HasSuffix(r.URL, "/broken"):
			return &blocks.Response{Status: 500, Body: []byte("it is broken")}, nil
		}
		return &blocks.Response{Status: 204}, nil
	}
	return notify.New(notify.Config{Deps: deps, Store: db, Bells: silent{}})
}

// keeper keeps files in a folder of the test's, under ids that are counted.
func keeper(t testing.TB, db *store.DB, now func() time.Time) *media.Keeper {
	t.Helper()
	folder := files.New(t.TempDir(), now)
	t.Cleanup(func() { _ = folder.Close() })
	var n atomic.Int64
	return media.New(media.Config{Store: db, Files: folder, Now: now, PublicURL: "https://bots.example.com/",
		NewID: func() string { return fmt.Sprintf("%032x", 0xf11e0+n.Add(1)) }, Channels: map[string]channels.Channel{"line": line.New(nil, line.Config{})}})
}

type silent struct{}

func (silent) RingWebhooks(time.Time) {}

// platform is a channel that accounts can be connected to.
type platform struct {
	*outboxtest.Platform
	webhooks []string
}

func (*platform) Fields() []channels.Field {
	return []channels.Field{
		{Name: "channel_secret", Help: "under Basic settings", Secret: true},
		{Name: "channel_access_token", Help: "under Messaging API", Secret: true},
		{Name: "note", Help: "for yourself"},
	}
}

// Identify takes the first two letters of the token for the account.
func (*platform) Identify(_ context.Context, a channels.Account) (*channels.Identified, error) {
	secret := a.Secrets["channel_access_token"]
	switch secret {
	case "wrong", "":
		return nil, &channels.SendError{Kind: channels.KindAuth, Code: "401", Message: "Authentication failed"}
	case "down":
		return nil, &channels.SendError{Kind: channels.KindDown, Retry: channels.RetryLater, Code: "unreachable", Message: "no answer in time"}
	}
	name := secret[:min(2, len(secret))]
	return &channels.Identified{ExternalID: "U" + name, Name: "Account " + name, App: "app", Aliases: []string{"@" + name}}, nil
}

func (p *platform) SetWebhook(_ context.Context, a channels.Account, url string) error {
	if a.Secrets["note"] == "no webhook" {
		return &channels.SendError{Kind: channels.KindRestricted, Code: "400", Message: "Invalid webhook endpoint URL"}
	}
	p.webhooks = append(p.webhooks, url)
	return nil
}

func (*platform) Quota(context.Context, channels.Account) (*channels.Quota, error) {
	return &channels.Quota{Limited: true, Limit: 200, Used: 200}, nil
}

// do makes one call.
func (h *harness) do(t testing.TB, r *http.Request) *http.Response {
	t.Helper()
	res, err := h.Test(r)
	if err != nil {
		t.Fatal(err)
	}
	return res
}
