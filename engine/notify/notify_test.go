package notify_test

import (
	"context"
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
)

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
