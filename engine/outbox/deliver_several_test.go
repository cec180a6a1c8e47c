package outbox_test

import (
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/policy"
)

// More than one call's messages go on where they stopped.
func TestManyMessagesGoOnWhereTheyStopped(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.platform.Answers(nil, down)
		id := h.sends(7)
		if d := h.is(id, engine.Queued); d.MessagesSent != 5 {
			t.Fatalf("%d messages sent, want 5", d.MessagesSent)
		}
		h.clock.Pass(time.Hour)
		h.works(id)
		if d := h.is(id, engine.SentOut); d.MessagesSent != 7 {
			t.Errorf("%d messages sent, want 7", d.MessagesSent)
		}
		calls := h.calls(3)
		if calls[0].Key == calls[1].Key || calls[1].Key != calls[2].Key || calls[1].Body != calls[2].Body {
			t.Errorf("the keys are %q %q %q", calls[0].Key, calls[1].Key, calls[2].Key)
		}
	})
}

// A worker that died between two calls leaves nothing in doubt: the next one
// goes on, also where calls have no keys.
func TestDeathBetweenTwoCallsLosesNothing(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.platform.Keys = false
		id := h.accepts(h.order(7)).DeliveryID
		now := h.clock.Now()
		a := engine.Attempt{ID: "dead", DeliveryID: id, At: now, Route: "push"}
		d, err := h.db.Claim(t.Context(), id, outbox.Claim{AttemptID: a.ID, Now: now, LeaseUntil: now.Add(time.Minute)})
		must(t, err)
		must(t, h.db.Begin(t.Context(), d, a))
		must(t, h.db.Progress(t.Context(), d, a, 5, nil))
		h.clock.Pass(2 * time.Minute)
		h.works(id)
		if d := h.is(id, engine.SentOut); d.MessagesSent != 7 {
			t.Errorf("%d messages sent, want 7", d.MessagesSent)
		}
		if got := h.calls(1)[0].Texts(); len(got) != 2 {
			t.Errorf("the second worker sent %q, want the last two", got)
		}
	})
}

// What the person has a part of was not skipped, however late the rest is.
func TestTheRestExpires(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.platform.Answers(nil, down)
		id := h.sends(7)
		h.clock.Pass(outbox.DefaultExpiry)
		_, err := h.Reconcile(t.Context())
		must(t, err)
		h.works(id)
		if d := h.is(id, engine.Failed); d.Class != policy.Expired || d.MessagesSent != 5 {
			t.Errorf("class %q, %d messages sent", d.Class, d.MessagesSent)
		}
	})
}
