package broadcast_test

import (
	"testing"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

// Every expression that stands for an outcome is one over people, and the
// others have none.
func TestOutcomesAsExpressions(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(3)
		b, _ := h.started(plan())
		h.work()
		rows, _, err := h.Recipients(t.Context(), h.bot.ID, b.ID, "", broadcast.Filter{}, engine.Page{})
		must(t, err)
		h.tap(rows[0], "0.0.1", "Yes")
		for _, o := range broadcast.Outcomes() {
			where, ok := broadcast.Filter{Outcome: o}.Where(b.ID)
			if want := map[broadcast.Outcome]bool{"accepted": true, "read": true, "clicked": true, "replied": true, "not_clicked": true}[o]; ok != want {
				t.Errorf("%s has the expression %q", o, where)
				continue
			}
			if !ok {
				continue
			}
			asked, err := h.Audiences.Resolve(t.Context(), h.bot.ID, &engine.Audience{Where: where})
			must(t, err)
			got := 0
			for _, r := range rows {
				in, err := h.db.InAudience(t.Context(), h.bot.ID, asked, r.Delivery.ContactID, h.clock.Now())
				must(t, err)
				if in {
					got++
				}
			}
			taken, _, err := h.Recipients(t.Context(), h.bot.ID, b.ID, "", broadcast.Filter{Outcome: o}, engine.Page{})
			must(t, err)
			if got != len(taken) {
				t.Errorf("%s means %d people, and the report has %d", where, got, len(taken))
			}
		}
		if _, ok := (broadcast.Filter{Outcome: "clicked", Variant: "a"}).Where(b.ID); ok {
			t.Error("a variant has an expression")
		}
	})
}
