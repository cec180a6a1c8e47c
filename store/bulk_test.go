package store_test

import (
	"testing"

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
