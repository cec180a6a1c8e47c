package notify_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

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

// put makes the webhook what is given.
func (w *world) put(h engine.Webhook) {
	w.t.Helper()
	_, err := w.db.UpdateWebhook(w.t.Context(), h.BotID, h.ID, func(to *engine.Webhook) error {
		*to = h
		return nil
	})
	w.must(err)
}
