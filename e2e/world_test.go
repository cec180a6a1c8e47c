// Package e2e_test runs whole instances, embedded and on Postgres and Redis,
// between the sandbox's platforms and the callers of the API.
package e2e_test

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/blockcast/blockcast/channels/sandbox"
)

// patience bounds every wait; nothing is asserted about time.
const patience = 30 * time.Second

// world is a pretend LINE with one account and its people, and a blockcast
// with one bot, of the templates, that settle connects to it.
type world struct {
	t       *testing.T
	line    *sandbox.Sandbox
	lineURL string
	env     map[string]string
	data    string

	base     string // of the first server
	token    string // of the bot, with all scopes
	bot      string // its id
	account  string // its LINE account's id
	page     string // its Page's, where connectPage was called
	foreseen string // what the errors are about that the case means to be logged
}

// Of the pretend LINE.
const (
	shop   = "shop"
	secret = "e2e-channel-secret"
	access = "e2e-access-token"
)

var people = []sandbox.Person{
	{Account: shop, Name: "Mai", Phone: "0912345601", Language: "vi", Friend: true},
	{Account: shop, Name: "小華", Phone: "0912345602", Language: "zh-TW", Friend: true},
}

// each runs a case on an embedded instance, and on Postgres and Redis where
// TEST_POSTGRES_URL and TEST_REDIS_URL say that there are.
func each(t *testing.T, f func(t *testing.T, w *world)) {
	t.Parallel()
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.serve()
		w.settle()
		f(t, w)
	})
	t.Run("production", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.production()
		w.serve()
		w.settle()
		f(t, w)
	})
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, line: sandbox.New(sandbox.Config{}), data: filepath.Join(t.TempDir(), "data")}
	platform := httptest.NewServer(w.line.Handler())
	t.Cleanup(func() { w.line.Close(); platform.Close() })
	w.lineURL = platform.URL + "/line"
	w.env = map[string]string{"BLOCKCAST_DATA": w.data, "BLOCKCAST_CHANNEL_URL": "line=" + w.lineURL + ";messenger=" + platform.URL + "/graph",
		"BLOCKCAST_ALLOW_HOST": "127.0.0.1", "BLOCKCAST_LOG_LEVEL": "warn"}
	w.must(w.line.AddLINEAccount(sandbox.LINEAccount{Name: shop, ChannelSecret: secret, AccessToken: access}))
	w.must(w.line.AddPeople(people))
	from, err := made.onDisk(w.data)
	w.must(err)
	w.bot, w.token = from.bot, from.token
	return w
}

// production puts the instance on a database of its own and on Redis.
func (w *world) production() {
	w.t.Helper()
	pg, redis := os.Getenv("TEST_POSTGRES_URL"), os.Getenv("TEST_REDIS_URL")
	if pg == "" || redis == "" {
		w.t.Skip("TEST_POSTGRES_URL and TEST_REDIS_URL name no servers")
	}
	from, env, err := made.onPostgres(w.t.Context(), pg, redis)
	w.must(err)
	w.t.Cleanup(func() { _ = dropDatabase(pg, env["BLOCKCAST_REDIS_SPACE"]) }) // one that is left on a busy server harms no case
	maps.Copy(w.env, env)
	w.bot, w.token = from.bot, from.token
}

// settle connects the bot's account by the server, and lets the commands that
// follow serve themselves.
func (w *world) settle() {
	w.t.Helper()
	connected := w.cli("accounts", "connect", "line", "channel_secret="+secret, "channel_access_token="+access, "--json", "--url", w.base, "--token", w.token)
	w.account = w.field(connected, "id")
	if w.env["BLOCKCAST_DATABASE_URL"] != "" {
		w.env["BLOCKCAST_PUBLIC_URL"] = w.base
	}
}

// field reads one member of a JSON object.
func (w *world) field(text, name string) string {
	w.t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		w.t.Fatalf("%s: %v", text, err)
	}
	s, _ := v[name].(string)
	if s == "" {
		w.t.Fatalf("no %s in %s", name, text)
	}
	return s
}

// calls makes an HTTP call and returns its status and JSON answer.
func (w *world) calls(method, path, token, body string) (int, map[string]any) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.base+path, strings.NewReader(body))
	w.must(err)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	w.must(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	w.must(err)
	var v map[string]any
	if len(text) > 0 && text[0] == '{' {
		w.must(json.Unmarshal(text, &v))
	}
	return res.StatusCode, v
}

// emptyQueue forgets every bell.
func (w *world) emptyQueue() {
	w.t.Helper()
	o, err := redis.ParseURL(w.env["BLOCKCAST_REDIS_URL"])
	w.must(err)
	c := redis.NewClient(o)
	defer c.Close()
	keys, err := c.Keys(w.t.Context(), "*"+w.env["BLOCKCAST_REDIS_SPACE"]+"*").Result()
	w.must(err)
	if len(keys) == 0 {
		w.t.Fatal("no bell is in the queue")
	}
	w.must(c.Del(w.t.Context(), keys...).Err())
}

// polls and pause bound what can only be asked again and again.
const polls = 1500

func (w *world) pause() {
	select {
	case <-time.After(20 * time.Millisecond):
	case <-w.t.Context().Done():
	}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}
