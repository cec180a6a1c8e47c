package webhook_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/channels/line"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/inbox"
	"github.com/blockcast/blockcast/server/webhook"
)

const (
	secret = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
	bot    = "U00112233445566778899aabbccddeeff"
)

// world is what lies behind the webhooks.
type world struct {
	accounts map[string]*engine.Account
	away     error         // of the database
	hangs    string        // where the database is asked and does not answer
	waited   time.Duration // it was given

	mu    sync.Mutex
	got   []channels.Update
	of    []string // whose they are
	err   error    // of the inbox
	calls int
}

func newWorld() *world {
	account := func(state engine.AccountState) *engine.Account {
		return &engine.Account{ID: "a1", Channel: "line", ExternalID: bot, Secrets: map[string]string{"channel_secret": secret}, State: state}
	}
	return &world{accounts: map[string]*engine.Account{
		"a1": account(engine.AccountActive), "paused": account(engine.AccountPaused), "gone": account(engine.AccountDisconnected),
	}}
}

// hang is a database that does not answer.
func (w *world) hang(ctx context.Context) error {
	if until, bounded := ctx.Deadline(); bounded {
		w.waited = time.Until(until)
		<-ctx.Done()
	}
	return ctx.Err()
}

func (w *world) Account(ctx context.Context, id string) (*engine.Account, error) {
	if w.hangs == "account" {
		return nil, w.hang(ctx)
	}
	if w.away != nil {
		return nil, w.away
	}
	if !utf8.ValidString(id) {
		return nil, errors.New("invalid byte sequence for encoding")
	}
	if a, ok := w.accounts[id]; ok {
		return a, nil
	}
	return nil, &engine.Error{Code: engine.NotFound, Message: "no such account"}
}

func (w *world) AccountByAlias(_ context.Context, channel, platformID string) (*engine.Account, error) {
	for _, a := range w.accounts {
		if a.Channel == channel && a.ExternalID == platformID {
			return a, nil
		}
	}
	return nil, nil
}

func (w *world) Accept(ctx context.Context, a *engine.Account, r *channels.Received) error {
	if w.hangs == "inbox" {
		return w.hang(ctx)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls++
	if w.err == nil {
		w.got = append(w.got, r.Updates...)
		for range r.Updates {
			w.of = append(w.of, a.ID)
		}
	}
	return w.err
}

func (w *world) app(r *prometheus.Registry) *fiber.App {
	hooks := webhook.New(webhook.Config{
		Accounts: w, Inbox: w, Now: time.Now, Registry: r,
		Channels: map[string]channels.Channel{"line": line.New(nil, line.Config{})},
	})
	app := fiber.New(fiber.Config{Immutable: true, ErrorHandler: func(c *fiber.Ctx, err error) error {
		status := fiber.StatusInternalServerError
		var f *fiber.Error
		if errors.As(err, &f) {
			status = f.Code
		}
		return hooks.Fail(c, status, err.Error())
	}})
	hooks.Mount(app)
	return app
}

func post(t *testing.T, app *fiber.App, path, body, signature string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("x-line-signature", signature)
	res, err := app.Test(r)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func sign(body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func said(destination, text string) string {
	return fmt.Sprintf(`{"destination":%q,"events":[{"type":"message","webhookEventId":"01","timestamp":1767225600123,"mode":"active",
		"source":{"type":"user","userId":"U1"},"message":{"type":"text","id":"6","text":%q}}]}`, destination, text)
}

func TestReceive(t *testing.T) {
	t.Parallel()
	hello := said(bot, "Olá 👋")
	for _, c := range []struct {
		name   string
		path   string
		body   string
		signed string // "": with the right signature
		inbox  error
		away   error
		status int
		texts  []string
		count  string // what is counted
	}{
		{name: "accepted", path: "/webhooks/line/a1", body: hello, status: 200, texts: []string{"Olá 👋"}, count: `requests_total{channel="line",outcome="accepted"} 1`},
		{name: "a paused account still hears", path: "/webhooks/line/paused", body: hello, status: 200, texts: []string{"Olá 👋"}, count: `events_total{channel="line",outcome="accepted"} 1`},
		{name: "the console's test", path: "/webhooks/line/a1", body: `{"destination":"` + bot + `","events":[]}`, status: 200, count: `requests_total{channel="line",outcome="accepted"} 1`},
		{name: "another account's", path: "/webhooks/line/a1", body: said("Uffff", "not yours"), status: 200, count: `events_total{channel="line",outcome="foreign"} 1`},
		{name: "wrong signature", path: "/webhooks/line/a1", body: hello, signed: sign("x"), status: 401, count: `requests_total{channel="line",outcome="wrong_signature"} 1`},
		{name: "signature of no form", path: "/webhooks/line/a1", body: hello, signed: "%", status: 401, count: `requests_total{channel="line",outcome="wrong_signature"} 1`},
		{name: "not JSON", path: "/webhooks/line/a1", body: `{"destination":`, status: 400, count: `requests_total{channel="line",outcome="unreadable"} 1`},
		{name: "unknown account", path: "/webhooks/line/a2", body: hello, status: 404, count: `requests_total{channel="",outcome="unknown_account"} 1`},
		{name: "an account of odd bytes", path: "/webhooks/line/a\xff", body: hello, status: 404, count: `requests_total{channel="",outcome="unknown_account"} 1`},
		{name: "disconnected account", path: "/webhooks/line/gone", body: hello, status: 404, count: `requests_total{channel="",outcome="unknown_account"} 1`},
		{name: "unknown channel", path: "/webhooks/pigeon/a1", body: hello, status: 404, count: `requests_total{channel="",outcome="unknown_account"} 1`},
		{name: "inbox busy", path: "/webhooks/line/a1", body: hello, inbox: inbox.ErrBusy, status: 503, count: `requests_total{channel="line",outcome="busy"} 1`},
		{name: "inbox broken", path: "/webhooks/line/a1", body: hello, inbox: errors.New("disk full"), status: 500, count: `requests_total{channel="line",outcome="failed"} 1`},
		{name: "database away", path: "/webhooks/line/a1", body: hello, away: errors.New("no connection"), status: 503},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, registry := newWorld(), prometheus.NewRegistry()
			w.err, w.away = c.inbox, c.away
			signature := c.signed
			if signature == "" {
				signature = sign(c.body)
			}
			res := post(t, w.app(registry), c.path, c.body, signature)
			if res.StatusCode != c.status {
				t.Errorf("status %d, want %d", res.StatusCode, c.status)
			}
			if body, _ := io.ReadAll(res.Body); len(body) > 0 && c.status >= 500 {
				t.Errorf("the platform is told %q", body)
			}
			if retry := res.Header.Get("Retry-After"); (retry != "") != (c.status == 503) {
				t.Errorf("Retry-After %q", retry)
			}
			var texts []string
			for _, u := range w.got {
				texts = append(texts, u.Text)
			}
			if d := cmp.Diff(c.texts, texts); d != "" {
				t.Error(d)
			}
			if c.status == 401 && w.calls > 0 {
				t.Error("the inbox heard of it")
			}
			if text := scrape(t, registry); !strings.Contains(text, c.count) {
				t.Errorf("%s is not counted:\n%s", c.count, text)
			}
		})
	}
}

// A database that hangs costs the platform no more than its patience, whether
// the account is looked up or the events are stored.
func TestHangingDatabase(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"account", "inbox"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			w.hangs = at
			r := httptest.NewRequest(http.MethodPost, "/webhooks/line/a1", strings.NewReader(said(bot, "hello")))
			r.Header.Set("x-line-signature", sign(said(bot, "hello")))
			res, err := w.app(prometheus.NewRegistry()).Test(r, 5000)
			if err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != 503 || res.Header.Get("Retry-After") == "" {
				t.Errorf("status %d, Retry-After %q", res.StatusCode, res.Header.Get("Retry-After"))
			}
			if w.waited <= 0 || w.waited > 1500*time.Millisecond {
				t.Errorf("the database was given %v", w.waited)
			}
		})
	}
}

// A channel may answer for itself, as platforms' challenges want it.
func TestAnswerOfTheChannel(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.accounts["c"] = &engine.Account{ID: "c", Channel: "challenging", State: engine.AccountActive}
	hooks := webhook.New(webhook.Config{Accounts: w, Inbox: w, Now: time.Now,
		Channels: map[string]channels.Channel{"challenging": challenging{}}})
	app := fiber.New()
	hooks.Mount(app)
	res, err := app.Test(httptest.NewRequest(http.MethodGet, "/webhooks/challenging/c?challenge=42", nil))
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	if res.StatusCode != 202 || string(body) != "42" || res.Header.Get("Content-Type") != "text/plain" {
		t.Errorf("got %d %q", res.StatusCode, body)
	}
}

// challenging is a channel that repeats what it is asked.
type challenging struct{ channels.Channel }

func (challenging) Receive(_ channels.Account, r *channels.Request) (*channels.Received, error) {
	return &channels.Received{Answer: &channels.Response{Status: 202, ContentType: "text/plain", Body: []byte(r.Query["challenge"])}}, nil
}

// A platform's word about an account is told to who runs it, another bot's is
// not.
func TestNotices(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.accounts["p"] = &engine.Account{ID: "p", Channel: "warning", ExternalID: "100", State: engine.AccountActive}
	var log bytes.Buffer
	hooks := webhook.New(webhook.Config{Accounts: w, Inbox: w, Now: time.Now, Log: slog.New(slog.NewTextHandler(&log, nil)),
		Channels: map[string]channels.Channel{"warning": warning{}}})
	app := fiber.New()
	hooks.Mount(app)
	res, err := app.Test(httptest.NewRequest(http.MethodPost, "/webhooks/warning/p", nil))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	text := log.String()
	if res.StatusCode != http.StatusOK || !strings.Contains(text, "level=ERROR") || !strings.Contains(text, `account_id=p channel=warning code=policy_enforcement message="block: spam"`) {
		t.Errorf("answered %d, logged %q", res.StatusCode, text)
	}
	if strings.Contains(text, "elsewhere") {
		t.Errorf("another account's is told: %q", text)
	}
}

// warning is a channel whose platform warns of two accounts.
type warning struct{ channels.Channel }

func (warning) Receive(channels.Account, *channels.Request) (*channels.Received, error) {
	return &channels.Received{Notices: []channels.Notice{
		{Account: "100", Code: "policy_enforcement", Message: "block: spam", Barred: true},
		{Account: "200", Code: "policy_enforcement", Message: "elsewhere"},
	}}, nil
}

func scrape(t *testing.T, r *prometheus.Registry) string {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, f := range families {
		for _, m := range f.Metric {
			if m.Counter == nil {
				continue
			}
			var labels []string
			for _, l := range m.Label {
				labels = append(labels, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
			}
			fmt.Fprintf(&b, "%s{%s} %v\n", f.GetName(), strings.Join(labels, ","), m.Counter.GetValue())
		}
	}
	return b.String()
}

// What one application's secret signs is taken for the accounts that the same
// bot connected with that application, and for no others.
func TestOtherAccountsEvents(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		bot, app string
		state    engine.AccountState
		want     []string
	}{
		"same bot, same app":        {"b1", "app", engine.AccountActive, []string{"a2"}},
		"paused":                    {"b1", "app", engine.AccountPaused, []string{"a2"}},
		"same bot, another app":     {"b1", "other", engine.AccountActive, nil},
		"another bot, same app":     {"b2", "app", engine.AccountActive, nil},
		"same bot, app not known":   {"b1", "", engine.AccountActive, nil},
		"same bot, same app, ended": {"b1", "app", engine.AccountDisconnected, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			w.accounts["a1"].BotID, w.accounts["a1"].Fingerprint = "b1", "app"
			w.accounts["a2"] = &engine.Account{ID: "a2", BotID: c.bot, Fingerprint: c.app, Channel: "line", ExternalID: "Uother", State: c.state}
			body := said("Uother", "hello")
			res := post(t, w.app(prometheus.NewRegistry()), "/webhooks/line/a1", body, sign(body))
			res.Body.Close()
			if res.StatusCode != http.StatusOK || !slices.Equal(w.of, c.want) {
				t.Errorf("answered %d, given to %v, want %v", res.StatusCode, w.of, c.want)
			}
		})
	}
}
