package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/policy"
	"github.com/blockcast/blockcast/store"
)

func TestClosingAConversationForgetsWhatWasAsked(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w, stranger := newWorld(t, db), worldOf(t, db, "other")
		w.arrive(w.wrote("U1", "e1", noon))
		p := w.known("U1")
		until := noon.Add(time.Hour)
		must(t, db.PatchContact(w.ctx, w.bot.ID, p.ContactID, p.ID, engine.Deltas{Handover: &engine.Handover{State: engine.ConversationAgent, Until: until}}, noon))
		lease := w.lease(p.ContactID)
		led := func(of func(page engine.Page) ([]engine.Talk, string, error)) int {
			t.Helper()
			list, _, err := of(engine.Page{})
			must(t, err)
			return len(list)
		}
		agents := func(page engine.Page) ([]engine.Talk, string, error) {
			return db.ListHandedOver(w.ctx, w.bot.ID, noon, page)
		}
		bots := func(page engine.Page) ([]engine.Talk, string, error) {
			return db.ListWithBot(w.ctx, w.bot.ID, noon, page)
		}
		same(t, "led by a person, by the bot", []int{led(agents), led(bots)}, []int{1, 0})
		waits := w.claimed(w.queued(p), "a1", noon)
		must(t, db.Release(w.ctx, outbox.Release{Delivery: waits, Status: engine.Queued, Now: noon, NotBefore: until, Class: policy.InConversation, Uncounted: true}))

		refused(t, db.CloseConversation(w.ctx, stranger.bot.ID, p.ID), engine.NotFound)
		must(t, db.CloseConversation(w.ctx, w.bot.ID, p.ID))
		same(t, "led by a person, by the bot", []int{led(agents), led(bots)}, []int{0, 1})
		same(t, "what waited for the end of it is due at", w.delivery(waits.ID).NotBefore, noon)
		if err := db.RenewLease(w.ctx, lease, until); !errors.Is(err, outbox.ErrLost) {
			t.Errorf("a turn under way goes on: %v", err)
		}
	})
}
