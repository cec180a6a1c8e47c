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
