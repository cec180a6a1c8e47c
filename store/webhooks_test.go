package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/notify"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

// hook makes a webhook that listens to topics.
func (w *world) hook(topics ...string) engine.Webhook {
	w.t.Helper()
	h := engine.Webhook{ID: w.id(), BotID: w.bot.ID, URL: "https://crm.example.com/", Topics: topics, State: engine.WebhookActive, Secret: "whsec_AAAA", CreatedAt: noon}
	must(w.t, w.db.CreateWebhook(w.ctx, h))
	return h
}

// told is the topics a webhook was told of, oldest first.
func (w *world) told(h engine.Webhook) (topics []string) {
	w.t.Helper()
	list, _, err := w.db.ListPostings(w.ctx, w.bot.ID, h.ID, "", engine.Page{})
	must(w.t, err)
	for _, p := range slices.Backward(list) {
		topics = append(topics, p.Topic)
	}
	return topics
}

func notice(topic string, contact int64) engine.Notice {
	return engine.Notice{Topic: topic, ContactID: contact, Data: []byte(`{"n":1,"text":"<b> & Huế"}`)}
}

// put makes a webhook what is given.
func put(t *testing.T, db *store.DB, h engine.Webhook) {
	t.Helper()
	_, err := db.UpdateWebhook(t.Context(), h.BotID, h.ID, func(w *engine.Webhook) error {
		*w = h
		return nil
	})
	must(t, err)
}

// Two who change different things of a webhook at once both have their way.
func TestWebhookChangesDoNotUndoEachOther(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		h := w.hook("*")
		var both sync.WaitGroup
		for range 20 {
			both.Go(func() {
				_, err := db.UpdateWebhook(w.ctx, w.bot.ID, h.ID, func(w *engine.Webhook) error {
					w.Failures++
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		got, err := db.Webhook(w.ctx, w.bot.ID, h.ID)
		must(t, err)
		same(t, "changes", got.Failures, 20)
	})
}

func TestWebhooks(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w, other := worldOf(t, db, "mine"), worldOf(t, db, "other")
		h := w.hook("handover", "event:*", "handover")
		h.Topics = []string{"event:*", "handover"}
		got, err := db.Webhook(w.ctx, w.bot.ID, h.ID)
		must(t, err)
		same(t, "webhook", got, &h)
		h.URL, h.Description, h.Topics = "https://other.example.com/", "the CRM", []string{"*"}
		h.State, h.Reason, h.Failures, h.FailingSince = engine.WebhookDisabled, "by hand", 3, noon
		h.Secret, h.OldSecret, h.OldUntil = "whsec_BBBB", "whsec_AAAA", noon.Add(time.Hour)
		put(t, db, h)
		list, err := db.ListWebhooks(w.ctx, w.bot.ID)
		must(t, err)
		same(t, "after an update", list, []engine.Webhook{h})

		_, err = db.Webhook(w.ctx, other.bot.ID, h.ID)
		refused(t, err, engine.NotFound)
		_, err = db.UpdateWebhook(w.ctx, other.bot.ID, h.ID, func(*engine.Webhook) error { return nil })
		refused(t, err, engine.NotFound)
		refused(t, db.DeleteWebhook(w.ctx, other.bot.ID, h.ID), engine.NotFound)
		must(t, db.DeleteWebhook(w.ctx, w.bot.ID, h.ID))
		refused(t, db.DeleteWebhook(w.ctx, w.bot.ID, h.ID), engine.NotFound)

		var all sync.WaitGroup
		var made, full atomic.Int64
		for n := range 25 { // at once: no more come in than there is room for
			all.Go(func() {
				err := db.CreateWebhook(w.ctx, engine.Webhook{ID: fmt.Sprint("hook", n), BotID: w.bot.ID, URL: "https://crm.example.com/", Topics: []string{"handover"}, State: engine.WebhookActive, CreatedAt: noon})
				var refusal *engine.Error
				switch {
				case err == nil:
					made.Add(1)
				case errors.As(err, &refusal) && refusal.Code == engine.Conflict:
					full.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		same(t, "made, refused", []int64{made.Load(), full.Load()}, []int64{20, 5})
		refused(t, db.CreateWebhook(w.ctx, engine.Webhook{ID: w.id(), BotID: w.bot.ID, URL: "x", Topics: []string{"*"}, State: engine.WebhookActive}), engine.Conflict)
		listens, err := db.Listens(w.ctx, w.bot.ID, "handover")
		must(t, err)
		deaf, err := db.Listens(w.ctx, w.bot.ID, "account.paused")
		must(t, err)
		same(t, "listens", []bool{listens, deaf}, []bool{true, false})
	})
}

// A webhook's secrets are sealed, and sealed again with everything else.
func TestWebhookSecretsAreSealed(t *testing.T) {
	t.Parallel()
	storetest.EachWith(t, store.Config{Cipher: xor(7)}, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		h := w.hook("*")
		h.OldSecret, h.OldUntil = "whsec_old", noon
		put(t, db, h)
		for _, kept := range store.Texts(t, db, `SELECT secret || old_secret FROM webhooks`) {
			if strings.Contains(kept, "AAAA") || strings.Contains(kept, "whsec_") {
				t.Errorf("a secret is kept as %q", kept)
			}
		}
		must(t, db.CheckKey(w.ctx))
		n, err := db.Reseal(w.ctx)
		must(t, err)
		same(t, "sealed again", n, 3) // both, and the account's
		got, err := db.Webhook(w.ctx, w.bot.ID, h.ID)
		must(t, err)
		same(t, "webhook", got, &h)
	})
}

// What a turn tells is kept with the turn, for whoever listens, or not at all.
func TestNoticesOfATurn(t *testing.T) {
	t.Parallel()
	var rung atomic.Int64
	storetest.EachWith(t, store.Config{OnNotice: func() { rung.Add(1) }}, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		all, events, one, other, off := w.hook("*"), w.hook("event:*"), w.hook("event:paid", "handover"), w.hook("event:other", "account.paused"), w.hook("*")
		off.State = engine.WebhookDisabled
		put(t, db, off)
		rival := worldOf(t, db, "rival").hook("*")

		it, l := w.asked("Umai", "a")
		turn := w.turn(it)
		turn.Turn = &engine.Turn{Notices: []engine.Notice{notice("event:paid", it.ContactID), notice("handover", it.ContactID), notice("event:seen", it.ContactID)}}
		before := rung.Load()
		_, err := db.CommitTurn(w.ctx, l, turn)
		must(t, err)
		if rung.Load() == before {
			t.Error("nobody is woken")
		}
		same(t, "all", w.told(all), []string{"event:paid", "handover", "event:seen"})
		same(t, "events", w.told(events), []string{"event:paid", "event:seen"})
		same(t, "one", w.told(one), []string{"event:paid", "handover"})
		same(t, "others", append(append(w.told(other), w.told(off)...), w.told(rival)...), []string(nil))

		list, _, err := db.ListPostings(w.ctx, w.bot.ID, one.ID, "", engine.Page{Limit: 1})
		must(t, err)
		p := list[0]
		same(t, "body", string(p.Body), `{"type":"handover","timestamp":"2026-11-21T03:00:00Z","bot_id":"`+w.bot.ID+`","data":{"n":1,"text":"<b> & Huế"}}`)
		same(t, "whom", p.ContactID, it.ContactID)
		same(t, "one id for all who listen", strings.HasPrefix(p.MessageID, "msg_") && p.MessageID == w.posting(all, "handover").MessageID, true)

		_, err = db.CommitTurn(w.ctx, l, turn) // the interaction is closed: nothing of it happens
		lost(t, err)
		same(t, "after a turn that did not happen", len(w.told(all)), 3)

		must(t, db.EraseContact(w.ctx, w.bot.ID, it.ContactID))
		same(t, "after the person was erased", w.told(all), []string(nil))
	})
}

func (w *world) posting(h engine.Webhook, topic string) engine.Posting {
	w.t.Helper()
	list, _, err := w.db.ListPostings(w.ctx, w.bot.ID, h.ID, "", engine.Page{})
	must(w.t, err)
	i := slices.IndexFunc(list, func(p engine.Posting) bool { return p.Topic == topic })
	if i < 0 {
		w.t.Fatalf("nothing was told of %s", topic)
	}
	return list[i]
}

// The end of a delivery that was not sent is told once, whoever wrote it.
func TestNoticesOfDeliveries(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		h := w.hook("delivery.failed", "delivery.skipped")
		p := w.person("U1")

		d := w.called(p, "a1")
		must(t, w.finish(d, engine.Failed))
		_ = w.finish(d, engine.Failed) // late, or again
		failed := w.posting(h, "delivery.failed")
		for _, part := range []string{`"status":"failed"`, `"id":` + fmt.Sprint(d.ID), `"account":{"id":"` + w.account.ID + `"`} {
			if !strings.Contains(string(failed.Body), part) {
				t.Errorf("%s does not tell %s", failed.Body, part)
			}
		}
		must(t, w.finish(w.called(p, "a2"), engine.SentOut))

		prepared := w.queued(p)
		turn := &engine.Turn{Notices: []engine.Notice{notice("event:x", p.ContactID), notice("delivery.skipped", 0)}}
		must(t, db.Prepare(w.ctx, outbox.Prepared{Delivery: w.claimed(prepared, "a3", noon), Turn: turn, Now: noon}))
		must(t, db.Finish(w.ctx, outbox.Outcome{Delivery: w.claimedAs(prepared, "a3"), Status: engine.Skipped, Reason: "nothing_to_say", Now: noon}))

		w.queued(p)
		n, err := db.Expire(w.ctx, noon.Add(25*time.Hour), 10)
		must(t, err)
		same(t, "expired", n, 1)

		lateID := w.sent(w.person("U2"), "a4", noon, "m4").ID
		w.hear(noon, channels.Receipt{Kind: channels.Failed, To: "U2", MessageID: "m4", At: noon, Error: &channels.SendError{Kind: channels.KindBlocked, Code: "551", Message: "gone"}})
		w.apply(noon, 1)
		same(t, "it was told", w.told(h), []string{"delivery.failed", "delivery.skipped", "delivery.skipped", "delivery.skipped", "delivery.failed"})
		if last := w.posting(h, "delivery.failed"); !strings.Contains(string(last.Body), `"id":`+fmt.Sprint(lateID)) || !strings.Contains(string(last.Body), `"class":"blocked","code":"551","error":"gone"`) {
			t.Errorf("of a failure by receipt it was told %s", last.Body)
		}
	})
}

func (w *world) claimedAs(id int64, attempt string) *engine.Delivery {
	w.t.Helper()
	d := w.delivery(id)
	d.AttemptID = attempt
	return d
}

func TestNoticeOfAPausedAccount(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		h := w.hook("account.paused")
		must(t, db.PauseAccount(w.ctx, w.bot.ID, w.account.ID, "the token is refused"))
		must(t, db.PauseAccount(w.ctx, w.bot.ID, w.account.ID, "again"))
		same(t, "told", w.told(h), []string{"account.paused"})
		same(t, "body", strings.HasSuffix(string(w.posting(h, "account.paused").Body), `"data":{"account":{"id":"`+w.account.ID+`","channel":"line"},"reason":"the token is refused"}}`), true)
	})
}

func TestPostings(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		h, idle := w.hook("*"), w.hook("handover")
		for i := range 3 {
			w.tell(h, noon.Add(time.Duration(i)*time.Second))
		}
		due := func(at time.Time) (ids []string) {
			t.Helper()
			list, err := db.DueWebhooks(w.ctx, at, 10)
			must(t, err)
			for _, h := range list {
				ids = append(ids, h.ID)
			}
			return ids
		}
		same(t, "due before", due(noon.Add(-time.Second)), []string(nil))
		same(t, "due", due(noon), []string{h.ID})
		until := noon.Add(time.Minute)
		claim := func(attempt string, at time.Time, n int) []engine.Posting {
			t.Helper()
			list, err := db.ClaimPostings(w.ctx, h.ID, attempt, at, until, n)
			must(t, err)
			return list
		}
		first := claim("a1", noon.Add(5*time.Second), 2)
		same(t, "claimed", []any{len(first), first[0].Attempts, first[0].Status}, []any{2, 1, engine.PostingSending})
		second := claim("a2", noon.Add(5*time.Second), 10)
		same(t, "what nobody holds", len(second), 1)
		same(t, "held", due(noon.Add(30*time.Second)), []string(nil))
		again := claim("a3", until, 10) // the others' process died
		same(t, "claimed again", []any{len(again), again[0].Attempts}, []any{3, 2})

		end := func(p engine.Posting, status engine.PostingStatus, code int, at time.Time, gone bool) bool {
			t.Helper()
			p.Status, p.Code, p.Answer, p.Took, p.NextAt = status, code, "text", 12*time.Millisecond, at.Add(time.Hour)
			if status != engine.PostingQueued {
				p.ClosedAt = at
			}
			disabled, err := db.FinishPosting(w.ctx, p, notify.End{Now: at, Gone: gone, Reason: "why", Failures: 3, FailingSince: at.Add(-24 * time.Hour)})
			must(t, err)
			return disabled
		}
		standing := func() engine.Webhook {
			t.Helper()
			v, err := db.Webhook(w.ctx, w.bot.ID, h.ID)
			must(t, err)
			return *v
		}
		end(first[0], engine.PostingDelivered, 200, noon, false)
		same(t, "a late end of somebody else's", len(w.status(h, engine.PostingDelivered)), 0)
		end(first[0], engine.PostingQueued, 500, noon, false)
		stranger := again[0]
		stranger.WebhookID = idle.ID
		end(stranger, engine.PostingQueued, 500, noon, true)
		same(t, "what somebody else's failures count", []any{standing().Failures, standing().FailingSince}, []any{0, time.Time{}})
		other, err := db.Webhook(w.ctx, w.bot.ID, idle.ID)
		must(t, err)
		same(t, "what another's posting says about a webhook", []any{other.Failures, other.State}, []any{0, engine.WebhookActive})
		end(again[0], engine.PostingDelivered, 204, noon, false)
		same(t, "delivered", w.status(h, engine.PostingDelivered)[0].Took, 12*time.Millisecond)
		same(t, "disabled at once", end(again[1], engine.PostingQueued, 500, noon, false), false)
		same(t, "failing", []any{standing().Failures, standing().FailingSince}, []any{1, noon})
		end(again[2], engine.PostingFailed, 500, noon.Add(time.Hour), false)
		same(t, "still since then", []any{standing().Failures, standing().FailingSince}, []any{2, noon})

		p, err := db.RequeuePosting(w.ctx, w.bot.ID, h.ID, again[2].ID, noon)
		must(t, err)
		same(t, "again", []any{p.Status, p.Attempts, p.MessageID}, []any{engine.PostingQueued, 0, again[2].MessageID})
		p, err = db.RequeuePosting(w.ctx, w.bot.ID, h.ID, again[1].ID, noon)
		must(t, err)
		same(t, "hurried", []any{p.Status, p.Attempts, p.NextAt}, []any{engine.PostingQueued, again[1].Attempts, noon})
		_, err = db.RequeuePosting(w.ctx, w.bot.ID, idle.ID, again[2].ID, noon)
		refused(t, err, engine.NotFound)
		_, err = db.RequeuePosting(w.ctx, "another bot", h.ID, again[2].ID, noon)
		refused(t, err, engine.NotFound)
		_, err = db.Posting(w.ctx, "another bot", h.ID, again[2].ID)
		refused(t, err, engine.NotFound)

		later := noon.Add(48 * time.Hour)
		until = later.Add(time.Minute)
		w.tell(h, noon)
		last := claim("a4", later, 2)
		same(t, "disabled after long", end(last[0], engine.PostingQueued, 500, later, false), true)
		end(last[1], engine.PostingQueued, 500, later, false)
		same(t, "failures, of which the last came beside its end", standing().Failures, 3)
		same(t, "disabled", []any{standing().State, standing().Reason, due(later)}, []any{engine.WebhookDisabled, "why", []string(nil)})
		same(t, "claimed of a disabled one, for which one waits", len(claim("a6", later, 10)), 0)

		h = idle
		w.tell(h, noon)
		for _, p := range claim("a5", later, 1) {
			same(t, "gone", end(p, engine.PostingFailed, 410, later, true), true)
		}
		same(t, "disabled", standing().State, engine.WebhookDisabled)

		removed, err := db.Prune(w.ctx, noon.Add(31*24*time.Hour), 100)
		must(t, err)
		same(t, "forgotten", removed["webhook_postings"], 5)
	})
}

// tell has a webhook told of something.
func (w *world) tell(h engine.Webhook, at time.Time) {
	w.t.Helper()
	_, err := w.db.AddPosting(w.ctx, engine.Posting{WebhookID: h.ID, BotID: h.BotID, MessageID: "msg_" + w.id(), Topic: "event:x", Body: []byte(`{}`),
		Status: engine.PostingQueued, NextAt: at, CreatedAt: at})
	must(w.t, err)
}

func (w *world) status(h engine.Webhook, status engine.PostingStatus) []engine.Posting {
	w.t.Helper()
	list, _, err := w.db.ListPostings(w.ctx, w.bot.ID, h.ID, status, engine.Page{})
	must(w.t, err)
	return list
}

// Several processes that claim at once get each posting once.
func TestPostingsAreClaimedOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		h := w.hook("*")
		for range 40 {
			w.tell(h, noon)
		}
		claims := make(chan []engine.Posting, 8)
		for n := range 8 {
			go func() {
				list, err := db.ClaimPostings(context.WithoutCancel(w.ctx), h.ID, "a"+fmt.Sprint(int64(n)), noon, noon.Add(time.Minute), 5)
				if err != nil {
					t.Error(err)
				}
				claims <- list
			}()
		}
		seen := map[int64]bool{}
		for range 8 {
			for _, p := range <-claims {
				if seen[p.ID] {
					t.Errorf("posting %d is claimed twice", p.ID)
				}
				seen[p.ID] = true
			}
		}
		if len(seen) < 5 {
			t.Errorf("only %d postings are claimed", len(seen))
		}
	})
}
