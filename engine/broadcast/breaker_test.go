package broadcast_test

import (
	"testing"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
)

// Somebody buys more messages and resumes: nobody waits for the time at which
// the quota would have been looked at again by itself.
func TestAResumedQuotaGoesOutAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(60)
		h.platform.answer = func(string, int) *channels.SendError {
			return &channels.SendError{Kind: channels.KindQuota, Retry: channels.RetryLater, Scope: channels.ScopeAccount, Message: "monthly limit"}
		}
		b, _ := h.started(plan())
		h.work()
		h.state(b, engine.BroadcastPaused)
		h.platform.answer = nil
		_, err := h.Resume(t.Context(), h.bot.ID, b.ID)
		must(t, err)
		h.work()
		h.state(b, engine.BroadcastFinished)
		if n := h.heard(); n != 60 {
			t.Errorf("%d people got it, want 60", n)
		}
	})
}
