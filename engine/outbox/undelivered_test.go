package outbox_test

import (
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// A question that could not be delivered waits for nobody: its session is
// closed, and the block its author named follows as a delivery of its own.
func TestAnUndeliveredQuestionIsClosed(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.publish(`{"format": 1, "flow": "f",
			"blocks": [{"name": "rate", "entry": {}, "steps": [{"type": "ask", "text": "How was it?", "expect": "text", "on_undelivered": "tell"}, {"type": "text", "text": "Thanks"}]},
				{"name": "tell", "steps": [{"type": "text", "text": "We have a question for you"}]}]}`)
		h.platform.Answers(&channels.SendError{Kind: channels.KindContent, Scope: channels.ScopeRecipient, Retry: channels.RetryNever, Code: "400", Message: "no such picture"})
		a := h.accepts(outbox.Order{Bot: h.bot, Source: "api", To: outbox.Recipient{IdentityID: h.identity.ID}, Block: "rate", Intent: engine.IntentUtility})
		lease, _, err := h.db.TakeLease(t.Context(), h.identity.ContactID, "test", h.clock.Now(), h.clock.Now().Add(time.Minute))
		must(t, err)
		must(t, h.Deliver(t.Context(), a.DeliveryID, lease))
		h.is(a.DeliveryID, engine.Failed)
		s, err := h.db.Situation(t.Context(), h.bot.ID, h.identity.ID)
		must(t, err)
		if s.Session != nil {
			t.Errorf("the question still waits: %+v", s.Session)
		}
		next := h.is(a.DeliveryID+1, engine.Queued)
		if next.OriginID != a.DeliveryID || next.Seq != 1 || next.IdentityID != h.identity.ID {
			t.Errorf("what follows is %+v", next)
		}
		h.works(next.ID)
		h.is(next.ID, engine.SentOut)
		h.calls(2)
	})
}
