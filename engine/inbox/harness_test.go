package inbox_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/enginetest"
	"github.com/blockcast/blockcast/engine/inbox"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/outbox/outboxtest"
	"github.com/blockcast/blockcast/flows"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

// harness is an inbox and an outbox over a real store, with the flow of
// testdata/shop.json published and a platform that answers as told.
type harness struct {
	*inbox.Inbox
	t        *testing.T
	db       *store.DB
	out      *outbox.Outbox
	clock    *outboxtest.Clock
	platform *outboxtest.Platform
	bells    *outboxtest.Bells
	bot      *engine.Bot
	account  *engine.Account
	fetch    func(context.Context, *blocks.Request) (*blocks.Response, error)
	events   int
}

func each(t *testing.T, f func(t *testing.T, h *harness)) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) { f(t, newHarness(t, db)) })
}

func newHarness(t *testing.T, db *store.DB) *harness {
	t.Helper()
	ctx := t.Context()
	h := &harness{t: t, db: db, clock: outboxtest.NewClock(time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)),
		platform: &outboxtest.Platform{Keys: true}, bells: &outboxtest.Bells{}}
	deps := engine.Deps{Now: h.clock.Now, NewID: enginetest.IDs(), Rand: func() uint64 { return 0 }, Log: slog.New(slog.DiscardHandler),
		Fetch: func(ctx context.Context, r *blocks.Request) (*blocks.Response, error) { return h.fetch(ctx, r) }}
	h.bot = &engine.Bot{ID: deps.NewID(), Name: "shop", TimeZone: "Asia/Ho_Chi_Minh", DefaultRegion: "VN", CreatedAt: h.clock.Now()}
	must(t, db.CreateBot(ctx, *h.bot))
	h.account = &engine.Account{ID: deps.NewID(), BotID: h.bot.ID, Channel: "line", ExternalID: "Ubot", Name: "Shop", State: engine.AccountActive, CreatedAt: h.clock.Now()}
	must(t, db.CreateAccount(ctx, *h.account, nil))
	h.publish()

	libraries := engine.NewLibraries(db, deps.Now)
	runner := engine.New(deps)
	platforms := map[string]channels.Channel{"line": h.platform}
	h.out = outbox.New(outbox.Config{Deps: deps, Engine: runner, Libraries: libraries, Ledger: db, Directory: db, Channels: platforms, Bells: h.bells})
	h.Inbox = inbox.New(inbox.Config{Deps: deps, Engine: runner, Libraries: libraries, Store: db, Directory: db, Outbox: h.out, Channels: platforms, Bells: h.bells, Owner: "test"})
	h.out.Start(context.WithoutCancel(ctx))
	h.Start(context.WithoutCancel(ctx))
	t.Cleanup(func() { h.Stop(); h.out.Stop() })
	return h
}

func (h *harness) publish() {
	h.t.Helper()
	ctx := h.t.Context()
	document, err := os.ReadFile("testdata/shop.json")
	must(h.t, err)
	checked, problems := flows.Check(document, "shop.json", flows.Catalog{})
	for _, p := range problems {
		if !p.Warning {
			h.t.Fatalf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
		}
	}
	f, err := h.db.SaveDraft(ctx, h.bot.ID, checked.Program.Flow, document, h.clock.Now())
	must(h.t, err)
	var infos []engine.BlockInfo
	for _, b := range checked.Program.Blocks {
		infos = append(infos, engine.BlockInfo{ID: b.ID, BotID: h.bot.ID, Name: b.Name, FlowID: f.ID, Module: b.Module, Aliases: b.Aliases})
	}
	var attributes []engine.Attribute
	for _, a := range checked.Program.Attributes {
		attributes = append(attributes, engine.Attribute{BotID: h.bot.ID, Name: a.Name, Type: string(a.Type), DeclaredBy: f.Name})
	}
	_, err = h.db.Publish(ctx, engine.FlowVersion{BotID: h.bot.ID, FlowID: f.ID, Document: document, IDs: checked.IDs, CreatedAt: h.clock.Now()}, 0, infos, attributes)
	must(h.t, err)
}

// update is one event of a person.
func (h *harness) update(kind channels.UpdateKind, from, text string) channels.Update {
	h.events++
	return channels.Update{Account: "Ubot", Key: fmt.Sprintf("event-%d", h.events), Kind: kind, From: from, At: h.clock.Now(),
		Text: text, ReplyToken: fmt.Sprintf("token-%d", h.events)}
}

func (h *harness) receives(updates ...channels.Update) {
	h.t.Helper()
	must(h.t, h.Accept(h.t.Context(), h.account, &channels.Received{Updates: updates}))
}

// answers works off every contact that was rung for and whose time has come.
func (h *harness) answers() {
	h.t.Helper()
	for id, at := range h.bells.TakeContacts() {
		if at.After(h.clock.Now()) {
			h.bells.RingContact(id, at)
			continue
		}
		must(h.t, h.Drain(h.t.Context(), id))
	}
}

// says lets a person write and the bot answer.
func (h *harness) says(text string) {
	h.t.Helper()
	h.receives(h.update(channels.Message, "Umai", text))
	h.answers()
}

// heard holds what all calls so far carried, each as its texts joined by |.
func (h *harness) heard(want ...string) {
	h.t.Helper()
	var got []string
	for _, c := range h.platform.Made() {
		got = append(got, string(c.Route)+": "+strings.Join(c.Texts(), "|"))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		h.t.Fatalf("the platform got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
