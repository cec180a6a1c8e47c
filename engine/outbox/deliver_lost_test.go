package outbox_test

import (
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// A push whose answer was lost goes out again with the same bytes under the
// same key, so that the platform can tell it is the same.
func TestLostPushIsRepeatedUnderItsKey(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.platform.Answers(lost)
		id := h.sends(1)
		h.is(id, engine.Sending)
		h.clock.Pass(time.Hour)
		h.works(id)
		h.is(id, engine.SentOut)
		calls := h.calls(2)
		if calls[0].Key != calls[1].Key || calls[0].Body != calls[1].Body {
			t.Errorf("repeated as %+v after %+v", calls[1], calls[0])
		}
	})
}

func TestLostPushWithoutKeysIsUnknown(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.platform.Keys = false
		h.platform.Answers(lost)
		id := h.sends(1)
		h.is(id, engine.Unknown)
		h.clock.Pass(time.Hour)
		h.works(id)
		h.calls(1)
		must(t, h.db.Settle(t.Context(), h.bot.ID, id, engine.SentOut, h.clock.Now()))
		h.is(id, engine.SentOut)
	})
}

func TestLostPushIsUnknownWhenItsKeyIsTooOld(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.platform.Answers(lost)
		id := h.sends(1)
		h.clock.Pass(outbox.RetryKeyLife)
		h.works(id)
		h.is(id, engine.Unknown)
		h.calls(1)
	})
}

// A worker that died after writing sending leaves a row that is taken up again
// when its lease ends.
func TestDeadWorkersRowIsTakenUp(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		id := h.accepts(h.order(1)).DeliveryID
		now := h.clock.Now()
		d, err := h.db.Claim(t.Context(), id, outbox.Claim{AttemptID: "dead", Now: now, LeaseUntil: now.Add(time.Minute)})
		must(t, err)
		must(t, h.db.Begin(t.Context(), d, engine.Attempt{ID: "dead", DeliveryID: id, At: now, Route: "push", RetryKey: "k"}))
		h.works(id)
		h.calls(0) // the lease still stands
		h.clock.Pass(2 * time.Minute)
		h.works(id)
		h.is(id, engine.SentOut)
		h.calls(1)
	})
}

// A refusal says nothing of a call before it whose answer was lost: the row is
// not queued again, from where it might go out by another way.
func TestLostPushStaysLostWhenItsRepetitionIsRefused(t *testing.T) {
	for name, e := range map[string]*channels.SendError{"throttled": throttled, "down": down, "quota": quota, "auth": auth} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *harness) {
				h.platform.Answers(lost, e)
				id := h.sends(1)
				h.clock.Pass(time.Minute)
				h.works(id)
				h.is(id, engine.Sending)
				a, err := h.db.Account(t.Context(), h.account.ID)
				must(t, err)
				a.State = engine.AccountActive
				must(t, h.db.UpdateAccount(t.Context(), *a))
				h.clock.Pass(time.Hour)
				h.works(id)
				h.is(id, engine.SentOut)
				if calls := h.calls(3); calls[0].Key == "" || calls[2].Key != calls[0].Key {
					t.Errorf("repeated under %q after %q", calls[2].Key, calls[0].Key)
				}
			})
		})
	}
}
