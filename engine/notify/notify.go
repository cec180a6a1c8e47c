// Package notify posts notices to bots' outgoing webhooks: signed, at least
// once each, again when a receiver does not take them. What there is to post
// lies in tables, written with what it tells of; this package knows postings
// and receivers, and nothing of flows, people or platforms.
package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
)

// Limits of posting.
const (
	PostTime   = 10 * time.Second // one call
	MaxAnswer  = 1 << 10          // bytes of an answer that are kept
	atOnce     = 8                // calls to one webhook at once, from this process
	atOnceSick = 1                // the same while it fails
	maxAtOnce  = 32               // webhooks of one visit
	visit      = 30 * time.Second // to one webhook; others wait for the worker
	hold       = time.Minute      // a posting whose process died is taken again after it
	writeTime  = 10 * time.Second // to write down what came of a call
	soon       = time.Minute      // a pause that is rung for; longer ones the ticker finds
)

// Store keeps webhooks and what they are told.
type Store interface {
	// DueWebhooks returns active webhooks with postings due before the given
	// time, those with the oldest first.
	DueWebhooks(ctx context.Context, before time.Time, limit int) ([]engine.Webhook, error)
	// ClaimPostings gives up to n due postings of a webhook to an attempt until
	// the given time.
	ClaimPostings(ctx context.Context, webhookID, attemptID string, now, until time.Time, n int) ([]engine.Posting, error)
	// FinishPosting writes what came of an attempt unless another holds the
	// posting by now; disabled reports whether that disabled the webhook.
	FinishPosting(ctx context.Context, p engine.Posting, e End) (disabled bool, err error)
	// AddPosting writes a posting as it is and returns its id.
	AddPosting(ctx context.Context, p engine.Posting) (int64, error)
}

// End is what an attempt means for the webhook.
type End struct {
	Now       time.Time
	Uncounted bool   // it was only tried
	Gone      bool   // disable it at once
	Reason    string // why, if it is disabled
	// It is disabled when it has failed since before FailingSince, and so often.
	Failures     int
	FailingSince time.Time
}

// Bells wake whoever posts.
type Bells interface {
	// RingWebhooks says that postings are due at a time; zero: now.
	RingWebhooks(at time.Time)
}

// Config of a Sender. All are required but Observe.
type Config struct {
	Deps  engine.Deps // Fetch must follow no redirect and keep MaxAnswer of an answer
	Store Store
	Bells Bells
	// Observe hears of each attempt; nil: nobody does.
	Observe func(status engine.PostingStatus, took time.Duration)
}

// Sender posts. It is safe for concurrent use.
type Sender struct {
	Config
	mu   sync.Mutex
	busy map[string]bool // webhooks this process is posting to; true: look again
}

// New returns a Sender that posts when it is asked to.
func New(c Config) *Sender {
	c.Deps.Log = cmp.Or(c.Deps.Log, slog.New(slog.DiscardHandler))
	return &Sender{Config: c, busy: map[string]bool{}}
}

// Deliver posts everything that is due to webhooks this process is not posting
// to yet, and returns when that is done.
func (s *Sender) Deliver(ctx context.Context) error {
	due, err := s.Store.DueWebhooks(ctx, s.Deps.Now(), maxAtOnce)
	if err != nil {
		return err
	}
	var all sync.WaitGroup
	for i := range due {
		w := &due[i]
		if !s.take(w.ID) {
			continue
		}
		all.Go(func() { s.drain(ctx, w) })
	}
	all.Wait()
	return nil
}

// Reconcile rings when postings wait that should have been posted: a bell was
// lost, or a long pause has passed.
func (s *Sender) Reconcile(ctx context.Context) error {
	due, err := s.Store.DueWebhooks(ctx, s.Deps.Now(), 1)
	if err == nil && len(due) > 0 {
		s.Bells.RingWebhooks(time.Time{})
	}
	return err
}

// take reports whether the webhook is free and now ours. Who holds it looks
// once more.
func (s *Sender) take(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, held := s.busy[id]; held {
		s.busy[id] = true
		return false
	}
	s.busy[id] = false
	return true
}

// leave gives a webhook up unless somebody has asked for it meanwhile.
func (s *Sender) leave(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[id] {
		s.busy[id] = false
		return false
	}
	delete(s.busy, id)
	return true
}

// drain posts to one webhook until nothing is due, or until it has had its
// time: whoever is rung for the rest reads anew where it goes. One that fails
// gets a single call at a time, so that it can come back without being overrun.
func (s *Sender) drain(ctx context.Context, w *engine.Webhook) {
	well, until := w.FailingSince.IsZero(), s.Deps.Now().Add(visit)
	for ctx.Err() == nil {
		if s.Deps.Now().After(until) {
			s.Bells.RingWebhooks(time.Time{})
			break
		}
		n := atOnceSick
		if well {
			n = atOnce
		}
		now := s.Deps.Now()
		list, err := s.Store.ClaimPostings(ctx, w.ID, s.Deps.NewID(), now, now.Add(hold), n)
		if err != nil {
			s.Deps.Log.Error("webhook_claim", "webhook_id", w.ID, "error", err)
			break
		}
		if len(list) == 0 {
			if s.leave(w.ID) {
				return
			}
			continue
		}
		stop := false
		if well, stop = s.postAll(ctx, w, list); stop {
			break
		}
	}
	s.mu.Lock()
	delete(s.busy, w.ID)
	s.mu.Unlock()
}

// postAll posts a few at once. well reports whether all were taken, stop that
// the webhook is not to be told more.
func (s *Sender) postAll(ctx context.Context, w *engine.Webhook, list []engine.Posting) (well, stop bool) {
	var all sync.WaitGroup
	ends := make([]bool, len(list))
	for i := range list {
		all.Go(func() { ends[i] = s.post(ctx, w, &list[i], false) })
	}
	all.Wait()
	well = true
	for i := range list {
		well = well && list[i].Status == engine.PostingDelivered
		stop = stop || ends[i]
	}
	return well, stop
}

// post makes one attempt and writes down what came of it; disabled reports that
// the webhook is disabled now.
func (s *Sender) post(ctx context.Context, w *engine.Webhook, p *engine.Posting, test bool) (disabled bool) {
	err := s.call(ctx, w, p)
	ours := err != nil && (ctx.Err() != nil || errors.Is(err, errPanicked)) // it says nothing about the webhook
	if ours {
		p.Error = "interrupted" // it is posted again: nobody knows whether it arrived
	}
	now := s.Deps.Now()
	conclude(p, now, s.Deps.Rand())
	end := End{Now: now, Uncounted: test || ours, Gone: gone(p.Code), Failures: PatienceFailures, FailingSince: now.Add(-PatienceTime)}
	end.Reason = fmt.Sprintf("it failed for %d days; the last time: %s", int(PatienceTime.Hours()/24), p.Error)
	if end.Gone {
		end.Reason = "it answered 410 Gone: it wants to be told nothing more"
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTime)
	defer cancel()
	disabled, err = s.Store.FinishPosting(ctx, *p, end)
	if err != nil { // it is held for a while and posted again
		s.Deps.Log.Error("webhook_finish", "webhook_id", w.ID, "posting_id", p.ID, "error", err)
		return false
	}
	s.tell(w, p, disabled, end.Reason)
	if p.Status == engine.PostingQueued && p.NextAt.Sub(now) <= soon {
		s.Bells.RingWebhooks(p.NextAt)
	}
	return disabled
}

// errPanicked is what a panic of a call becomes.
var errPanicked = errors.New("panic")

// fetch makes a call; one that panics ends itself and nothing else.
func (s *Sender) fetch(ctx context.Context, w *engine.Webhook, r *blocks.Request) (answer *blocks.Response, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.Deps.Log.Error("webhook_panic", "webhook_id", w.ID, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = errPanicked
		}
	}()
	return s.Deps.Fetch(ctx, r)
}

// call makes the HTTP call and writes its answer into p. An error says that
// there is none.
func (s *Sender) call(ctx context.Context, w *engine.Webhook, p *engine.Posting) error {
	began := s.Deps.Now()
	answer, err := s.fetch(ctx, w, &blocks.Request{Method: "POST", URL: w.URL, Body: p.Body, Timeout: PostTime, Headers: headers(w, p, began)})
	p.Code, p.Answer, p.Error, p.Took = 0, "", "", max(s.Deps.Now().Sub(began), 0)
	switch {
	case err != nil:
		p.Error = err.Error()
		return err
	case !success(answer.Status):
		p.Error = fmt.Sprintf("it answered %d", answer.Status)
	}
	p.Code = answer.Status
	p.Answer = strings.ToValidUTF8(string(answer.Body[:min(len(answer.Body), MaxAnswer)]), "\uFFFD")
	return nil
}

// tell writes to the log what somebody should see to.
func (s *Sender) tell(w *engine.Webhook, p *engine.Posting, disabled bool, reason string) {
	if s.Observe != nil {
		s.Observe(p.Status, p.Took)
	}
	of := []any{"bot_id", w.BotID, "webhook_id", w.ID, "message_id", p.MessageID, "topic", p.Topic, "attempt", p.Attempts, "code", p.Code}
	switch {
	case disabled:
		s.Deps.Log.Error("webhook_disabled", append(of, "reason", reason)...)
	case p.Status == engine.PostingFailed:
		s.Deps.Log.Warn("webhook_given_up", append(of, "error", p.Error)...)
	case p.Status == engine.PostingQueued:
		s.Deps.Log.Info("webhook_postponed", append(of, "error", p.Error, "next_at", p.NextAt)...)
	}
}

// Test posts a notice of its own to a webhook, in whatever state it is, once,
// and returns what came of it.
func (s *Sender) Test(ctx context.Context, w *engine.Webhook) (*engine.Posting, error) {
	now := s.Deps.Now()
	n, err := engine.NewNotice(engine.TopicTest, 0, map[string]string{"webhook_id": w.ID, "message": "If you can read this and its signature fits, all is well."})
	if err != nil {
		return nil, err
	}
	body, err := n.Body(w.BotID, now)
	if err != nil {
		return nil, err
	}
	p := engine.Posting{WebhookID: w.ID, BotID: w.BotID, MessageID: "msg_" + s.Deps.NewID(), Topic: n.Topic, Body: body,
		Status: engine.PostingSending, Attempts: 1, AttemptID: s.Deps.NewID(), NextAt: now.Add(hold), CreatedAt: now}
	if p.ID, err = s.Store.AddPosting(ctx, p); err != nil {
		return nil, err
	}
	s.post(ctx, w, &p, true)
	return &p, nil
}
