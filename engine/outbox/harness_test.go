package outbox_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/enginetest"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/outbox/outboxtest"
	"github.com/blockcast/blockcast/store"
)

// harness is an outbox over a real store, with a platform that answers as told.
type harness struct {
	*outbox.Outbox
	t        *testing.T
	db       *store.DB
	clock    *outboxtest.Clock
	platform *outboxtest.Platform
	bells    *outboxtest.Bells
	bot      *engine.Bot
	account  *engine.Account
	identity *engine.Identity
}

func newHarness(t *testing.T, db *store.DB) *harness {
	t.Helper()
	ctx := t.Context()
	h := &harness{t: t, db: db, clock: outboxtest.NewClock(time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)), platform: &outboxtest.Platform{Keys: true}, bells: &outboxtest.Bells{}}
	deps := engine.Deps{Now: h.clock.Now, NewID: enginetest.IDs(), Rand: func() uint64 { return 0 }, Log: slog.New(slog.DiscardHandler)}
	h.bot = &engine.Bot{ID: deps.NewID(), Name: "shop", TimeZone: "Asia/Ho_Chi_Minh", DefaultRegion: "VN", CreatedAt: h.clock.Now()}
	must(t, db.CreateBot(ctx, *h.bot))
	h.account = &engine.Account{ID: deps.NewID(), BotID: h.bot.ID, Channel: "line", ExternalID: "Ubot", Name: "Shop", State: engine.AccountActive, CreatedAt: h.clock.Now()}
	must(t, db.CreateAccount(ctx, *h.account, nil))
	h.identity = h.person("Umai")
	h.Outbox = outbox.New(outbox.Config{Deps: deps, Engine: engine.New(deps), Libraries: engine.NewLibraries(db, deps.Now), Ledger: db, Directory: db,
		Channels: map[string]channels.Channel{"line": h.platform}, Bells: h.bells})
	h.Start(context.WithoutCancel(ctx))
	t.Cleanup(h.Stop)
	return h
}

func (h *harness) person(external string) *engine.Identity {
	h.t.Helper()
	i, err := h.db.CreateIdentity(h.t.Context(), h.bot.ID, outbox.NewIdentity{AccountID: h.account.ID, ExternalID: external, Now: h.clock.Now()})
	must(h.t, err)
	return i
}

// order is a send of n texts to the harness's person.
func (h *harness) order(n int) outbox.Order {
	o := outbox.Order{Bot: h.bot, Source: "api", To: outbox.Recipient{IdentityID: h.identity.ID}, Intent: engine.IntentUtility}
	for i := range n {
		o.Messages = append(o.Messages, blocks.Message{Part: &blocks.Text{Text: fmt.Sprintf("message %d", i+1)}})
	}
	return o
}

func (h *harness) accepts(o outbox.Order) *outbox.Accepted {
	h.t.Helper()
	a, err := h.Accept(h.t.Context(), o)
	must(h.t, err)
	return a
}

// sends accepts a send of n texts and works it off once.
func (h *harness) sends(n int) int64 {
	h.t.Helper()
	id := h.accepts(h.order(n)).DeliveryID
	h.works(id)
	return id
}

func (h *harness) works(id int64) {
	h.t.Helper()
	must(h.t, h.Deliver(h.t.Context(), id, nil))
}

// is holds that a delivery has a status, and returns it.
func (h *harness) is(id int64, want engine.Status) *engine.Delivery {
	h.t.Helper()
	d, err := h.db.Delivery(h.t.Context(), h.bot.ID, id)
	must(h.t, err)
	if d.Status != want {
		h.t.Fatalf("delivery %d is %s (reason %q, class %q, error %q), want %s", id, d.Status, d.Reason, d.Class, d.Error, want)
	}
	return d
}

func (h *harness) calls(want int) []outboxtest.Call {
	h.t.Helper()
	got := h.platform.Made()
	if len(got) != want {
		h.t.Fatalf("%d calls were made, want %d: %+v", len(got), want, got)
	}
	return got
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
