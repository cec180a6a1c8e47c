package outbox_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// slow is a ledger after whose beginning of a call the process stands still.
type slow struct {
	outbox.Ledger
	standsStill func()
}

func (s *slow) Begin(ctx context.Context, d *engine.Delivery, a engine.Attempt) error {
	err := s.Ledger.Begin(ctx, d, a)
	s.standsStill()
	return err
}

// A process that has stood still between the beginning of a call and the call
// makes it while enough of the row's lease is left, else gives the row back; what
// another has made of the row meanwhile stands, or is put right.
func TestNoCallIsMadeWhenTheLeaseIsOver(t *testing.T) {
	for name, c := range map[string]struct {
		keys      bool
		still     time.Duration
		meanwhile bool          // another process comes for the row
		status    engine.Status // of the row then
		calls     int           // made by then
	}{
		"a short while":                       {still: 10 * time.Second, status: engine.SentOut, calls: 1},
		"until the lease is nearly over":      {still: 80 * time.Second, status: engine.Queued},
		"and nobody has come":                 {still: 2 * time.Minute, status: engine.Queued},
		"and another has given it up":         {still: 2 * time.Minute, meanwhile: true, status: engine.Failed},
		"and another has called with the key": {keys: true, still: 2 * time.Minute, meanwhile: true, status: engine.SentOut, calls: 1},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *harness) {
				h.platform.Keys = c.keys
				id := h.accepts(h.order(1)).DeliveryID
				h.Ledger = &slow{h.db, func() {
					h.Ledger = h.db
					h.clock.Pass(c.still)
					if c.meanwhile {
						h.works(id)
						if !c.keys {
							h.is(id, engine.Unknown)
						}
					}
				}}
				h.works(id)
				h.calls(c.calls)
				d := h.is(id, c.status)
				story, err := h.db.Story(t.Context(), h.bot.ID, id)
				must(t, err)
				switch c.status {
				case engine.Failed:
					if d.Class != "not_called" || d.Error == "" || len(story.Attempts) != 0 {
						t.Errorf("it has failed as %q (%s) after the calls %+v, of which there were none", d.Class, d.Error, story.Attempts)
					}
				case engine.Queued:
					if d.Attempt != 0 || len(story.Attempts) != 0 {
						t.Errorf("it is queued again after %d attempts with the calls %+v", d.Attempt, story.Attempts)
					}
					if _, rung := h.bells.Deliveries[id]; !rung {
						t.Error("nobody rings for it")
					}
					h.works(id)
					h.is(id, engine.SentOut)
					h.calls(1)
				}
			})
		})
	}
}

// Of what has gone out in part it is not said that nothing was sent.
func TestAServerThatStoodStillBetweenCallsTellsOfTheRest(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.platform.Keys = false
		id := h.accepts(h.order(7)).DeliveryID
		began := 0
		h.Ledger = &slow{h.db, func() {
			if began++; began < 2 {
				return
			}
			h.Ledger = h.db
			h.clock.Pass(2 * time.Minute)
			h.works(id)
			h.is(id, engine.Unknown)
		}}
		h.works(id)
		h.calls(1)
		d := h.is(id, engine.Failed)
		if d.Class != "not_called" || d.MessagesSent != 5 || !strings.Contains(d.Error, "the rest was not sent") {
			t.Errorf("of %d messages that went out it says %q (%s)", d.MessagesSent, d.Error, d.Class)
		}
	})
}

// Where an earlier call may have been taken it is not put right: a person has to
// look.
func TestWhatAnEarlierCallLeftUnknownStaysSo(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.platform.Keys = false
		h.platform.Answers(lost)
		id := h.sends(1)
		d := h.is(id, engine.Unknown)
		err := h.db.Finish(t.Context(), outbox.Outcome{Delivery: d, Status: engine.Failed, Class: "not_called", Uncalled: true, Now: h.clock.Now()})
		if err != outbox.ErrLost {
			t.Errorf("it is put right: %v", err)
		}
		h.is(id, engine.Unknown)
	})
}
