package store_test

import (
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/store"
)

// Whose lease is over begins no call, whether somebody else has come for the row
// or not.
func TestNoCallBeginsWhenTheLeaseIsOver(t *testing.T) {
	over := noon.Add(time.Minute)
	for name, begin := range map[string]func(w *world, d *engine.Delivery) error{
		"one": func(w *world, d *engine.Delivery) error {
			return w.db.Begin(w.ctx, d, engine.Attempt{ID: d.AttemptID, At: over, Route: "push"})
		},
		"one of many": func(w *world, d *engine.Delivery) error {
			ours, err := w.db.BeginMany(w.ctx, outbox.Beginning{Rows: []outbox.Begun{{Delivery: d, Route: "push"}}, Now: over})
			if err == nil && !ours[d.ID] {
				err = outbox.ErrLost
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *store.DB) {
				w := newWorld(t, db)
				d := w.claimed(w.queued(w.person("U1")), "a1", noon)
				lost(t, begin(w, d))
				same(t, "status", w.delivery(d.ID).Status, engine.Queued)
				next := w.claimed(d.ID, "a2", over)
				lost(t, begin(w, d))
				same(t, "calls", w.calls(d.ID), []string(nil))
				must(t, db.Begin(w.ctx, next, engine.Attempt{ID: "a2", At: over, Route: "push"}))
			})
		})
	}
}

// A call is begun with as much of the lease as its caller asks for, and nothing
// is taken from one that is longer.
func TestACallRenewsTheLeaseOfItsRow(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		d := w.claimed(w.queued(w.person("U1")), "a1", noon)
		for _, c := range []struct{ asked, want time.Time }{
			{time.Time{}, noon.Add(time.Minute)},
			{noon.Add(30 * time.Second), noon.Add(time.Minute)},
			{noon.Add(75 * time.Second), noon.Add(75 * time.Second)},
		} {
			d.LeaseUntil = c.asked
			must(t, db.Begin(w.ctx, d, engine.Attempt{ID: "a1", At: noon.Add(45 * time.Second), Route: "push"}))
			same(t, "until", w.delivery(d.ID).LeaseUntil, c.want)
		}
		if other := w.claim(d.ID, "a2", noon.Add(time.Minute)); other != nil {
			t.Error("a row was taken whose call is under way")
		}
	})
}

// A call that was on its way to the database when its holder's lease ended, and
// gets there as somebody else takes the row, is not forgotten: what the platform
// says of it is kept.
func TestACallThatBeginsInTheMiddleOfAClaim(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		d := w.claimed(w.queued(w.person("U1")), "a1", noon)
		over := noon.Add(time.Minute)
		_, err := store.ClaimAround(w.ctx, db, d.ID, outbox.Claim{AttemptID: "a2", Now: over, LeaseUntil: over.Add(time.Minute)}, func() error {
			return db.Begin(w.ctx, d, engine.Attempt{ID: "a1", At: over.Add(-time.Second), Route: "push"})
		})
		must(t, err)
		must(t, w.finish(d, engine.SentOut))
		same(t, "calls", w.calls(d.ID), []string{"a1 sent"})
	})
}

// A row that was only read and then begun by its late holder is neither given
// back nor closed by who has read it.
func TestWhatWasOnlyReadIsLeftToWhoHasBegunIt(t *testing.T) {
	later := noon.Add(2 * time.Minute)
	release := func(d *engine.Delivery) outbox.Release {
		return outbox.Release{Delivery: d, Status: engine.Queued, NotBefore: later, Uncounted: true, Unclaimed: d.Status, Now: later}
	}
	skip := func(d *engine.Delivery) outbox.Outcome {
		return outbox.Outcome{Delivery: d, Status: engine.Skipped, Reason: "expired", Unclaimed: d.Status, Now: later}
	}
	many := func(w *world, e outbox.Endings) error {
		e.Now = later
		_, err := w.db.EndMany(w.ctx, e)
		return err
	}
	ends := map[string]func(w *world, d *engine.Delivery) error{
		"one given back": func(w *world, d *engine.Delivery) error { return w.db.Release(w.ctx, release(d)) },
		"one closed":     func(w *world, d *engine.Delivery) error { return w.db.Finish(w.ctx, skip(d)) },
		"many given back": func(w *world, d *engine.Delivery) error {
			return many(w, outbox.Endings{Releases: []outbox.Release{release(d)}})
		},
		"many closed": func(w *world, d *engine.Delivery) error {
			return many(w, outbox.Endings{Outcomes: []outbox.Outcome{skip(d)}})
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *store.DB) {
				w := newWorld(t, db)
				for _, c := range []struct {
					name  string
					until time.Time // the late holder's lease, once it has begun
					twice bool      // its first call was under way when the row was read
				}{
					{"begun since, and its lease is over", noon, false},
					{"begun since", later.Add(time.Second), false},
					{"begun again since", later.Add(time.Second), true},
				} {
					id := w.queued(w.person(c.name))
					holder := w.claimed(id, "a1", noon)
					begin := func(at time.Time) {
						must(t, db.Begin(w.ctx, holder, engine.Attempt{ID: "a1", At: at, Route: "push"}))
					}
					if c.twice {
						begin(noon)
					}
					read := w.delivery(id)
					holder.LeaseUntil = c.until
					begin(noon.Add(59 * time.Second))
					if err := end(w, read); err != nil {
						lost(t, err)
					}
					got := w.delivery(id)
					same(t, c.name, []any{got.Status, got.Attempt, got.ClosedAt.IsZero()}, []any{engine.Sending, 1, true})
				}
				// and as long as nobody has, it is what was decided
				id := w.queued(w.person("nobody"))
				w.claimed(id, "a1", noon)
				must(t, end(w, w.delivery(id)))
				got := w.delivery(id)
				if got.Status == engine.Sending || !got.LeaseUntil.IsZero() || got.Attempt != 1 {
					t.Errorf("a row that nobody had begun is %s, leased until %s, after %d attempts", got.Status, got.LeaseUntil, got.Attempt)
				}
			})
		})
	}
}
