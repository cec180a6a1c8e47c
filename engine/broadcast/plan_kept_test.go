package broadcast_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

// What was taken when a subject could have any length and lines is sent at its
// time, checked, changed elsewhere and sent again; another subject like it is
// refused.
func TestAKeptPlanIsSentWhateverItIsCalled(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(3)
		p := plan()
		p.When = engine.When{At: "2026-11-22T09:00"}
		b, err := h.Create(t.Context(), h.bot.ID, p)
		must(t, err)
		b.Plan.Subject, b.Plan.Category = strings.Repeat("a long story\n", 40), " news"
		b.Plan.Tags = append(make([]string, 0, 60), strings.Fields(strings.Repeat("vip VIP ", 30))...)
		must(t, h.db.EditBroadcast(t.Context(), b))

		p = b.Plan
		p.When.At = "2026-11-23T09:00"
		b, err = h.Edit(t.Context(), h.bot.ID, b.ID, b.Version, p)
		must(t, err)
		p.Subject += "more"
		var refused *engine.Error
		if _, err := h.Edit(t.Context(), h.bot.ID, b.ID, b.Version, p); !errors.As(err, &refused) || refused.Field != "subject" {
			t.Errorf("another long subject: %v", err)
		}
		_, err = h.Schedule(t.Context(), h.bot.ID, b.ID)
		must(t, err)
		h.at("2026-11-23T01:00:10Z")
		h.state(b, engine.BroadcastFinished)
		if _, _, err := h.Again(t.Context(), h.bot.ID, b.ID, "", broadcast.Filter{Outcome: broadcast.OutcomeAccepted}); err != nil {
			t.Errorf("sent again: %v", err)
		}
	})
}
