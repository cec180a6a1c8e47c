package broadcast_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/inbox"
)

// tap has a recipient tap a button, and write besides.
func (h *harness) tap(r broadcast.Recipient, place, title string) {
	h.t.Helper()
	ctx, now := h.t.Context(), h.clock.Now()
	l, _, err := h.db.TakeLease(ctx, r.Delivery.ContactID, "test", now, now.Add(time.Minute))
	must(h.t, err)
	_, err = h.db.CommitTurn(ctx, l, inbox.Turn{BotID: h.bot.ID, ContactID: r.Delivery.ContactID, IdentityID: r.Delivery.IdentityID, Turn: &engine.Turn{}, Wrote: now, Now: now,
		Tap: &inbox.Tap{DeliveryID: r.Delivery.ID, RenderID: r.Delivery.RenderID, Place: place, Title: title, At: now}})
	must(h.t, err)
	must(h.t, h.db.ReleaseLease(ctx, l))
}

// Taps are counted by button, people once, and replies by how soon they came.
func TestTapsAndRepliesOfAReport(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(4)
		b, r := h.started(plan())
		h.work()
		rows, _, err := h.Recipients(t.Context(), h.bot.ID, b.ID, "", broadcast.Filter{}, engine.Page{})
		must(t, err)
		h.clock.Pass(time.Hour)
		h.tap(rows[0], "0.0.1", "Yes")
		h.tap(rows[0], "0.0.1", "Yes")
		h.tap(rows[0], "0.1.0", "")
		h.clock.Pass(12 * time.Hour)
		h.tap(rows[1], "0.0.1", "Yes")
		h.clock.Pass(24 * time.Hour)
		h.tap(rows[2], "0.0.2", "No")
		got, err := h.Report(t.Context(), h.bot.ID, b.ID, r.ID)
		must(t, err)
		want := []broadcast.Click{{Place: "0.0.1", Title: "Yes", People: 2, Taps: 3}, {Place: "0.0.2", Title: "No", People: 1, Taps: 1}, {Place: "0.1.0", People: 1, Taps: 1}}
		if d := cmp.Diff(want, got.Figures.Clicks); d != "" {
			t.Error(d)
		}
		sum := got.Figures.Sum("*", silent)
		if sum.Clicked != 3 || sum.Replied12 != 1 || sum.Replied24 != 2 || sum.Replied48 != 3 {
			t.Errorf("%d tapped, and %d, %d and %d replied within 12, 24 and 48 hours", sum.Clicked, sum.Replied12, sum.Replied24, sum.Replied48)
		}
	})
}
