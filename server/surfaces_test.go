package server_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server"
	"github.com/blockcast/blockcast/server/api"
	"github.com/blockcast/blockcast/server/compat/ahachat"
	"github.com/blockcast/blockcast/server/compat/botbonnie"
	"github.com/blockcast/blockcast/server/compat/firstline"
	"github.com/blockcast/blockcast/server/compat/omnichat"
	"github.com/blockcast/blockcast/server/token"
	"github.com/blockcast/blockcast/store/storetest"
)

// finding is a token.Finder that always says the same.
type finding struct {
	token *engine.Token
	err   error
}

func (f finding) Token(context.Context, string, time.Time) (*engine.Token, error) {
	return f.token, f.err
}

// counting lets nobody, or everybody, make a call.
type counting struct {
	wait time.Duration
	err  error
}

func (c counting) Take(context.Context, string, int) (int, time.Duration, error) {
	return 41, c.wait, c.err
}

// surfaces is a server with everything that takes tokens.
func surfaces(t *testing.T, tokens token.Finder, away func(error) bool) *server.Server {
	db := storetest.Open(t)
	return server.New(server.Config{NewID: func() string { return "request-1" }, Away: away, Surfaces: []server.Surface{
		ahachat.New(ahachat.Config{Bots: db, Tokens: tokens, Now: time.Now}),
		botbonnie.New(botbonnie.Config{Bots: db, Tokens: tokens, Directory: db, Now: time.Now}),
		firstline.New(firstline.Config{Bots: db, Tokens: tokens, Directory: db, Contacts: db, Deliveries: db, Now: time.Now}),
		omnichat.New(omnichat.Config{Bots: db, Tokens: tokens, Directory: db, Kept: db, Lists: db, Contacts: db, Answers: db, Now: time.Now}),
		api.New(api.Config{Store: db, Tokens: tokens, Now: time.Now, NewID: func() string { return "1" }}),
	}})
}

// calls are one call of every surface.
var calls = []struct{ name, method, path, body string }{
	{"AhaChat", http.MethodPost, "/api/bots/b/phones/send?ahachat_token=s&phone=0912345678&ahachat_block_name=x", ""},
	{"Chatfuel", http.MethodPost, "/bots/b/users/1/send?chatfuel_token=s&chatfuel_block_name=x", ""},
	{"BotBonnie", http.MethodPost, "/v1/api/message/push", `{"bot_id": "b", "bot_pid": "p", "bot_channel": 1, "bot_raw_uid": "U1", "bot_mid": "m"}`},
	{"FIRST LINE", http.MethodPost, "/api/v1/message/push?token=s", `{"contactable_type": "line", "contactable_id": 1, "type": "text", "message": "hi"}`},
	{"Omnichat", http.MethodGet, "/v1/channels", ""},
	{"native", http.MethodGet, "/v1/bots", ""},
}

// callAll makes a call of every surface and returns the bodies by name.
func callAll(t *testing.T, s *server.Server, status int, check func(t *testing.T, h http.Header)) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, c := range calls {
		r, err := http.NewRequest(c.method, "http://localhost"+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer s")
		r.Header.Set("Content-Type", "application/json")
		res, err := s.Test(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode != status {
			t.Errorf("%s: %d %s, want %d", c.name, res.StatusCode, body, status)
		}
		check(t, res.Header)
		out[c.name] = string(body)
	}
	return out
}

// forms are how each surface's refusals begin.
var forms = map[string]string{
	"AhaChat": `{"success":false,"result":"`, "Chatfuel": `{"success":false,"result":"`, "BotBonnie": `{"res":null,"status":`,
	"FIRST LINE": `{"message":"`, "Omnichat": `{"errorCode":"`, "native": `{"type":"/docs#problem-`,
}

func inForm(t *testing.T, bodies map[string]string, says string) {
	t.Helper()
	for name, body := range bodies {
		if !strings.HasPrefix(body, forms[name]) || !strings.Contains(body, says) {
			t.Errorf("%s answers %s, want its own form with %q", name, body, says)
		}
	}
}

func TestADatabaseThatIsAwayIs503Everywhere(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	bodies := callAll(t, surfaces(t, db, db.Away), http.StatusServiceUnavailable, func(t *testing.T, h http.Header) {
		if h.Get("Retry-After") != "1" {
			t.Errorf("Retry-After %q", h.Get("Retry-After"))
		}
	})
	inForm(t, bodies, "the database cannot be asked just now")
	for from, body := range bodies {
		if strings.Contains(body, "sql") {
			t.Errorf("%s tells of the inside: %s", from, body)
		}
	}
}

func TestACallBeyondItsTokensRateIs429Everywhere(t *testing.T) {
	t.Parallel()
	limited := &token.Limited{Finder: finding{token: &engine.Token{Hash: token.Hash("s"), BotID: "b"}}, Counter: counting{wait: 1500 * time.Millisecond}, PerSecond: 200}
	bodies := callAll(t, surfaces(t, limited, nil), http.StatusTooManyRequests, func(t *testing.T, h http.Header) {
		if h.Get("Retry-After") != "2" || h.Get("RateLimit-Policy") != `"token";q=200;w=1` || h.Get("RateLimit") == "" {
			t.Errorf("headers %v", h)
		}
	})
	inForm(t, bodies, "this token makes too many calls")
}

func TestCallsThatNobodyCountsAreLetThrough(t *testing.T) {
	t.Parallel()
	for name, limited := range map[string]*token.Limited{
		"no limit":      {Counter: counting{wait: time.Hour}},
		"no counter":    {Counter: counting{err: errors.New("redis is away")}, PerSecond: 5},
		"within limits": {Counter: counting{}, PerSecond: 5},
	} {
		limited.Finder = finding{token: &engine.Token{Hash: token.Hash("s"), BotID: "b"}}
		got, err := token.Find(t.Context(), limited, "s", time.Now())
		if err != nil || got == nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// noting lets everybody make a call, and notes for whom it was counted.
type noting struct{ callers []string }

func (n *noting) Take(_ context.Context, caller string, _ int) (int, time.Duration, error) {
	n.callers = append(n.callers, caller)
	return 0, time.Second, nil
}

// TestABotsTokensShareItsRate holds that a rate per bot is counted for all its
// tokens together, that a token without a bot is counted by itself, and that
// the caller is told whose rate it is.
func TestABotsTokensShareItsRate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		perBot          bool
		bot, want, says string
	}{
		{true, "b", "b", "this bot's tokens make too many calls"},
		{true, "", token.Hash("s"), "this token makes too many calls"},
		{false, "b", token.Hash("s"), "this token makes too many calls"},
	} {
		counted := new(noting)
		limited := &token.Limited{Finder: finding{token: &engine.Token{Hash: token.Hash("s"), BotID: c.bot}}, Counter: counted, PerSecond: 40, PerBot: c.perBot}
		var m token.Meter
		_, err := token.Find(token.WithMeter(t.Context(), &m), limited, "s", time.Now())
		if err == nil || !strings.HasPrefix(err.Error(), c.says) || !slices.Equal(counted.callers, []string{c.want}) || m.PerBot != (c.want == "b") {
			t.Errorf("%+v: %v, counted for %q, told %+v", c, err, counted.callers, m)
		}
	}
}

// TestAnswersAreReadable holds that a refusal shows what it quotes as it was
// written, in the products' forms too.
func TestAnswersAreReadable(t *testing.T) {
	t.Parallel()
	s := surfaces(t, finding{token: &engine.Token{Hash: token.Hash("s"), BotID: "other", Scopes: []string{engine.ScopeSend}}}, nil)
	for name, c := range map[string]struct{ path, body string }{
		"AhaChat":   {"/api/bots/a%3Cb%26c/phones/send?ahachat_token=s&phone=0912345678", ""},
		"BotBonnie": {"/v1/api/message/push", `{"bot_id": "a<b&c"}`},
	} {
		r, err := http.NewRequest(http.MethodPost, "http://localhost"+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer s")
		res, err := s.Test(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(body), "a<b&c") {
			t.Errorf("%s answers %s", name, body)
		}
	}
}
