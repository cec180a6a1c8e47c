package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
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
