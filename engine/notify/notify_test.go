package notify_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/blockcast/blockcast/app/fetch"
	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/enginetest"
	"github.com/blockcast/blockcast/engine/notify"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

// world is a sender over a real store, one webhook, and the answers of whoever
// it is posted to.
type world struct {
	t      *testing.T
	db     *store.DB
	clock  *enginetest.Clock
	sender *notify.Sender
	hook   engine.Webhook

	mu      sync.Mutex
	answers []int // by call; 200 afterwards, 0 for none, -1: the program fails
	calls   []*blocks.Request
	atOnce  int
	most    int
	rung    []time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, db: storetest.Open(t), clock: enginetest.NewClock()}
	deps := enginetest.Deps(t)
	deps.Now, deps.Fetch = w.clock.Now, w.fetch
	w.sender = notify.New(notify.Config{Deps: deps, Store: w.db, Bells: w})
	bot := engine.Bot{ID: "b00000000000000000000001", Name: "shop", TimeZone: "UTC"}
	w.must(w.db.CreateBot(t.Context(), bot))
	w.hook = engine.Webhook{ID: "c00000000000000000000001", BotID: bot.ID, URL: "https://crm.example.com/", Topics: []string{"*"}, State: engine.WebhookActive, Secret: notify.Secret([]byte("0123456789abcdef01234567"))}
	w.must(w.db.CreateWebhook(t.Context(), w.hook))
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// RingWebhooks implements notify.Bells.
func (w *world) RingWebhooks(at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rung = append(w.rung, at)
}

func (w *world) fetch(ctx context.Context, r *blocks.Request) (*blocks.Response, error) {
	w.mu.Lock()
	w.calls = append(w.calls, r)
	code := 200
	if len(w.answers) > 0 {
		code, w.answers = w.answers[0], w.answers[1:]
	}
	w.atOnce++
	w.most = max(w.most, w.atOnce)
	w.mu.Unlock()
	defer func() { w.mu.Lock(); w.atOnce--; w.mu.Unlock() }()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	switch code {
	case 0:
		return nil, errors.New("no answer in time")
	case -1:
		panic("the program fails")
	}
	return &blocks.Response{Status: code, Body: []byte(strings.Repeat("é", 600))}, nil
}

// tell queues n notices.
func (w *world) tell(n int) {
	w.t.Helper()
	now := w.clock.Now()
	for range n {
		_, err := w.db.AddPosting(w.t.Context(), engine.Posting{WebhookID: w.hook.ID, BotID: w.hook.BotID, MessageID: fmt.Sprintf("msg_%d", now.UnixNano()+int64(n)),
			Topic: "handover", Body: []byte(`{"type":"handover"}`), Status: engine.PostingQueued, NextAt: now, CreatedAt: now})
		w.must(err)
		now = now.Add(time.Microsecond)
	}
}

func (w *world) deliver() {
	w.t.Helper()
	w.must(w.sender.Deliver(w.t.Context()))
}

func (w *world) postings() []engine.Posting {
	w.t.Helper()
	list, _, err := w.db.ListPostings(w.t.Context(), w.hook.BotID, w.hook.ID, "", engine.Page{Limit: 200})
	w.must(err)
	return list
}

func (w *world) standing() *engine.Webhook {
	w.t.Helper()
	h, err := w.db.Webhook(w.t.Context(), w.hook.BotID, w.hook.ID)
	w.must(err)
	return h
}

func TestAPostingIsSignedAndTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.tell(1)
	w.deliver()
	w.deliver() // nothing is left
	if len(w.calls) != 1 {
		t.Fatalf("%d calls were made", len(w.calls))
	}
	r := w.calls[0]
	mac := hmac.New(sha256.New, []byte("0123456789abcdef01234567"))
	fmt.Fprintf(mac, "%s.%s.%s", r.Headers["Webhook-Id"], r.Headers["Webhook-Timestamp"], r.Body)
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); r.Headers["Webhook-Signature"] != want {
		t.Errorf("signature %q, want %q", r.Headers["Webhook-Signature"], want)
	}
	if r.Method != "POST" || r.Headers["Content-Type"] != "application/json" || r.Timeout != 10*time.Second || r.Headers["Webhook-Timestamp"] != fmt.Sprint(enginetest.Began.Unix()) {
		t.Errorf("the call is %+v", r)
	}
	p := w.postings()[0]
	if p.Status != engine.PostingDelivered || p.Code != 200 || p.Attempts != 1 || p.ClosedAt.IsZero() || len(p.Answer) != notify.MaxAnswer || p.Took <= 0 {
		t.Errorf("the posting is %+v", p)
	}
}

// TestKnownSignature holds the example of https://www.standardwebhooks.com's own
// libraries.
func TestKnownSignature(t *testing.T) {
	t.Parallel()
	got := notify.Sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestBothSecretsSignWhileOneIsReplaced(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := w.hook
	h.OldSecret, h.OldUntil, h.Secret = h.Secret, enginetest.Began.Add(time.Hour), notify.Secret([]byte("another key of 24 bytes."))
	w.put(h)
	w.tell(1)
	w.deliver()
	w.clock.Advance(2 * time.Hour)
	w.tell(1)
	w.deliver()
	for i, want := range [][]string{{h.Secret, h.OldSecret}, {h.Secret}} {
		r := w.calls[i]
		var at int64
		if _, err := fmt.Sscan(r.Headers["Webhook-Timestamp"], &at); err != nil {
			t.Fatal(err)
		}
		var signatures []string
		for _, secret := range want {
			signatures = append(signatures, notify.Sign(secret, r.Headers["Webhook-Id"], time.Unix(at, 0), r.Body))
		}
		if got := r.Headers["Webhook-Signature"]; got != strings.Join(signatures, " ") {
			t.Errorf("call %d is signed %q, want %q", i+1, got, signatures)
		}
	}
}

// TestPausesGrow holds that a notice nobody takes is posted for about three
// days, under one id, and then given up.
func TestPausesGrow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.answers = slices.Repeat([]int{500, 0, 302, 404}, notify.Attempts)
	w.tell(1)
	began := w.clock.Now()
	var pauses []time.Duration
	for range notify.Attempts + 3 {
		w.deliver()
		p := w.postings()[0]
		if p.Status == engine.PostingFailed {
			break
		}
		wait := p.NextAt.Sub(w.clock.Now())
		if len(pauses) > 0 && wait < pauses[len(pauses)-1] && wait < 20*time.Hour {
			t.Errorf("pause %s after %s", wait, pauses[len(pauses)-1])
		}
		pauses = append(pauses, wait)
		w.clock.Advance(wait - time.Second)
		w.deliver() // too early
		w.clock.Advance(time.Second)
	}
	took := w.clock.Now().Sub(began)
	if len(w.calls) != notify.Attempts || took < 60*time.Hour || took > 84*time.Hour {
		t.Errorf("%d calls over %s", len(w.calls), took)
	}
	for _, r := range w.calls {
		if r.Headers["Webhook-Id"] != w.calls[0].Headers["Webhook-Id"] {
			t.Error("a repeated call has another id")
		}
	}
	p := w.postings()[0]
	if p.Status != engine.PostingFailed || p.ClosedAt.IsZero() || p.Error == "" {
		t.Errorf("the posting is %+v", p)
	}
	if len(w.rung) == 0 || w.rung[0].IsZero() {
		t.Errorf("the first pauses ring %v", w.rung)
	}
	if h := w.standing(); h.State != engine.WebhookActive || h.Failures != notify.Attempts || h.FailingSince.IsZero() {
		t.Errorf("the webhook is %+v", h)
	}
	w.tell(1)
	w.deliver()
	w.answers = nil
	w.tell(1)
	w.clock.Advance(time.Hour)
	w.deliver()
	if h := w.standing(); h.Failures != 0 || !h.FailingSince.IsZero() {
		t.Errorf("after a success the webhook is %+v", h)
	}
}

func TestGoneDisables(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.answers = []int{410}
	w.tell(1)
	w.deliver()
	w.tell(1)
	w.deliver()
	h := w.standing()
	if len(w.calls) != 1 || h.State != engine.WebhookDisabled || !strings.Contains(h.Reason, "410") {
		t.Errorf("%d calls, the webhook is %+v", len(w.calls), h)
	}
}

// TestLongFailureDisables holds that a webhook which has failed for days and
// often enough is told nothing more, and that one which failed rarely still is.
func TestLongFailureDisables(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.answers = slices.Repeat([]int{500}, 1000)
	for day := range 5 {
		w.tell(1)
		w.deliver()
		if h := w.standing(); h.State != engine.WebhookActive {
			t.Fatalf("on day %d, after %d failures, it is %+v", day, h.Failures, h)
		}
		w.clock.Advance(24 * time.Hour)
	}
	for range 100 {
		if w.standing().State == engine.WebhookDisabled {
			break
		}
		w.tell(1)
		w.deliver()
	}
	h := w.standing()
	if h.State != engine.WebhookDisabled || h.Failures < notify.PatienceFailures || !strings.Contains(h.Reason, "it failed for 5 days") || !strings.Contains(h.Reason, "500") {
		t.Errorf("the webhook is %+v", h)
	}
	before := len(w.calls)
	w.clock.Advance(24 * time.Hour)
	w.deliver()
	if len(w.calls) != before {
		t.Error("a disabled webhook is told more")
	}
	h.State, h.Reason, h.Failures, h.FailingSince = engine.WebhookActive, "", 0, time.Time{}
	w.put(*h)
	w.answers = nil
	w.deliver()
	for _, p := range w.postings() {
		if p.Status == engine.PostingQueued {
			t.Errorf("what waited is still %+v", p)
		}
	}
}

// TestFewAtOnce holds that a webhook gets few calls at once, one when it fails,
// and that bells which are heard meanwhile post nothing twice.
func TestFewAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.tell(30)
	var all sync.WaitGroup
	for range 4 {
		all.Go(w.deliver)
	}
	all.Wait()
	w.deliver()
	if len(w.calls) != 30 || w.most > 8 {
		t.Errorf("%d calls, %d at once", len(w.calls), w.most)
	}
	w.answers, w.most = slices.Repeat([]int{500}, 30), 0
	w.tell(1)
	w.deliver()
	w.tell(10)
	w.deliver()
	if w.most != 1 {
		t.Errorf("a failing webhook gets %d calls at once", w.most)
	}
}

func TestATestIsPostedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.answers = []int{0}
	p, err := w.sender.Test(t.Context(), &w.hook)
	w.must(err)
	if p.Status != engine.PostingFailed || p.Error != "no answer in time" || p.Topic != engine.TopicTest {
		t.Errorf("the test came to %+v", p)
	}
	w.clock.Advance(24 * time.Hour)
	w.deliver()
	if len(w.calls) != 1 || w.standing().Failures != 0 {
		t.Errorf("%d calls, the webhook is %+v", len(w.calls), w.standing())
	}
}

// TestAStopIsNoFailure holds that a call which a stop cut off is made again and
// is not counted against the webhook.
func TestAStopIsNoFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.tell(1)
	ctx, cancel := context.WithCancel(t.Context())
	deps := enginetest.Deps(t)
	deps.Now = w.clock.Now
	deps.Fetch = func(ctx context.Context, _ *blocks.Request) (*blocks.Response, error) {
		cancel()
		return nil, ctx.Err()
	}
	w.must(notify.New(notify.Config{Deps: deps, Store: w.db, Bells: w}).Deliver(ctx))
	if p, h := w.postings()[0], w.standing(); p.Status != engine.PostingQueued || h.Failures != 0 {
		t.Errorf("the posting is %+v, the webhook %+v", p, h)
	}
	w.clock.Advance(time.Minute)
	w.deliver()
	if p := w.postings()[0]; p.Status != engine.PostingDelivered {
		t.Errorf("the posting is %+v", p)
	}
}

// TestALostBellIsRungAgain holds that what waits without a bell is found.
func TestALostBellIsRungAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(w.sender.Reconcile(t.Context()))
	w.tell(1)
	w.must(w.sender.Reconcile(t.Context()))
	if len(w.rung) != 1 || !w.rung[0].IsZero() {
		t.Errorf("it rang %v", w.rung)
	}
}

// TestTheGuardedClient posts to a real server: only to one that is allowed, and
// never where it redirects.
func TestTheGuardedClient(t *testing.T) {
	t.Parallel()
	var paths []string
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.URL.Path)
		if r.URL.Path == "/moved" {
			http.Redirect(rw, r, "/elsewhere", http.StatusTemporaryRedirect)
			return
		}
		_, _ = io.WriteString(rw, "taken")
	}))
	defer server.Close()
	w := newWorld(t)
	deps := enginetest.Deps(t)
	for _, c := range []struct {
		allow        []string
		path, answer string
		status       engine.PostingStatus
	}{
		{nil, "/", "the address belongs to a private or reserved network", engine.PostingFailed},
		{[]string{"127.0.0.1"}, "/moved", "it answered 307", engine.PostingFailed},
		{[]string{"127.0.0.1"}, "/hook", "", engine.PostingDelivered},
	} {
		deps.Now, deps.Fetch = w.clock.Now, fetch.New(fetch.Config{Allow: c.allow, MaxBody: notify.MaxAnswer, Stay: true}).Fetch
		h := w.hook
		h.URL = server.URL + c.path
		p, err := notify.New(notify.Config{Deps: deps, Store: w.db, Bells: w}).Test(t.Context(), &h)
		w.must(err)
		if p.Status != c.status || !strings.Contains(p.Error, c.answer) {
			t.Errorf("%s: %+v", c.path, p)
		}
	}
	if !slices.Equal(paths, []string{"/moved", "/hook"}) {
		t.Errorf("called were %v", paths)
	}
}

// put makes the webhook what is given.
func (w *world) put(h engine.Webhook) {
	w.t.Helper()
	_, err := w.db.UpdateWebhook(w.t.Context(), h.BotID, h.ID, func(to *engine.Webhook) error {
		*to = h
		return nil
	})
	w.must(err)
}

// A fault of ours ends neither the process nor what others are posted, and says
// nothing about the webhook.
func TestAPanicInACall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.answers = []int{-1}
	w.tell(3)
	w.deliver()
	var statuses []engine.PostingStatus
	for _, p := range w.postings() {
		statuses = append(statuses, p.Status)
	}
	slices.Sort(statuses)
	if !slices.Equal(statuses, []engine.PostingStatus{engine.PostingDelivered, engine.PostingDelivered, engine.PostingQueued}) {
		t.Errorf("the postings are %v", statuses)
	}
	if h := w.standing(); h.Failures != 0 {
		t.Errorf("the webhook has %d failures", h.Failures)
	}
	w.clock.Advance(time.Minute)
	w.deliver()
	for _, p := range w.postings() {
		if p.Status != engine.PostingDelivered {
			t.Errorf("posting %d is %s", p.ID, p.Status)
		}
	}
}
