package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/store"
)

func TestAcceptKeepsOrdersInTheirPlaces(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		mai, lin := w.person("Umai"), w.person("Ulin")
		said := w.order(mai)
		said.Delivery.Attributes = map[string]any{"order": "A1"}
		said.Delivery.Warnings = []string{"unknown tag"}
		said.Deltas = engine.Deltas{Set: map[string]any{"order": "A1"}}
		render := w.render("r1")
		said.Render, said.Delivery.RenderID, said.Delivery.PreparedAt = &render, "r1", noon
		said.Send.Request = []byte(`{"to":"Mai"}`)
		saved := outbox.Stored{Send: engine.Send{ID: w.id(), BotID: w.bot.ID, Source: "ahachat", CreatedAt: noon}, ContactID: lin.ContactID,
			Deltas: engine.Deltas{Set: map[string]any{"n": 1.0}}}
		skipped := w.order(lin)
		skipped.Delivery.Status, skipped.Delivery.Reason, skipped.Delivery.ClosedAt = engine.Skipped, "blocked", noon

		r := w.accepted(said, saved, skipped)
		same(t, "results", r, []outbox.Result{
			{DeliveryID: r[0].DeliveryID, SendID: said.Send.ID, Status: engine.Queued},
			{SendID: saved.Send.ID},
			{DeliveryID: r[2].DeliveryID, SendID: skipped.Send.ID, Status: engine.Skipped, Reason: "blocked"},
		})
		send, rows, err := db.Send(w.ctx, w.bot.ID, said.Send.ID)
		must(t, err)
		same(t, "send", send, &said.Send)
		want := *said.Delivery
		want.ID, want.SendID = r[0].DeliveryID, said.Send.ID
		same(t, "its deliveries", rows, []engine.Delivery{want})
		same(t, "the skipped one is closed", w.delivery(r[2].DeliveryID).ClosedAt, noon)
		same(t, "attributes", w.contact(lin.ContactID).Attributes, map[string]any{"n": 1.0})
		_, _, err = db.Send(w.ctx, "another", said.Send.ID)
		refused(t, err, engine.NotFound)
	})
}

func TestAKeyRepeatsItsFirstAnswer(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		p := w.person("U1")
		keyed := func(token, key, body string) outbox.Stored {
			o := w.order(p)
			o.TokenHash, o.Key, o.BodyHash = token, key, body
			return o
		}
		first := w.accepted(keyed("t1", "k", "b"))[0]
		again := w.accepted(keyed("t1", "k", "b"), keyed("t1", "k", "other"), keyed("t2", "k", "b"), w.order(p))
		repeated := first
		repeated.Repeated = true
		same(t, "the repeated call", again[0], repeated)
		refused(t, again[1].Err, engine.Conflict)
		if again[2].Repeated || again[3].Repeated {
			t.Errorf("another token's key, or none, was taken for a repeat: %+v", again[2:])
		}

		twins := w.accepted(keyed("t1", "new", "b"), keyed("t1", "new", "b"), keyed("t1", "new", "other"))
		repeated = twins[0]
		repeated.Repeated = true
		same(t, "a repeat in the same batch", twins[1], repeated)
		refused(t, twins[2].Err, engine.Conflict)

		late := keyed("t1", "k", "other")
		late.Send.CreatedAt = noon.Add(25 * time.Hour)
		if r := w.accepted(late)[0]; r.Repeated || r.Err != nil || r.DeliveryID == first.DeliveryID {
			t.Errorf("a key is not free after a day: %+v", r)
		}
		rows, _, err := db.ListDeliveries(w.ctx, w.bot.ID, engine.DeliveryFilter{}, engine.Page{})
		must(t, err)
		same(t, "deliveries", len(rows), 5)
	})
}

func TestConcurrentRepeatsAreOneSend(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		p := w.person("U1")
		var orders []outbox.Stored
		for range 16 {
			o := w.order(p)
			o.TokenHash, o.Key, o.BodyHash = "t", "k", "b"
			orders = append(orders, o)
		}
		var wg sync.WaitGroup
		ids := make([]int64, len(orders))
		for i, o := range orders {
			wg.Go(func() {
				r, err := db.Accept(w.ctx, []outbox.Stored{o})
				if err != nil {
					t.Error(err)
					return
				}
				ids[i] = r[0].DeliveryID
			})
		}
		wg.Wait()
		for _, id := range ids {
			same(t, "delivery", id, ids[0])
		}
	})
}

// Batches over the same people in different orders must not wait for each
// other in a circle.
func TestConcurrentBatchesOverTheSamePeople(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		const people = 20
		var persons []*engine.Identity
		for n := range people {
			persons = append(persons, w.person(fmt.Sprint("U", n)))
		}
		var batches [][]outbox.Stored
		for b := range 8 {
			var batch []outbox.Stored
			for n := range people {
				at := n
				if b%2 == 1 {
					at = people - 1 - n
				}
				o := w.order(persons[at])
				o.Deltas = engine.Deltas{Set: map[string]any{fmt.Sprint("a", b): b}, AddTags: []string{fmt.Sprint("t", at%3), "all"}, Bot: map[string]any{fmt.Sprint("v", at): b}}
				batch = append(batch, o)
			}
			batches = append(batches, batch)
		}
		var wg sync.WaitGroup
		for _, batch := range batches {
			wg.Go(func() {
				if _, err := db.Accept(w.ctx, batch); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, p := range persons {
			same(t, "attributes kept", len(w.contact(p.ContactID).Attributes), len(batches))
		}
	})
}
