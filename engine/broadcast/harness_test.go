package broadcast_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/enginetest"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/outbox/outboxtest"
	"github.com/blockcast/blockcast/flows"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

// document is the flow of these tests.
const document = `{"format": 1, "flow": "news", "attributes": {"city": "text"},
	"modules": [{"name": "hello", "steps": [{"type": "text", "text": "Hello {{ first_name }}!"}]}],
	"blocks": [{"name": "survey", "steps": [{"type": "ask", "text": "Which city?", "expect": "text", "save_to": "city"}]},
		{"name": "stock", "steps": [{"type": "request", "method": "GET", "url": "https://shop.example.com/stock"}, {"type": "text", "text": "In stock."}]}]}`

// platform takes every message, or answers as told.
type platform struct {
	mu    sync.Mutex
	heard map[string][]string // texts by recipient
	// answer decides about a message; nil takes it.
	answer   func(to string, n int) *channels.SendError
	casts    [][]string // whom multicasts reached
	rendered int        // how often messages were made into payloads
}

func (p *platform) Kind() channels.Kind { return channels.LINE }

func (p *platform) Limits() channels.Limits {
	return channels.Limits{PushPerSecond: 1000, RetryKeys: true, InFlight: 32, Paid: true}
}

func (p *platform) Receive(channels.Account, *channels.Request) (*channels.Received, error) {
	return &channels.Received{}, nil
}

func (p *platform) Render(messages []blocks.Message) []channels.Payload {
	p.mu.Lock()
	p.rendered++
	p.mu.Unlock()
	var out []channels.Payload
	for _, m := range messages {
		body, err := json.Marshal(m.Part.(*blocks.Text).Text)
		if err != nil {
			panic(err)
		}
		out = append(out, channels.Payload{Body: body, Messages: 1})
	}
	return out
}

func (p *platform) Send(_ context.Context, to channels.Target, pl channels.Payload, _ channels.Key) (*channels.Sent, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.answer != nil {
		if err := p.answer(to.To, len(p.heard[to.To])); err != nil {
			return nil, err
		}
	}
	var text string
	if err := json.Unmarshal(pl.Body, &text); err != nil {
		return nil, err
	}
	p.heard[to.To] = append(p.heard[to.To], text)
	return &channels.Sent{}, nil
}

// bells remember what was rung until it is worked.
type bells struct {
	outboxtest.Bells
	mu     sync.Mutex
	runs   map[int64]time.Time
	ranges map[int64]time.Time
}

func (b *bells) RingRun(number int64, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.runs[number] = at
}

func (b *bells) RingRange(id int64, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ranges[id] = at
}

// pace lets so many calls through, if it is not negative.
type pace struct {
	mu   sync.Mutex
	left int
}

func (p *pace) Take(context.Context, string, int, outbox.Share) (time.Duration, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left == 0 {
		return time.Second, nil
	}
	p.left--
	return 0, nil
}

func (p *pace) TakeMany(_ context.Context, _ string, _, n int) (int, time.Duration, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left < 0 {
		return n, 0, nil
	}
	granted := min(n, p.left)
	p.left -= granted
	if granted < n {
		return granted, time.Second, nil
	}
	return granted, 0, nil
}

func (p *pace) Slow(context.Context, string, int) error { return nil }

type harness struct {
	*broadcast.Broadcasts
	t        *testing.T
	db       *store.DB
	clock    *outboxtest.Clock
	platform *platform
	bells    *bells
	pace     *pace
	bot      engine.Bot
	account  engine.Account
}

func each(t *testing.T, f func(t *testing.T, h *harness)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) { f(t, newHarness(t, db)) })
}

func newHarness(t *testing.T, db *store.DB) *harness {
	return newHarnessOver(t, db, db, db, func(p *platform) channels.Channel { return p })
}

// newHarnessOver is a harness whose store, ledger and platform are seen through
// others.
func newHarnessOver(t *testing.T, db *store.DB, ledger outbox.Ledger, kept broadcast.Store, seen func(*platform) channels.Channel) *harness {
	t.Helper()
	ctx := t.Context()
	h := &harness{t: t, db: db, clock: outboxtest.NewClock(time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)), platform: &platform{heard: map[string][]string{}},
		bells: &bells{runs: map[int64]time.Time{}, ranges: map[int64]time.Time{}}, pace: &pace{left: -1}}
	deps := engine.Deps{Now: h.clock.Now, NewID: enginetest.IDs(), Rand: func() uint64 { return 0 }, Log: slog.New(slog.DiscardHandler)}
	h.bot = engine.Bot{ID: deps.NewID(), Name: "shop", TimeZone: "Asia/Taipei", DefaultRegion: "TW", CreatedAt: h.clock.Now()}
	must(t, db.CreateBot(ctx, h.bot))
	h.account = engine.Account{ID: deps.NewID(), BotID: h.bot.ID, Channel: "line", ExternalID: "Ubot", State: engine.AccountActive, CreatedAt: h.clock.Now()}
	must(t, db.CreateAccount(ctx, h.account, nil))
	h.publish(document)
	libraries := engine.NewLibraries(db, h.clock.Now)
	platforms := map[string]channels.Channel{"line": seen(h.platform)}
	out := outbox.New(outbox.Config{Deps: deps, Engine: engine.New(deps), Libraries: libraries, Ledger: ledger, Directory: db, Leases: db,
		Channels: platforms, Bells: h.bells, Limiter: h.pace})
	out.Start(context.WithoutCancel(ctx))
	t.Cleanup(out.Stop)
	h.Broadcasts = broadcast.New(broadcast.Config{Deps: deps, Store: kept, Directory: db, Libraries: libraries, Channels: platforms, Sender: out, Outbox: out, Bells: h.bells,
		Audiences: &broadcast.Audiences{Store: db, Now: deps.Now}})
	return h
}

func (h *harness) publish(text string) { h.publishAgain(0, text) }

// publishAgain publishes over a version of the flow.
func (h *harness) publishAgain(over int, text string) {
	h.t.Helper()
	ctx := h.t.Context()
	checked, problems := flows.Check([]byte(text), "news.json", flows.Catalog{})
	for _, p := range problems {
		if !p.Warning {
			h.t.Fatalf("%d:%d: %s", p.Line, p.Column, p.Message)
		}
	}
	f, err := h.db.SaveDraft(ctx, h.bot.ID, checked.Program.Flow, []byte(text), h.clock.Now())
	must(h.t, err)
	var infos []engine.BlockInfo
	for _, b := range checked.Program.Blocks {
		infos = append(infos, engine.BlockInfo{ID: b.ID, BotID: h.bot.ID, Name: b.Name, FlowID: f.ID, Module: b.Module})
	}
	_, err = h.db.Publish(ctx, engine.FlowVersion{BotID: h.bot.ID, FlowID: f.ID, Document: []byte(text), IDs: checked.IDs, CreatedAt: h.clock.Now()}, over, infos, nil)
	must(h.t, err)
}

// people makes n subscribed people.
func (h *harness) people(n int) {
	h.t.Helper()
	h.named(n, func(i int) string { return fmt.Sprintf("P%d", i) })
}

// named makes n subscribed people with first names.
func (h *harness) named(n int, name func(i int) string) {
	h.t.Helper()
	for i := range n {
		id, err := h.db.CreateIdentity(h.t.Context(), h.bot.ID, outbox.NewIdentity{AccountID: h.account.ID, ExternalID: fmt.Sprintf("U%03d", i), Now: h.clock.Now(),
			Profile: &channels.Profile{FirstName: name(i)}})
		must(h.t, err)
		agreed := true
		must(h.t, h.db.PatchContact(h.t.Context(), h.bot.ID, id.ContactID, id.ID, engine.Deltas{Subscribe: &agreed}, h.clock.Now()))
	}
}

// work answers every bell that is due until none is.
func (h *harness) work() {
	h.t.Helper()
	for range 1000 {
		run, isRun := take(&h.bells.mu, h.bells.runs, h.clock.Now())
		if isRun {
			must(h.t, h.Work(h.t.Context(), run))
			continue
		}
		part, isRange := take(&h.bells.mu, h.bells.ranges, h.clock.Now())
		if !isRange {
			return
		}
		must(h.t, h.WorkRange(h.t.Context(), part))
	}
	h.t.Fatal("the bells do not fall silent")
}

func take(mu *sync.Mutex, rung map[int64]time.Time, now time.Time) (int64, bool) {
	mu.Lock()
	defer mu.Unlock()
	var ids []int64
	for id, at := range rung {
		if !at.After(now) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return 0, false
	}
	id := slices.Min(ids)
	delete(rung, id)
	return id, true
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
