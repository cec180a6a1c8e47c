package console_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/console"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/enginetest"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/outbox/outboxtest"
	"github.com/blockcast/blockcast/flows"
	"github.com/blockcast/blockcast/server"
	"github.com/blockcast/blockcast/server/api"
	"github.com/blockcast/blockcast/server/token"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

// document is the flow of these tests.
const document = `{"format": 1, "flow": "news", "modules": [{"name": "hello", "steps": [{"type": "text", "text": "Hello {{ first_name }}!"}]}]}`

// nasty is what a page must show and never be.
const nasty = `<script>alert("x")</script>`

// harness is the page over a real store and real broadcasts.
type harness struct {
	*server.Server
	t          *testing.T
	db         *store.DB
	clock      *outboxtest.Clock
	bells      *bells
	platform   *outboxtest.Platform
	broadcasts *broadcast.Broadcasts
	config     console.Config
	bot        engine.Bot
	other      engine.Bot
}

// bells remember the runs and ranges that were rung for.
type bells struct {
	outboxtest.Bells
	runs, ranges []int64
}

func (b *bells) RingRun(number int64, _ time.Time) { b.runs = append(b.runs, number) }
func (b *bells) RingRange(id int64, _ time.Time)   { b.ranges = append(b.ranges, id) }

// free lets everything through.
type free struct{}

func (free) Take(context.Context, string, int, outbox.Share) (time.Duration, error) { return 0, nil }
func (free) TakeMany(_ context.Context, _ string, _, n int) (int, time.Duration, error) {
	return n, 0, nil
}
func (free) Slow(context.Context, string, int) error { return nil }

func newHarness(t *testing.T) *harness {
	t.Helper()
	t.Parallel()
	h := &harness{t: t, db: storetest.Open(t), clock: outboxtest.NewClock(time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)), bells: &bells{}}
	deps := engine.Deps{Now: h.clock.Now, NewID: enginetest.IDs(), Rand: func() uint64 { return 0 }, Log: slog.New(slog.DiscardHandler)}
	h.bot = h.makeBot("Tiệm "+nasty, deps.NewID())
	h.other = h.makeBot("日日小舖", deps.NewID())
	h.publish()
	libraries := engine.NewLibraries(h.db, h.clock.Now)
	h.platform = &outboxtest.Platform{Keys: true}
	platforms := map[string]channels.Channel{"line": h.platform}
	out := outbox.New(outbox.Config{Deps: deps, Engine: engine.New(deps), Libraries: libraries, Ledger: h.db, Directory: h.db, Leases: h.db, Channels: platforms, Bells: h.bells, Limiter: free{}})
	out.Start(context.WithoutCancel(t.Context()))
	t.Cleanup(out.Stop)
	h.broadcasts = broadcast.New(broadcast.Config{Deps: deps, Store: h.db, Directory: h.db, Libraries: libraries, Channels: platforms, Sender: out, Outbox: out, Bells: h.bells,
		Audiences: &broadcast.Audiences{Store: h.db, Now: deps.Now}})
	h.config = console.Config{Store: h.db, Tokens: h.db, Broadcasts: h.broadcasts, Preview: out, Channels: platforms, Calls: api.New(api.Config{Store: h.db, Outbox: out, Broadcasts: h.broadcasts, Channels: platforms, Now: h.clock.Now, NewID: deps.NewID, Log: deps.Log}),
		Keys: [][]byte{[]byte("new key"), []byte("old key")}, PublicURL: "https://bots.example.com", Now: h.clock.Now}
	h.serve()
	return h
}

// serve begins with what is configured, as a new process does.
func (h *harness) serve() {
	h.Server = server.New(server.Config{Surfaces: []server.Surface{console.New(h.config)}, Now: h.clock.Now, NewID: func() string { return "request-1" }})
}

func (h *harness) makeBot(name, id string) engine.Bot {
	h.t.Helper()
	b := engine.Bot{ID: id, Name: name, TimeZone: "Asia/Ho_Chi_Minh", DefaultRegion: "VN", CreatedAt: h.clock.Now()}
	must(h.t, h.db.CreateBot(h.t.Context(), b))
	account := engine.Account{ID: "acc" + id[3:], BotID: id, Channel: "line", ExternalID: "U" + id, Name: "Shop", State: engine.AccountActive, CreatedAt: h.clock.Now()}
	must(h.t, h.db.CreateAccount(h.t.Context(), account, nil))
	return b
}

func (h *harness) publish() {
	h.t.Helper()
	for _, bot := range []engine.Bot{h.bot, h.other} {
		checked, _ := flows.Check([]byte(document), "news.json", flows.Catalog{})
		f, err := h.db.SaveDraft(h.t.Context(), bot.ID, "news", []byte(document), h.clock.Now())
		must(h.t, err)
		var infos []engine.BlockInfo
		for _, b := range checked.Program.Blocks {
			infos = append(infos, engine.BlockInfo{ID: b.ID, BotID: bot.ID, Name: b.Name, FlowID: f.ID, Module: b.Module})
		}
		_, err = h.db.Publish(h.t.Context(), engine.FlowVersion{BotID: bot.ID, FlowID: f.ID, Document: []byte(document), IDs: checked.IDs, CreatedAt: h.clock.Now()}, 0, infos, nil)
		must(h.t, err)
	}
}

// people makes n who have subscribed.
func (h *harness) people(n int) {
	h.t.Helper()
	for i := range n {
		id, err := h.db.CreateIdentity(h.t.Context(), h.bot.ID, outbox.NewIdentity{AccountID: "acc" + h.bot.ID[3:], ExternalID: fmt.Sprintf("U%03d", i), Now: h.clock.Now(),
			Profile: &channels.Profile{Name: fmt.Sprintf("P%d %s", i, nasty), FirstName: fmt.Sprintf("P%d", i)}})
		must(h.t, err)
		agreed := true
		must(h.t, h.db.PatchContact(h.t.Context(), h.bot.ID, id.ContactID, id.ID, engine.Deltas{Subscribe: &agreed}, h.clock.Now()))
	}
}

// work answers every bell until none rings.
func (h *harness) work() {
	h.t.Helper()
	for range 1000 {
		switch {
		case len(h.bells.runs) > 0:
			n := h.bells.runs[0]
			h.bells.runs = h.bells.runs[1:]
			must(h.t, h.broadcasts.Work(h.t.Context(), n))
		case len(h.bells.ranges) > 0:
			n := h.bells.ranges[0]
			h.bells.ranges = h.bells.ranges[1:]
			must(h.t, h.broadcasts.WorkRange(h.t.Context(), n))
		default:
			return
		}
	}
	h.t.Fatal("the bells do not fall silent")
}

func (h *harness) makeToken(name, bot string, scopes ...string) string {
	h.t.Helper()
	must(h.t, h.db.CreateToken(h.t.Context(), engine.Token{Hash: token.Hash("secret of " + name), BotID: bot, Name: name, Scopes: scopes, CreatedAt: h.clock.Now(),
		ValidUntil: h.clock.Now().Add(console.SessionLife)}))
	return "secret of " + name
}

// browser is somebody at the page.
type browser struct {
	h      *harness
	cookie string
	header map[string]string
}

// answer is what a browser got.
type answer struct {
	status int
	header http.Header
	body   string
}

func (b *browser) do(method, path string, form url.Values) answer {
	b.h.t.Helper()
	kind := ""
	if form != nil {
		kind = "application/x-www-form-urlencoded"
	}
	return b.send(method, path, kind, strings.NewReader(form.Encode()))
}

func (b *browser) send(method, path, kind string, body io.Reader) answer {
	b.h.t.Helper()
	r, err := http.NewRequestWithContext(b.h.t.Context(), method, path, body)
	must(b.h.t, err)
	r.Host = "bots.example.com"
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if b.cookie != "" {
		r.Header.Set("Cookie", "blockcast_console="+b.cookie)
	}
	for name, value := range b.header {
		r.Header.Set(name, value)
	}
	got, err := b.h.Test(r)
	must(b.h.t, err)
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	must(b.h.t, err)
	for _, c := range got.Cookies() {
		b.cookie = c.Value
	}
	return answer{got.StatusCode, got.Header, string(text)}
}

func (b *browser) get(path string) answer { b.h.t.Helper(); return b.do(http.MethodGet, path, nil) }

// post sends a form with the page's proof.
func (b *browser) post(path string, form url.Values) answer {
	b.h.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	form.Set("csrf", b.csrf())
	return b.do(http.MethodPost, path, form)
}

// file uploads a file with the page's proof.
func (b *browser) file(path, text string) answer {
	b.h.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	must(b.h.t, form.WriteField("csrf", b.csrf()))
	must(b.h.t, form.WriteField("name", "VIPs"))
	part, err := form.CreateFormFile("file", "vip.csv")
	must(b.h.t, err)
	_, err = io.WriteString(part, text)
	must(b.h.t, err)
	must(b.h.t, form.Close())
	return b.send(http.MethodPost, path, form.FormDataContentType(), &body)
}

func (b *browser) csrf() string {
	b.h.t.Helper()
	_, rest, found := strings.Cut(b.get("/broadcasts").body, `data-csrf="`)
	if !found {
		b.h.t.Fatal("nobody is signed in")
	}
	csrf, _, _ := strings.Cut(rest, `"`)
	return csrf
}

// enter signs in with a token that may send broadcasts of a bot.
func (h *harness) enter(bot engine.Bot) *browser {
	h.t.Helper()
	return h.enterAs(bot, engine.ScopeBroadcasts)
}

func (h *harness) enterAs(bot engine.Bot, scope string) *browser {
	h.t.Helper()
	b := &browser{h: h}
	got := b.do(http.MethodPost, "/broadcasts/sign-in", url.Values{"token": {h.makeToken(scope+" of "+bot.ID, bot.ID, scope)}})
	if got.status != http.StatusSeeOther || b.cookie == "" {
		h.t.Fatalf("sign-in: %d %s", got.status, got.body)
	}
	return b
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
