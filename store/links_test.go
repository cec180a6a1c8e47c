package store_test

import (
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/store"
)

// leads is a link of a run that one person is given.
func (w *world) leads(contactID int64, target string) engine.Link {
	return engine.NewLink(engine.Link{BotID: w.bot.ID, RunID: "run", Place: "0.0.1", Title: "Shop", Target: target, ContactID: contactID})
}

// given stores a row of the run with a render that has links, and returns its
// id.
func (w *world) given(p *engine.Identity, render string, links ...engine.Link) int64 {
	w.t.Helper()
	r := w.render(render)
	r.Links = links
	o := w.order(p)
	o.Render = &r
	id := w.accepted(o)[0].DeliveryID
	must(w.t, store.Exec(w.t, w.db, `UPDATE deliveries SET run_id = 'run',
		seq = (SELECT COUNT(*) FROM deliveries e WHERE e.run_id = 'run' AND e.identity_id = deliveries.identity_id) WHERE id = ?`, id))
	return id
}

// of is a link as it is kept, nil when it is not.
func (w *world) of(l engine.Link) *engine.Link {
	w.t.Helper()
	out, err := w.db.Link(w.ctx, l.ID)
	must(w.t, err)
	return out
}

// A link is kept once with what it leads to; a person's own goes with them, and
// one that others were given too stays.
func TestLinksAreKeptOnceAndErasedWithTheirPerson(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		mai, nam := w.person("Umai"), w.person("Unam")
		own, shared := w.leads(mai.ContactID, "https://shop.example.com/?mai"), w.leads(mai.ContactID, "https://shop.example.com/")
		theirs := w.leads(nam.ContactID, shared.Target)
		same(t, "the id of both", theirs.ID, shared.ID)
		w.given(mai, "r1", own, shared)
		same(t, "at first", []*engine.Link{w.of(own), w.of(shared)}, []*engine.Link{&own, &shared})
		w.given(nam, "r2", theirs)
		shared.ContactID = 0
		same(t, "after the second", w.of(shared), &shared)
		w.given(mai, "r3", w.leads(mai.ContactID, shared.Target))
		same(t, "when the first gets it again", w.of(shared), &shared)

		must(t, db.MergeContacts(w.ctx, w.bot.ID, nam.ContactID, mai.ContactID))
		own.ContactID = nam.ContactID
		same(t, "of a person who became another", w.of(own), &own)
		must(t, db.EraseContact(w.ctx, w.bot.ID, nam.ContactID))
		same(t, "after they were erased", []*engine.Link{w.of(own), w.of(shared)}, []*engine.Link{nil, &shared})

		pruned, err := db.Prune(w.ctx, noon.Add(31*24*time.Hour), 100)
		must(t, err)
		same(t, "links forgotten with the renders", pruned["links"], 0)
		pruned, err = db.Prune(w.ctx, noon.Add(400*24*time.Hour), 100)
		must(t, err)
		same(t, "links forgotten with the ledger", pruned["links"], 1)
	})
}

// Two people in one batch who are given the same link share it.
func TestABatchSharesItsLinks(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		const target = "https://shop.example.com/"
		var orders []outbox.Stored
		for _, name := range []string{"Umai", "Unam"} {
			p := w.person(name)
			o := w.order(p)
			r := w.render("render of " + name)
			r.Links = []engine.Link{w.leads(p.ContactID, target), w.leads(p.ContactID, target+name)}
			o.Render = &r
			orders = append(orders, o)
		}
		_, err := db.Accept(w.ctx, orders)
		must(t, err)
		same(t, "whose the shared one is", w.of(w.leads(1, target)).ContactID, int64(0))
		if l := w.of(w.leads(1, target+"Umai")); l == nil || l.ContactID != orders[0].ContactID {
			t.Errorf("the own one is %+v", l)
		}
	})
}

// Taps by person are kept with their delivery and noted there once; those by
// count without anybody; those that no run has made are not kept at all.
func TestClicksAreKept(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		mai, nam := w.person("Umai"), w.person("Unam")
		l := w.leads(0, "https://shop.example.com/")
		a, b := w.given(mai, "r1", l), w.given(nam, "r2", l)
		other := w.queued(w.person("Uother")) // of no run
		must(t, db.SaveClicks(w.ctx, []engine.Click{
			{Link: l, DeliveryID: a, At: noon.Add(2 * time.Minute)}, {Link: l, DeliveryID: a, At: noon.Add(time.Minute)},
			{Link: l, At: noon}, {Link: l, DeliveryID: other, At: noon}, {Link: l, DeliveryID: 1 << 40, At: noon},
		}))
		must(t, db.SaveClicks(w.ctx, []engine.Click{{Link: l, DeliveryID: a, At: noon.Add(time.Hour)}, {Link: l, DeliveryID: b, At: noon.Add(time.Hour)}}))
		must(t, db.SaveClicks(w.ctx, nil))
		same(t, "first taps", []time.Time{w.delivery(a).ClickedAt, w.delivery(b).ClickedAt, w.delivery(other).ClickedAt},
			[]time.Time{noon.Add(time.Minute), noon.Add(time.Hour), {}})
		same(t, "taps", store.CountRows(t, db)["taps"], 5)
		f, err := db.CountFigures(w.ctx, &engine.Run{ID: "run", BotID: w.bot.ID, CreatedAt: noon, FrozenAt: noon})
		must(t, err)
		same(t, "places", len(f.Clicks), 1)
		same(t, "counted", []any{f.Clicks[0].Place, f.Clicks[0].Title, f.Clicks[0].People, f.Clicks[0].Taps, f.Linked}, []any{"0.0.1", "Shop", int64(2), int64(5), true})

		flood := make([]engine.Click, 300)
		for i := range flood {
			flood[i] = engine.Click{Link: l, DeliveryID: a, At: noon.Add(2 * time.Hour)}
		}
		for len(flood) > 0 {
			must(t, db.SaveClicks(w.ctx, flood[:50]))
			flood = flood[50:]
		}
		if n := store.CountRows(t, db)["taps"]; n > 160 {
			t.Errorf("%d taps are kept of one who taps 300 times", n)
		}
	})
}
