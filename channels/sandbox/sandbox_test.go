package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels/sandbox/linerules"
)

const (
	secret = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
	bearer = "token-of-shop"
)

// clock is a clock that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// hook is a webhook endpoint that keeps what it gets.
type hook struct {
	*httptest.Server
	mu     sync.Mutex
	got    []hooked
	status int
	react  func(body []byte)
}

type hooked struct {
	header http.Header
	body   []byte
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	h.mu.Lock()
	h.got = append(h.got, hooked{r.Header, body})
	status, react := h.status, h.react
	h.mu.Unlock()
	if react != nil {
		react(body)
	}
	w.WriteHeader(status)
}

func (h *hook) last(t *testing.T) hooked {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.got) == 0 {
		t.Fatal("no webhook came")
	}
	return h.got[len(h.got)-1]
}

// bundle is a sandbox with one account, "shop", two friends and a hook.
type bundle struct {
	*Sandbox
	t        *testing.T
	clock    *clock
	server   *httptest.Server
	hook     *hook
	mai, lan string // ids
}

func setup(t *testing.T, change ...func(*Config, *LINEAccount)) *bundle {
	t.Helper()
	b := &bundle{t: t, clock: &clock{at: time.Date(2026, 1, 5, 3, 0, 0, 0, time.UTC)}}
	var ids int
	var mu sync.Mutex
	config := Config{Now: b.clock.now, NewID: func() string {
		mu.Lock()
		defer mu.Unlock()
		ids++
		return strconv.Itoa(ids)
	}}
	b.hook = &hook{status: http.StatusOK}
	b.hook.Server = httptest.NewServer(b.hook)
	t.Cleanup(b.hook.Close)
	account := LINEAccount{
		Name: "shop", Title: "Tiệm Vải Mây", ChannelSecret: secret, AccessToken: bearer, WebhookURL: b.hook.URL,
	}
	for _, f := range change {
		f(&config, &account)
	}
	b.Sandbox = New(config)
	if err := b.AddLINEAccount(account); err != nil {
		t.Fatal(err)
	}
	b.mai = b.person(Person{Name: "Nguyễn Thị Mai", Phone: "+84901234567", Language: "vi", Friend: true})
	b.lan = b.person(Person{Name: "林雅婷", Phone: "+886912345678", Language: "zh-TW", Friend: true})
	b.server = httptest.NewServer(b.Handler())
	t.Cleanup(b.server.Close)
	t.Cleanup(b.Sandbox.Close)
	return b
}

func (b *bundle) person(p Person) string {
	b.t.Helper()
	p.Account = "shop"
	p, err := b.AddPerson(p)
	if err != nil {
		b.t.Fatal(err)
	}
	return p.ID
}

// answer is what a call of the API got.
type answer struct {
	status int
	header http.Header
	body   string
}

// call calls the API as the account does; headers come in pairs.
func (b *bundle) call(method, path, body string, headers ...string) answer {
	b.t.Helper()
	a, err := b.try(method, path, body, headers...)
	if err != nil {
		b.t.Fatal(err)
	}
	return a
}

func (b *bundle) try(method, path, body string, headers ...string) (answer, error) {
	req, err := http.NewRequest(method, b.server.URL+path, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Authorization", "Bearer "+bearer)
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := b.server.Client().Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, strings.TrimSpace(string(got))}, err
}

const hello = `{"type":"text","text":"Xin chào"}`

func (b *bundle) push(to string, headers ...string) answer {
	b.t.Helper()
	return b.call("POST", "/line/v2/bot/message/push", fmt.Sprintf(`{"to":%q,"messages":[%s]}`, to, hello), headers...)
}

func (b *bundle) reply(token string, headers ...string) answer {
	b.t.Helper()
	return b.call("POST", "/line/v2/bot/message/reply", fmt.Sprintf(`{"replyToken":%q,"messages":[%s]}`, token, hello), headers...)
}

func (b *bundle) multicast(to ...string) answer {
	b.t.Helper()
	ids, _ := json.Marshal(to)
	return b.call("POST", "/line/v2/bot/message/multicast", fmt.Sprintf(`{"to":%s,"messages":[%s]}`, ids, hello))
}

func (b *bundle) write(id, text string) *Event {
	b.t.Helper()
	e, err := b.Write(b.t.Context(), "shop", id, text)
	if err != nil {
		b.t.Fatal(err)
	}
	return e
}

func (b *bundle) want(got answer, status int, body string) {
	b.t.Helper()
	if got.status != status || body != "" && got.body != body {
		b.t.Errorf("answered %d %s\nwant     %d %s", got.status, got.body, status, body)
	}
}

func message(text string) string { return `{"message":"` + text + `"}` }

func faultAt(property, text string) string {
	body, _ := json.Marshal(linerules.Refuse(linerules.Problem{Message: text, Property: property}))
	return string(body)
}

func TestAccountsAreChecked(t *testing.T) {
	t.Parallel()
	s := New(Config{})
	if err := s.AddLINEAccount(LINEAccount{Name: "a", ChannelSecret: "s", AccessToken: "t"}); err != nil {
		t.Fatal(err)
	}
	for want, a := range map[string]LINEAccount{
		"name: an":          {ChannelSecret: "s", AccessToken: "u"},
		"name: there":       {Name: "a", ChannelSecret: "s", AccessToken: "u"},
		"channel_secret:":   {Name: "b", AccessToken: "u"},
		"access_token: cal": {Name: "b", ChannelSecret: "s"},
		"access_token: ano": {Name: "b", ChannelSecret: "s", AccessToken: "t"},
		"user_id:":          {Name: "b", ChannelSecret: "s", AccessToken: "u", UserID: "shop"},
	} {
		if err := s.AddLINEAccount(a); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("AddLINEAccount(%+v) = %v, want %s", a, err, want)
		}
	}
	if _, err := s.AddPerson(Person{Account: "b"}); err == nil {
		t.Error("a person of an unknown account was added")
	}
	if err := s.AddPeople([]Person{{Account: "a"}, {Account: "a", ID: "7"}}); err == nil || !strings.HasPrefix(err.Error(), "person 1: id:") {
		t.Errorf("AddPeople = %v", err)
	}
}

func TestSeededAgainIsTheSame(t *testing.T) {
	t.Parallel()
	b := setup(t)
	again := b.person(Person{Name: "Nguyễn Thị Mai", Phone: "+84901234567", Language: "en", Friend: true})
	if again != b.mai || len(b.accounts[0].list) != 2 {
		t.Errorf("seeding again made %s, and %d people", again, len(b.accounts[0].list))
	}
}

func TestWaitHearsOfAnAcceptedCall(t *testing.T) {
	t.Parallel()
	b := setup(t)
	done := make(chan []Call)
	go func() {
		calls, _ := b.WaitFor(t.Context(), b.mai, 2)
		done <- calls
	}()
	b.push(b.mai)
	b.push(b.lan)
	b.push(b.mai)
	calls := <-done
	if len(calls) != 2 || calls[1].To[0] != b.mai || !bytes.Contains(calls[1].Body, []byte("Xin chào")) {
		t.Errorf("got %+v", calls)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Wait(ctx, func(*State) bool { return false }); err != context.Canceled {
		t.Errorf("Wait = %v", err)
	}
}

func TestRecordsAreBoundedAndCountersAreNot(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *Config, _ *LINEAccount) { c.Keep, c.History = 3, 2 })
	for range 10 {
		b.push(b.mai)
	}
	if n := len(b.Accepted()); n != 3 {
		t.Errorf("kept %d calls", n)
	}
	if n := len(b.Chat("shop", b.mai)); n != 2 {
		t.Errorf("kept %d entries", n)
	}
	if calls := b.Accepted(); calls[0].Seq >= calls[1].Seq || calls[1].Seq >= calls[2].Seq {
		t.Errorf("out of order: %+v", calls)
	}
	c := b.Counts()
	if c.Accepted[LINEPush] != 10 || c.Delivered != 10 || c.Paid != 10 || c.Requests != 10 || c.Messages != 10 {
		t.Errorf("counted %+v", c)
	}

	none := setup(t, func(c *Config, _ *LINEAccount) { c.Keep, c.History = -1, -1 })
	none.push(none.mai)
	if len(none.Accepted()) != 0 || len(none.Chat("shop", none.mai)) != 0 || none.Counts().Delivered != 1 {
		t.Error("Keep -1 kept something, or did not count")
	}
}

func TestRecentForgetsTheOldest(t *testing.T) {
	t.Parallel()
	r := newRecent[int, int](3)
	for i := range 100 {
		r.put(i, i)
		r.put(i, i) // again: no new entry
	}
	for i, want := range map[int]bool{96: false, 97: true, 98: true, 99: true} {
		if _, ok := r.get(i); ok != want {
			t.Errorf("get(%d) = %v", i, ok)
		}
	}
	if len(r.order)-r.head != 3 {
		t.Errorf("remembers the order of %d", len(r.order)-r.head)
	}
}

func TestBucket(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	b := newBucket(Rate{2, time.Second}, at)
	for i, tt := range []struct {
		after time.Duration
		want  bool
	}{{0, true}, {0, true}, {0, false}, {500 * time.Millisecond, true}, {0, false}, {-time.Hour, false}, {time.Hour + time.Second, true}, {0, true}, {0, false}} {
		at = at.Add(tt.after)
		if got := b.take(at); got != tt.want {
			t.Errorf("take %d = %v", i, got)
		}
	}
	if free := newBucket(Rate{}, at); !free.take(at) {
		t.Error("a bucket without a rate refuses")
	}
}
