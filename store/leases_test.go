package store_test

import (
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/store"
)

func TestLeaseFencesItsHolder(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		p := w.person("U1")
		first := w.lease(p.ContactID)

		other, until, err := db.TakeLease(w.ctx, p.ContactID, "w2", noon.Add(time.Second), noon.Add(time.Hour))
		must(t, err)
		if other != nil || !until.Equal(noon.Add(time.Minute)) {
			t.Fatalf("a held lease was given as %+v until %s", other, until)
		}
		must(t, db.RenewLease(w.ctx, first, noon.Add(2*time.Minute)))
		same(t, "end of the renewed lease", first.Until, noon.Add(2*time.Minute))

		second, _, err := db.TakeLease(w.ctx, p.ContactID, "w2", noon.Add(3*time.Minute), noon.Add(4*time.Minute))
		must(t, err)
		if second == nil || second.Epoch <= first.Epoch {
			t.Fatalf("a lease that ran out was not given with a higher epoch: %+v", second)
		}
		lost(t, db.RenewLease(w.ctx, first, noon.Add(time.Hour)))
		must(t, db.ReleaseLease(w.ctx, first)) // nothing to release

		must(t, db.ReleaseLease(w.ctx, second))
		lost(t, db.RenewLease(w.ctx, second, noon.Add(time.Hour)))
		third, _, err := db.TakeLease(w.ctx, p.ContactID, "w3", noon, noon.Add(time.Minute))
		must(t, err)
		if third == nil || third.Epoch <= second.Epoch {
			t.Fatalf("a released lease was not given with a higher epoch: %+v", third)
		}
	})
}

// A process that has the database to itself finds free what a killed one held.
func TestFreeLeasesEndsWhatTheDeadHeld(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		p := w.person("U1")
		must(t, store.Exec(t, db, `UPDATE identities SET subscribed_at = ? WHERE id = ?`, noon, p.ID))
		r := w.opened(engine.Plan{Subject: "s", Intent: engine.IntentPromotional})
		w.frozen(w.freezing(r))
		must(t, db.CreateWebhook(w.ctx, engine.Webhook{ID: "h1", BotID: w.bot.ID, URL: "https://example.com", Topics: []string{"*"}, State: engine.WebhookActive, Secret: "whsec_aGk=", CreatedAt: noon}))
		_, err := db.AddPosting(w.ctx, engine.Posting{WebhookID: "h1", BotID: w.bot.ID, MessageID: "msg_1", Topic: "handover", Body: []byte("{}"),
			Status: engine.PostingQueued, NextAt: noon, CreatedAt: noon})
		must(t, err)
		ids, _, err := db.FreeRanges(w.ctx, r.ID, noon, 1)
		must(t, err)
		same(t, "ranges", len(ids), 1)

		soon, long := noon.Add(time.Second), noon.Add(24*365*time.Hour)
		held := func(by string) (contact, row, part, posting bool) {
			t.Helper()
			l, _, err := db.TakeLease(w.ctx, p.ContactID, by, soon, long)
			must(t, err)
			rows, _, err := db.ListDeliveries(w.ctx, w.bot.ID, engine.DeliveryFilter{}, engine.Page{Limit: 1})
			must(t, err)
			d, err := db.Claim(w.ctx, rows[0].ID, outbox.Claim{AttemptID: by, Now: soon, LeaseUntil: long})
			must(t, err)
			taken, _, err := db.TakeRange(w.ctx, ids[0], soon, long)
			must(t, err)
			list, err := db.ClaimPostings(w.ctx, "h1", by, long, long.Add(time.Hour), 1)
			must(t, err)
			return l != nil, d != nil, taken != nil, len(list) == 1
		}
		for _, turn := range []struct {
			by   string
			want bool
		}{{"the dead one", true}, {"another", false}} {
			contact, row, part, posting := held(turn.by)
			same(t, turn.by+" gets contact, delivery, range and posting", []bool{contact, row, part, posting}, []bool{turn.want, turn.want, turn.want, turn.want})
		}
		must(t, db.FreeLeases(w.ctx))
		contact, row, part, posting := held("the next one")
		same(t, "the next one gets contact, delivery, range and posting", []bool{contact, row, part, posting}, []bool{true, true, true, true})
	})
}
