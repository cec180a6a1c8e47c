package store_test

import (
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/store"
)

// begun are the rows of a run, whose calls are under way by an attempt.
func (w *world) begun(r *engine.Run, of *engine.Range, attempt string, now time.Time) []outbox.Begun {
	w.t.Helper()
	b := outbox.Beginning{Claim: outbox.Claim{AttemptID: attempt, Now: now, LeaseUntil: now.Add(time.Minute)}, Now: now}
	rows, err := w.db.OpenMany(w.ctx, outbox.Many{RunID: r.ID, First: of.NextID, Last: of.LastID, Limit: 100, Now: now})
	must(w.t, err)
	for n := range rows {
		b.Rows = append(b.Rows, outbox.Begun{Delivery: &rows[n].Row, Claims: true, Route: "push"})
	}
	ours, err := w.db.BeginMany(w.ctx, b)
	must(w.t, err)
	same(w.t, "rows begun", len(ours), len(rows))
	for _, row := range b.Rows {
		row.Delivery.AttemptID = attempt
	}
	return b.Rows
}

// What the platform took is written also when the database has undone the writing
// of it once.
func TestABatchEndsThoughItWasUndone(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		r, one := w.ofRun(3)
		e := outbox.Endings{Now: noon}
		for _, row := range w.begun(r, one, "a1", noon) {
			e.Outcomes = append(e.Outcomes, outbox.Outcome{Delivery: row.Delivery, Status: engine.SentOut, Route: "push", Attempt: &engine.Attempt{ID: "a1", At: noon, Outcome: "sent"}})
		}
		var err error
		store.UndoOnce(db, func() { _, err = db.EndMany(w.ctx, e) })
		must(t, err)
		c, err := db.Count(w.ctx, r.ID)
		must(t, err)
		same(t, "rows", c.ByStatus, map[engine.Status]int64{engine.SentOut: 3})
	})
}
