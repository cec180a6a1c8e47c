package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/store"
)

// A call that was given up as lost, and answered after all, is told once and as
// it ended, whatever has become of its row meanwhile.
func TestALateAnswerIsWhatIsToldOfItsCall(t *testing.T) {
	later := noon.Add(time.Hour)
	giveUp := func(w *world, r *engine.Run, _ *engine.Delivery) {
		must(w.t, store.Exec(w.t, w.db, `UPDATE broadcast_runs SET state = 'canceled' WHERE id = ?`, r.ID))
		n, err := w.db.GiveUp(w.ctx, r.ID, later, 10)
		must(w.t, err)
		same(w.t, "given up", n, 1)
	}
	heard := func(kind channels.ReceiptKind) func(*world, *engine.Run, *engine.Delivery) {
		return func(w *world, r *engine.Run, d *engine.Delivery) {
			giveUp(w, r, d)
			w.hear(later, channels.Receipt{Kind: kind, Metadata: fmt.Sprintf("d:%d.0", d.ID), At: later, Error: &channels.SendError{Kind: channels.KindContent, Code: "551"}})
			w.apply(later, 1)
		}
	}
	meanwhile := map[string]struct {
		happens func(*world, *engine.Run, *engine.Delivery)
		sent    engine.Status // what the row is when the platform has taken it
	}{
		"given up":                               {giveUp, engine.SentOut},
		"given up, and failed by a receipt":      {heard(channels.Failed), engine.Failed},
		"given up, and delivered by a receipt":   {heard(channels.Delivered), engine.Delivered},
		"taken by another whose call is to come": {func(w *world, _ *engine.Run, d *engine.Delivery) { w.claimed(d.ID, "a2", later) }, engine.SentOut},
	}
	type ending struct {
		outcome string
		status  engine.Status // "": it is given back
	}
	one := func(w *world, e outbox.Endings) error {
		for _, o := range e.Outcomes {
			return w.db.Finish(w.ctx, o)
		}
		return w.db.Release(w.ctx, e.Releases[0])
	}
	many := func(w *world, e outbox.Endings) error {
		_, err := w.db.EndMany(w.ctx, e)
		return err
	}
	for name, m := range meanwhile {
		for _, end := range []ending{{"sent", engine.SentOut}, {"refused", engine.Failed}, {"later", ""}} {
			for way, write := range map[string]func(*world, outbox.Endings) error{"one": one, "many": many} {
				t.Run(name+", "+end.outcome+", "+way, func(t *testing.T) {
					each(t, func(t *testing.T, db *store.DB) {
						w := newWorld(t, db)
						r, part := w.ofRun(1)
						d := w.claimed(w.open(r, part.NextID, part.LastID, noon)[0], "a1", noon)
						must(t, db.Begin(w.ctx, d, engine.Attempt{ID: "a1", At: noon, Route: "push"}))
						m.happens(w, r, d)
						now := later.Add(time.Hour)
						call := &engine.Attempt{ID: "a1", At: noon, EndedAt: now, Route: "push", Outcome: end.outcome}
						e := outbox.Endings{Now: now, Outcomes: []outbox.Outcome{{Delivery: d, Attempt: call, Status: end.status, Route: "push", Now: now}}}
						if end.status == "" {
							e.Outcomes, e.Releases = nil, []outbox.Release{{Delivery: d, Attempt: call, Status: engine.Queued, NotBefore: now, Now: now}}
						}
						if err := write(w, e); err != nil && !errors.Is(err, outbox.ErrLost) {
							t.Fatal(err)
						}
						same(t, "calls", w.calls(d.ID), []string{"a1 " + end.outcome})
						if got := w.delivery(d.ID); end.status == engine.SentOut {
							same(t, "status", got.Status, m.sent)
						}
					})
				})
			}
		}
	}
}

// Of several calls of one attempt that were given up as lost, the last is the
// one that is answered.
func TestALateAnswerIsOfTheLastCall(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		d := w.called(w.person("U1"), "a1")
		must(t, db.Begin(w.ctx, d, engine.Attempt{ID: "a1", At: noon.Add(time.Second), Route: "push"}))
		w.claimed(d.ID, "a2", noon.Add(time.Hour))
		_, err := db.EndMany(w.ctx, outbox.Endings{Now: noon.Add(2 * time.Hour), Outcomes: []outbox.Outcome{{Delivery: d, Status: engine.SentOut, Route: "push",
			Attempt: &engine.Attempt{ID: "a1", At: noon.Add(time.Second), EndedAt: noon.Add(2 * time.Second), Outcome: "sent"}}}})
		must(t, err)
		same(t, "calls", w.calls(d.ID), []string{"a1 lost", "a1 sent"})
	})
}

// A part that the platform took of a message that was given up is told once.
func TestALatePartIsToldOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		d := w.called(w.person("U1"), "a1")
		must(t, db.Finish(w.ctx, outbox.Outcome{Delivery: d, Status: engine.Unknown, Class: "lost", Route: "push", Now: noon.Add(time.Hour)}))
		lost(t, db.Progress(w.ctx, d, engine.Attempt{ID: "a1", At: noon, Route: "push"}, 5, nil))
		same(t, "calls", w.calls(d.ID), []string{"a1 sent"})
	})
}
