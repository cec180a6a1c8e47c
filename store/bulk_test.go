package store_test

import (
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/store"
)

// A multicast goes to those whose rows were still ours when it was begun: who
// was erased, or whose row was canceled, after the rows were claimed is not in
// it, nor when it is repeated.
func TestAGroupIsOfRowsThatAreOurs(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		var b outbox.Beginning
		for _, external := range []string{"U1", "U2", "U3"} {
			d := w.claimed(w.queued(w.person(external)), "a-"+external, noon)
			if external == "U2" {
				must(t, w.finish(d, engine.Canceled))
			}
			b.Rows = append(b.Rows, outbox.Begun{Delivery: d, Route: "push", GroupID: "g1", To: external})
		}
		b.Groups, b.Now = []outbox.Group{{ID: "g1", AccountID: w.account.ID, RenderID: "r1", CreatedAt: noon, To: []string{"U1", "U2", "U3"}}}, noon
		ours, err := db.BeginMany(w.ctx, b)
		must(t, err)
		same(t, "rows begun", len(ours), 2)
		groups, err := db.Groups(w.ctx, []string{"g1"})
		must(t, err)
		same(t, "the group", groups["g1"].To, []string{"U1", "U3"})
	})
}

// Whose call was under way when its process died is closed without another: the
// row still tells of that call.
func TestACallThatNobodyAnsweredIsKept(t *testing.T) {
	for name, end := range map[string]func(w *world, o outbox.Outcome) error{
		"one": func(w *world, o outbox.Outcome) error { return w.db.Finish(w.ctx, o) },
		"many": func(w *world, o outbox.Outcome) error {
			_, err := w.db.EndMany(w.ctx, outbox.Endings{Outcomes: []outbox.Outcome{o}, Now: o.Now})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *store.DB) {
				w := newWorld(t, db)
				d := w.called(w.person("U1"), "a1")
				must(t, end(w, outbox.Outcome{Delivery: d, Status: engine.Unknown, Class: "lost", Route: "push", Now: noon}))
				story, err := db.Story(w.ctx, w.bot.ID, d.ID)
				must(t, err)
				if len(story.Attempts) != 1 || story.Attempts[0].ID != "a1" || story.Attempts[0].Outcome != "lost" {
					t.Errorf("the attempts are %+v, want one that was lost", story.Attempts)
				}
			})
		})
	}
}

// A call that nobody answered is told once, however often its row is looked at
// before somebody takes it.
func TestALostCallIsToldOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		r, one := w.ofRun(1)
		id := w.open(r, one.NextID, one.LastID, noon)[0]
		must(t, db.Begin(w.ctx, w.claimed(id, "a1", noon), engine.Attempt{ID: "a1", At: noon, Route: "push"}))
		later := noon.Add(time.Hour)
		begin := func(attempt string) map[int64]bool {
			ours, err := db.BeginMany(w.ctx, outbox.Beginning{Claim: outbox.Claim{AttemptID: attempt, Now: later, LeaseUntil: later.Add(time.Minute)}, Now: later,
				Rows: []outbox.Begun{{Delivery: w.delivery(id), Claims: true, Route: "push"}}})
			must(t, err)
			return ours
		}
		must(t, db.PauseAccount(w.ctx, w.bot.ID, w.account.ID, "the token is refused"))
		for _, attempt := range []string{"a2", "a3"} {
			if ours := begin(attempt); ours[id] {
				t.Fatal("a row of a paused account was begun")
			}
		}
		same(t, "before it is taken", w.calls(id), []string{"a1 "})
		must(t, store.Exec(t, db, `UPDATE accounts SET state = 'active'`))
		if ours := begin("a4"); !ours[id] {
			t.Fatal("the row was not begun")
		}
		same(t, "after", w.calls(id), []string{"a1 lost", "a4 "})
	})
}

// calls are a delivery's calls, each with how it ended.
func (w *world) calls(id int64) (out []string) {
	w.t.Helper()
	story, err := w.db.Story(w.ctx, w.bot.ID, id)
	must(w.t, err)
	for _, a := range story.Attempts {
		out = append(out, a.ID+" "+a.Outcome)
	}
	return out
}

// What became of a call is written once, also where the row is somebody else's by
// now.
func TestWhatManyLearnLateIsToldOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		d := w.called(w.person("U1"), "a1")
		w.claimed(d.ID, "a2", noon.Add(time.Hour))
		_, err := db.EndMany(w.ctx, outbox.Endings{Now: noon.Add(2 * time.Hour), Outcomes: []outbox.Outcome{{Delivery: d, Status: engine.Failed, Route: "push",
			Attempt: &engine.Attempt{ID: "a1", At: noon, EndedAt: noon.Add(time.Second), Outcome: "refused"}}}})
		must(t, err)
		same(t, "calls", w.calls(d.ID), []string{"a1 refused"})
	})
}

// A row whose holder began its call after it was read is not begun beside it.
func TestARowThatWasBegunMeanwhileIsNotBegunAgain(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		r, one := w.ofRun(1)
		id := w.open(r, one.NextID, one.LastID, noon)[0]
		slow, later := w.claimed(id, "a1", noon), noon.Add(time.Hour)
		read := w.delivery(id)
		must(t, db.Begin(w.ctx, slow, engine.Attempt{ID: "a1", At: noon, Route: "push"})) // which took its time on the way
		ours, err := db.BeginMany(w.ctx, outbox.Beginning{Claim: outbox.Claim{AttemptID: "a2", Now: later, LeaseUntil: later.Add(time.Minute)}, Now: later,
			Rows: []outbox.Begun{{Delivery: read, Claims: true, Route: "push"}}})
		must(t, err)
		if ours[id] {
			t.Error("two calls are under way for one row")
		}
		must(t, w.finish(slow, engine.SentOut))
		same(t, "calls", w.calls(id), []string{"a1 sent"})
	})
}
