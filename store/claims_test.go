package store_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

func TestClaimTakesARowOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		id := w.queued(w.person("U1"))
		d := w.claimed(id, "a1", noon)
		same(t, "status, attempt and its id", fmt.Sprint(d.Status, d.Attempt, d.AttemptID), "queued1a1")
		same(t, "end of the lease", d.LeaseUntil, noon.Add(time.Minute))
		if again := w.claim(id, "a2", noon.Add(time.Second)); again != nil {
			t.Errorf("a held row was given again: %+v", again)
		}
		d = w.claimed(id, "a3", noon.Add(time.Minute)) // the lease ran out: back to the pool
		same(t, "second attempt", d.Attempt, 2)
	})
}

func TestClaimRefuses(t *testing.T) {
	cases := []struct {
		name  string
		setup func(w *world, p *engine.Identity) (id int64)
	}{
		{"a row that does not exist", func(*world, *engine.Identity) int64 { return 99 }},
		{"a row that is not due", func(w *world, p *engine.Identity) int64 {
			o := w.order(p)
			o.Delivery.NotBefore = noon.Add(time.Minute)
			return w.accepted(o)[0].DeliveryID
		}},
		{"a row that is closed", func(w *world, p *engine.Identity) int64 {
			o := w.order(p)
			o.Delivery.Status, o.Delivery.Reason = engine.Skipped, "blocked"
			return w.accepted(o)[0].DeliveryID
		}},
		{"a held row", func(w *world, p *engine.Identity) int64 {
			o := w.order(p)
			o.Delivery.Status = engine.Held
			return w.accepted(o)[0].DeliveryID
		}},
		{"a row of a paused account", func(w *world, p *engine.Identity) int64 {
			id := w.queued(p)
			must(w.t, w.db.PauseAccount(w.ctx, w.bot.ID, w.account.ID, "the token is refused"))
			return id
		}},
		{"a row behind one that is due", func(w *world, p *engine.Identity) int64 {
			w.queued(p)
			return w.queued(p)
		}},
		{"a row behind one that was tried and waits", func(w *world, p *engine.Identity) int64 {
			first := w.queued(p)
			d := w.claimed(first, "a0", noon)
			must(w.t, w.db.Release(w.ctx, outbox.Release{Delivery: d, Status: engine.Queued, NotBefore: noon.Add(time.Hour), Now: noon}))
			return w.queued(p)
		}},
		{"a row before one that is under way", func(w *world, p *engine.Identity) int64 {
			early := w.order(p)
			early.Delivery.NotBefore = noon // not yet due when the other is taken
			late := w.order(p)
			late.Delivery.NotBefore = noon.Add(-time.Minute)
			ids := w.accepted(early, late)
			w.claimedUntil(ids[1].DeliveryID, noon.Add(-time.Minute), noon.Add(time.Minute))
			return ids[0].DeliveryID
		}},
	}
	each(t, func(t *testing.T, db *store.DB) {
		for n, c := range cases {
			w := worldOf(t, db, fmt.Sprintf("shop%d", n))
			if d := w.claim(c.setup(w, w.person("U1")), "a1", noon); d != nil {
				t.Errorf("%s was given: %+v", c.name, d)
			}
		}
	})
}

func TestClaimPassesByWhatWaitsForLater(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		p := w.person("U1")
		scheduled := w.order(p)
		scheduled.Delivery.NotBefore = noon.Add(time.Hour)
		ids := w.accepted(scheduled, w.order(p))
		w.claimed(ids[1].DeliveryID, "a1", noon)
		if d := w.claim(ids[0].DeliveryID, "a2", noon.Add(time.Hour)); d == nil {
			t.Error("the scheduled row is not to be had when its time has come and the other's lease is over")
		}
	})
}

// Two workers hear the same bells: each row is worked once.
func TestClaimersNeverShareARow(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		const rows = 40
		var orders []outbox.Stored
		for n := range rows {
			orders = append(orders, w.order(w.person(fmt.Sprint("U", n))))
		}
		results := w.accepted(orders...)
		var taken [rows]atomic.Int32
		var wg sync.WaitGroup
		for worker := range 4 {
			wg.Go(func() {
				for n, r := range results {
					d, err := db.Claim(w.ctx, r.DeliveryID, outbox.Claim{AttemptID: fmt.Sprint("a", worker), Now: noon, LeaseUntil: noon.Add(time.Minute)})
					if err != nil {
						t.Error(err)
					}
					if d != nil {
						taken[n].Add(1)
					}
				}
			})
		}
		wg.Wait()
		for n := range taken {
			if got := taken[n].Load(); got != 1 {
				t.Errorf("row %d was given %d times", n, got)
			}
		}
	})
}

// Two rows of one person are never under way at once, whoever asks for them.
func TestClaimersKeepAPersonsOrder(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		p := w.person("U1")
		results := w.accepted(w.order(p), w.order(p), w.order(p))
		var given sync.Map
		var wg sync.WaitGroup
		for worker := range 4 {
			wg.Go(func() {
				for _, r := range results {
					d, err := db.Claim(w.ctx, r.DeliveryID, outbox.Claim{AttemptID: fmt.Sprint("a", worker), Now: noon, LeaseUntil: noon.Add(time.Minute)})
					if err != nil {
						t.Error(err)
					}
					if d != nil {
						given.Store(d.ID, true)
					}
				}
			})
		}
		wg.Wait()
		var ids []int64
		given.Range(func(id, _ any) bool {
			ids = append(ids, id.(int64))
			return true
		})
		same(t, "rows under way", ids, []int64{results[0].DeliveryID})
	})
}

func TestReleaseGivesARowBack(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		id := w.queued(w.person("U1"))
		d := w.claimed(id, "a1", noon)
		a := engine.Attempt{ID: "a1", DeliveryID: id, At: noon, Route: "push", RetryKey: "k"}
		must(t, db.Begin(w.ctx, d, a))
		a.EndedAt, a.Outcome, a.Code = noon.Add(time.Second), "later", "429"
		d.Generation = 1
		must(t, db.Release(w.ctx, outbox.Release{Delivery: d, Attempt: &a, Status: engine.Queued, NotBefore: noon.Add(time.Hour), Class: "throttled", Code: "429",
			Error: "too fast", Uncounted: true, Now: noon}))
		got := w.delivery(id)
		same(t, "the row", []any{got.Status, got.Class, got.Code, got.Error, got.Attempt, got.Generation, got.NotBefore, got.LeaseUntil},
			[]any{engine.Queued, "throttled", "429", "too fast", 0, 1, noon.Add(time.Hour), time.Time{}})
		lost(t, db.Release(w.ctx, outbox.Release{Delivery: &engine.Delivery{ID: id, AttemptID: "a0"}, Status: engine.Queued, NotBefore: noon, Now: noon}))

		s, err := db.Story(w.ctx, w.bot.ID, id)
		must(t, err)
		same(t, "attempts", s.Attempts, []engine.Attempt{a})
	})
}

func TestDueFindsWhatShouldHaveBeenWorkedOn(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		p, q := w.person("U1"), w.person("U2")
		waits := w.order(q)
		waits.Delivery.NotBefore = noon.Add(time.Hour)
		r := w.accepted(w.order(p), w.order(p), waits)
		due := func(at time.Time) []outbox.Waiting {
			list, err := db.Due(w.ctx, at, 0, 10)
			must(t, err)
			return list
		}
		same(t, "due before any", due(noon.Add(-time.Second)), []outbox.Waiting(nil))
		same(t, "due at noon", due(noon), []outbox.Waiting{{ID: r[0].DeliveryID, ContactID: p.ContactID}})
		same(t, "due later", due(noon.Add(time.Hour)), []outbox.Waiting{{ID: r[0].DeliveryID, ContactID: p.ContactID}, {ID: r[2].DeliveryID, ContactID: q.ContactID}})

		d := w.claimed(r[0].DeliveryID, "a1", noon)
		must(t, db.Begin(w.ctx, d, engine.Attempt{ID: "a1", At: noon}))
		same(t, "due while one is under way", due(noon), []outbox.Waiting(nil))
		same(t, "due when its lease ran out", due(noon.Add(2*time.Minute)), []outbox.Waiting{{ID: r[0].DeliveryID, ContactID: p.ContactID}})

		next, err := db.NextOf(w.ctx, p.ID, noon)
		must(t, err)
		same(t, "what follows for the person", next, r[1].DeliveryID)
		ids, err := db.DueOf(w.ctx, p.ContactID, noon.Add(2*time.Minute), 10)
		must(t, err)
		same(t, "due of the contact", ids, []int64{r[0].DeliveryID, r[1].DeliveryID})

		ids, err = db.DueOfAccount(w.ctx, w.account.ID, noon.Add(2*time.Minute), 10)
		must(t, err)
		same(t, "due of the account", ids, []int64{r[0].DeliveryID, r[1].DeliveryID})
		ids, err = db.DueOfAccount(w.ctx, "another", noon.Add(2*time.Minute), 10)
		must(t, err)
		same(t, "due of another account", ids, []int64(nil))

		must(t, db.PauseAccount(w.ctx, w.bot.ID, w.account.ID, "paused"))
		same(t, "due of a paused account", due(noon.Add(time.Hour)), []outbox.Waiting(nil))
	})
}

func TestExpireClosesWhatIsTooLate(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		short := w.order(w.person("U1"))
		short.Delivery.ExpiresAt = noon.Add(time.Minute)
		held := w.order(w.person("U2"))
		held.Delivery.ExpiresAt = noon.Add(time.Minute)
		r := w.accepted(short, held, w.order(w.person("U3")))
		w.claimed(r[1].DeliveryID, "a1", noon.Add(30*time.Second))
		n, err := db.Expire(w.ctx, noon.Add(time.Minute), 10)
		must(t, err)
		same(t, "expired", n, 1)
		d := w.delivery(r[0].DeliveryID)
		same(t, "the row", []any{d.Status, d.Reason, d.ClosedAt}, []any{engine.Skipped, "expired", noon.Add(time.Minute)})
	})
}

// The reconciler looks every few seconds: it must never read the whole ledger.
func TestWhatIsOpenIsFoundByItsIndex(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	for name, query := range store.OpenQueries {
		args := slices.Repeat([]any{noon}, strings.Count(query, "?"))
		plan := strings.Join(store.Plan(t, db, query, args...), "\n")
		if !strings.Contains(plan, "INDEX deliveries_waiting_") && !strings.Contains(plan, "INDEX interactions_open") {
			t.Errorf("%s is read as\n%s", name, plan)
		}
	}
}

// Of many that come at once for a row whose holder died, one writes down the call
// that was lost.
func TestClaimersTellOfALostCallOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		for n := range 20 {
			d := w.called(w.person(fmt.Sprint("U", n)), "a0")
			var claimers sync.WaitGroup
			for i := range 4 {
				claimers.Go(func() {
					later := noon.Add(time.Hour)
					if _, err := db.Claim(w.ctx, d.ID, outbox.Claim{AttemptID: fmt.Sprint("a", i+1), Now: later, LeaseUntil: later.Add(time.Minute)}); err != nil {
						t.Error(err)
					}
				})
			}
			claimers.Wait()
			same(t, "calls", w.calls(d.ID), []string{"a0 lost"})
		}
	})
}
