package app

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/glebarez/sqlite"
	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/blockcast/blockcast/channels/sandbox"
)

// trial is a running instance with one bot on a pretend LINE. Its secrets are
// all different, and long enough to be looked for.
type trial struct {
	t    *testing.T
	env  map[string]string
	line *sandbox.Sandbox

	bot     string
	account string
	base    string
	token   string
	log     *screen // of all its servers

	// goodToken is what the platform takes now; the sandbox knows the first.
	goodToken atomic.Value
}

const (
	trialAccess = "shop-access-token-5b1f0c77"
	trialSecret = "shop-channel-secret-9d2a4e10"
)

// trials runs a case on an embedded instance, and on Postgres and Redis where
// there are some.
func trials(t *testing.T, f func(t *testing.T, s *trial)) {
	t.Parallel()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		f(t, newTrial(t, map[string]string{"BLOCKCAST_DATA": filepath.Join(t.TempDir(), "data"), "BLOCKCAST_LISTEN": "127.0.0.1:0"}))
	})
	t.Run("production", func(t *testing.T) {
		t.Parallel()
		f(t, newTrial(t, production(t)))
	})
}

func newTrial(t *testing.T, env map[string]string) *trial {
	t.Helper()
	s := &trial{t: t, env: env, line: sandbox.New(sandbox.Config{}), log: newScreen()}
	s.goodToken.Store(trialAccess)
	platform := httptest.NewServer(http.HandlerFunc(s.platform))
	t.Cleanup(func() { s.line.Close(); platform.Close() })
	env["BLOCKCAST_CHANNEL_URL"] = "line=" + platform.URL + "/line"
	env["BLOCKCAST_ALLOW_HOST"] = "127.0.0.1"
	env["BLOCKCAST_CALLS"] = "10000"
	env["BLOCKCAST_LOG_LEVEL"], env["BLOCKCAST_LOG_FORMAT"] = "debug", "json"
	if err := s.line.AddLINEAccount(sandbox.LINEAccount{Name: "shop", ChannelSecret: trialSecret, AccessToken: trialAccess}); err != nil {
		t.Fatal(err)
	}
	return s
}

// platform is the sandbox behind a token that can change.
func (s *trial) platform(w http.ResponseWriter, r *http.Request) {
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		if bearer != s.goodToken.Load() {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"message":"Authentication failed. Confirm that the access token in the authorization header is valid."}`)
			return
		}
		r.Header.Set("Authorization", "Bearer "+trialAccess)
	}
	s.line.Handler().ServeHTTP(w, r)
}

// run runs a command until stop ends it, when it has said ready; args follow.
func (s *trial) run(ready string, args ...string) (said string, stop func()) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out, ended := newScreen(), make(chan int, 1)
	env := map[string]string{}
	for name, value := range s.env {
		env[name] = value
	}
	go func() {
		ended <- Main(ctx, args, &Process{In: strings.NewReader(""), Out: out, Err: s.log, Lookup: func(n string) (string, bool) { v, ok := env[n]; return v, ok }})
	}()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if code := <-ended; code != 0 {
				s.t.Errorf("%v ended with %d: %s", args, code, s.log)
			}
		})
	}
	s.t.Cleanup(stop)
	for limit := time.After(time.Minute); !strings.Contains(out.String(), ready); {
		select {
		case <-out.changed:
		case code := <-ended:
			ended <- code
			s.t.Fatalf("%v ended with %d: %s", args, code, s.log)
		case <-limit:
			s.t.Fatalf("%v does not say %q: %s", args, ready, s.log)
		}
	}
	_, after, _ := strings.Cut(out.String(), ready)
	said, _, _ = strings.Cut(after, "\n")
	return strings.TrimSpace(said), stop
}

// serve starts a server; the first one gives the shop its address.
func (s *trial) serve(args ...string) (stop func()) {
	s.t.Helper()
	s.base, stop = s.run("blockcast serves ", append([]string{"serve"}, args...)...)
	if s.account != "" { // it listens elsewhere than the one before
		if err := s.line.SetWebhook("shop", s.base+"/webhooks/line/"+s.account); err != nil {
			s.t.Fatal(err)
		}
	}
	return stop
}

// open makes the bot, its flow and its account, by the command line.
func (s *trial) open(flow string) {
	s.t.Helper()
	if s.env["BLOCKCAST_DATABASE_URL"] != "" {
		s.env["BLOCKCAST_PUBLIC_URL"] = s.base
	}
	s.bot = s.field(s.does("bots", "create", "shop", "--region", "VN", "--json"), "id")
	s.token = s.field(s.does("tokens", "create", "ops", "--scope", "send,agent,read,contacts,flows,broadcasts,admin", "--json"), "token")
	s.does("flows", "push", write(s.t, "shop.json", flow), "--publish")
	s.account = s.field(s.does("accounts", "connect", "line", "channel_secret="+trialSecret, "channel_access_token="+trialAccess, "--json"), "id")
}

// does runs a command that must succeed and returns what it printed.
func (s *trial) does(args ...string) string {
	s.t.Helper()
	out, errs, code := typedIn(s.t, s.env, args...)
	if code != 0 {
		s.t.Fatalf("%v ended with %d: %s%s", args, code, out, errs)
	}
	return out
}

func (s *trial) field(text, name string) string {
	s.t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil || v[name] == nil {
		s.t.Fatalf("no %s in %s: %v", name, text, err)
	}
	return fmt.Sprint(v[name])
}

// people makes friends of the shop.
func (s *trial) people(n int) []string {
	s.t.Helper()
	var ids []string
	for i := range n {
		p, err := s.line.AddPerson(sandbox.Person{Account: "shop", Name: fmt.Sprint("Person ", i), Friend: true})
		if err != nil {
			s.t.Fatal(err)
		}
		ids = append(ids, p.ID)
	}
	return ids
}

// calls makes an HTTP call with a token; a server that is gone has status 0.
func (s *trial) calls(method, path, token, body string) (status int, text string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.base+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	return answer.StatusCode, s.read(answer)
}

// read is an answer's body.
func (s *trial) read(answer *http.Response) string {
	s.t.Helper()
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	s.must(err)
	return string(data)
}

func (s *trial) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// sends orders a block for a person.
func (s *trial) sends(person, block string) (status int, text string) {
	s.t.Helper()
	return s.calls("POST", "/v1/bots/"+s.bot+"/sends", s.token, fmt.Sprintf(`{"to":{"account":%q,"user":%q},"block":%q}`, s.account, person, block))
}

// asks reads the only column of a query from the database itself, which it
// opens for that alone.
func (s *trial) asks(query string) []string {
	s.t.Helper()
	driver, address := sqlite.DriverName, filepath.Join(s.env["BLOCKCAST_DATA"], databaseFile)
	if s.env["BLOCKCAST_DATABASE_URL"] != "" {
		driver, address = "pgx", s.env["BLOCKCAST_DATABASE_URL"]
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(s.t.Context(), query)
	if err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var v sql.NullString
		if err := rows.Scan(&v); err != nil {
			s.t.Fatal(err)
		}
		out = append(out, v.String)
	}
	if err := rows.Err(); err != nil {
		s.t.Fatal(err)
	}
	return out
}

// waits until a query's answer is as wanted.
func (s *trial) waits(query, want string) {
	s.t.Helper()
	got := ""
	for range 1500 {
		if got = strings.Join(s.asks(query), ","); got == want {
			return
		}
		select {
		case <-s.t.Context().Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
	s.t.Fatalf("%s gives %q, want %q\n%s", query, got, want, s.log)
}

// hears waits until a person got n calls.
func (s *trial) hears(person string, n int) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	if calls, err := s.line.WaitFor(ctx, person, n); err != nil {
		s.t.Fatalf("%s got %d calls, want %d: %v\n%s", person, len(calls), n, err, s.log)
	}
}

// escaped is a value in a query.
func escaped(s string) string { return url.QueryEscape(s) }

// trialFlow answers everything and can be sent.
const trialFlow = `{"format": 1, "flow": "shop",
	"triggers": [{"on": "follow", "block": "welcome"}, {"on": "default", "block": "echo"}],
	"modules": [{"name": "news", "entry": {}, "steps": [{"type": "text", "text": "News."}]}],
	"blocks": [{"name": "welcome", "steps": [{"type": "text", "text": "Welcome."}]},
		{"name": "echo", "steps": [{"type": "text", "text": "I hear."}]}]}`
