package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/channels/line"
	"github.com/blockcast/blockcast/channels/sandbox"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/flows"
	numbers "github.com/blockcast/blockcast/phone"
)

func TestTheFlowIsWhatTheBenchmarksExpect(t *testing.T) {
	t.Parallel()
	checked, problems := flows.Check(document, "flow.json", flows.Catalog{})
	for _, p := range problems {
		t.Errorf("flow.json:%d:%d: %s", p.Line, p.Column, p.Message)
	}
	found := map[string]int{}
	for _, b := range checked.Program.Blocks {
		found[b.Name] = len(b.Needs)
	}
	if found["order shipped"] != 2 {
		t.Errorf("the blocks and what they need: %v", found)
	}
	if _, ok := found["greeting"]; !ok {
		t.Errorf("there is no greeting: %v", found)
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 4711, people} {
		if got, err := numbers.Parse(phone(n), "VN"); err != nil || got != "+84"+phone(n)[1:] {
			t.Errorf("person %d has the number %s: %s, %v", n, phone(n), got, err)
		}
		if id := userID(n); len(id) != 33 || strings.ToLower(id[1:]) != id[1:] {
			t.Errorf("person %d is %s", n, id)
		}
	}
}

// lineWorld is a world without a database.
func lineWorld() *world {
	return &world{account: engine.Account{ID: "a1", Channel: "line", ExternalID: userID(0),
		Secrets: map[string]string{"channel_secret": "secret", "channel_access_token": "token"}}}
}

func TestWebhooksAreLINEs(t *testing.T) {
	t.Parallel()
	w := lineWorld()
	p := w.poster("127.0.0.1:1")
	seen := map[string]bool{}
	for n := range int64(3) {
		body := appendEvent(nil, p.destination, n, time.Now())
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(p.signed(nil, body))))
		if err != nil {
			t.Fatal(err)
		}
		posted, err := io.ReadAll(r.Body)
		if err != nil || r.URL.Path != "/webhooks/line/a1" {
			t.Fatal(r.URL.Path, err)
		}
		account := channels.Account{ID: "a1", ExternalID: w.account.ExternalID, Secrets: w.account.Secrets}
		got, err := line.New(nil, line.Config{}).Receive(account, &channels.Request{Method: r.Method, Header: r.Header, Body: posted})
		if err != nil || len(got.Updates) != 1 {
			t.Fatal(got, err)
		}
		u := got.Updates[0]
		if u.Text != writes || u.From != userID(int(n)+1) || u.Account != userID(0) || u.ReplyToken != replyToken(n) || seen[u.Key] {
			t.Errorf("event %d is %+v", n, u)
		}
		seen[u.Key] = true
	}
}

// converser posts replies to a platform as the program would.
func converser(t *testing.T) (*platform, func(token string, messages int) int) {
	t.Helper()
	p, err := newPlatform(lineWorld())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.close(); err != nil {
			t.Error(err)
		}
	})
	return p, func(token string, messages int) int {
		said := strings.TrimSuffix(strings.Repeat(`{"type":"text","text":"Hello"},`, messages), ",")
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/v2/bot/message/reply", strings.NewReader(`{"replyToken":"`+token+`","messages":[`+said+`]}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer token")
		r.Header.Set("Content-Type", "application/json")
		got, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer got.Body.Close()
		return got.StatusCode
	}
}

func ask(t *testing.T, p *platform, n int, due time.Time) *sandbox.Event {
	t.Helper()
	e, err := p.TextEvent(accountName, userID(n), "Hello")
	if err != nil {
		t.Fatal(err)
	}
	p.expect(e.ReplyToken, due)
	return e
}

func TestThePlatformMeasuresReplies(t *testing.T) {
	t.Parallel()
	p, reply := converser(t)
	warm, measured := time.Now().Add(-time.Hour), time.Now().Add(-time.Minute)
	first, second := ask(t, p, 1, warm), ask(t, p, 2, measured)
	for _, e := range []*sandbox.Event{first, second} {
		if status := reply(e.ReplyToken, texts); status != http.StatusOK {
			t.Fatalf("answered %d", status)
		}
	}
	if err := p.settled(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	if got := p.since(measured); len(got) != 1 || got[0] < time.Minute || got[0] > 2*time.Minute {
		t.Errorf("measured %v", got)
	}
	if got := p.since(warm); len(got) != 2 {
		t.Errorf("measured %v in all", got)
	}
}

func TestThePlatformTakesNothingElseForTheBlock(t *testing.T) {
	t.Parallel()
	p, reply := converser(t)
	half := ask(t, p, 1, time.Now())
	if status := reply(half.ReplyToken, 1); status != http.StatusOK {
		t.Fatalf("answered %d", status)
	}
	if status := reply("0123", texts); status != http.StatusBadRequest {
		t.Fatalf("a strange token was answered %d", status)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := p.settled(ctx, time.Minute)
	if err == nil || !strings.Contains(err.Error(), "1 of 1 replies did not arrive") || !strings.Contains(err.Error(), "something else than the block, and answered 200") {
		t.Errorf("got %v", err)
	}
}

func TestBenchmarksNeedTheirServers(t *testing.T) {
	t.Parallel()
	if _, err := newWorld(t.Context(), servers{}); err == nil || !strings.Contains(err.Error(), "run task bench") {
		t.Errorf("got %v", err)
	}
	if _, err := newWorld(t.Context(), servers{postgres: "postgres://u:hidden@[::1", redis: "redis://127.0.0.1"}); err == nil || strings.Contains(err.Error(), "hidden") {
		t.Errorf("got %v", err)
	}
}

// TestLateIsSlow holds a reply to the time it was due to be asked for.
func TestLateIsSlow(t *testing.T) {
	t.Parallel()
	p := &platform{awaits: map[string]time.Time{}, all: make(chan struct{})}
	due := time.Now()
	p.expect("t", due)
	p.note([]byte(`{"replyToken":"t","messages":[{},{}]}`), http.StatusOK, due.Add(3*time.Second))
	if err := p.settled(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	if got := p.since(due); len(got) != 1 || got[0] != 3*time.Second {
		t.Errorf("measured %v", got)
	}
	p.note([]byte(`not JSON`), http.StatusOK, due)
	if err := p.settled(t.Context(), time.Minute); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}
