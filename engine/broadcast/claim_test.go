package broadcast_test

import (
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// A row is claimed as it was read: who has it by now, whose run has stopped and
// what comes first is asked when it is begun.
func TestRowsAreClaimedAsTheyWereRead(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(h *harness, r *engine.Run, first outbox.Begun)
		ours      int
	}{
		"nothing happens": {func(*harness, *engine.Run, outbox.Begun) {}, 3},
		"another visit begins the first": {func(h *harness, _ *engine.Run, first outbox.Begun) {
			must(h.t, h.begin("other", first))
		}, 2},
		"another visit has given the first back": {func(h *harness, _ *engine.Run, first outbox.Begun) {
			must(h.t, h.begin("other", first))
			d := *first.Delivery
			d.AttemptID = "other"
			_, err := h.db.EndMany(h.t.Context(), outbox.Endings{Releases: []outbox.Release{{Delivery: &d, Status: engine.Queued}}, Now: h.clock.Now()})
			must(h.t, err)
		}, 2},
		"the run is paused": {func(h *harness, r *engine.Run, _ outbox.Begun) {
			_, err := h.Pause(h.t.Context(), h.bot.ID, r.BroadcastID, "")
			must(h.t, err)
		}, 0},
		"the run is canceled": {func(h *harness, r *engine.Run, _ outbox.Begun) {
			_, err := h.Cancel(h.t.Context(), h.bot.ID, r.BroadcastID)
			must(h.t, err)
		}, 0},
		"the account is paused": {func(h *harness, _ *engine.Run, first outbox.Begun) {
			must(h.t, h.db.PauseAccount(h.t.Context(), h.bot.ID, first.Delivery.AccountID, "a test"))
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *harness) {
				h.people(3)
				r, rows := h.opened()
				c.meanwhile(h, r, rows[0])
				ours, err := h.db.BeginMany(t.Context(), outbox.Beginning{Claim: h.claim("mine"), Rows: rows, Now: h.clock.Now()})
				must(t, err)
				if len(ours) != c.ours {
					t.Errorf("%d rows are ours, want %d", len(ours), c.ours)
				}
				for _, b := range rows {
					d, err := h.db.Delivery(t.Context(), h.bot.ID, b.Delivery.ID)
					must(t, err)
					if mine := d.AttemptID == "mine" && d.Status == engine.Sending && d.Attempt == 1; mine != ours[d.ID] {
						t.Errorf("row %d is %s, attempt %d of %q, and ours is %v", d.ID, d.Status, d.Attempt, d.AttemptID, ours[d.ID])
					}
				}
			})
		})
	}
}

// What a visit decides of a row that it never began is written only while the
// row is as it was read, and counts as an attempt.
func TestWhatWasOnlyReadEndsOnce(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(3)
		_, rows := h.opened()
		must(t, h.begin("other", rows[0]))
		skip := outbox.Outcome{Status: engine.Skipped, Reason: "expired"}
		e := outbox.Endings{Now: h.clock.Now()}
		for _, b := range rows[:2] {
			skip.Delivery = b.Delivery
			e.Outcomes = append(e.Outcomes, skip)
		}
		e.Releases = []outbox.Release{{Delivery: rows[2].Delivery, Status: engine.Queued, Unclaimed: engine.Queued}}
		_, err := h.db.EndMany(t.Context(), e)
		must(t, err)
		for i, want := range []engine.Status{engine.Sending, engine.Skipped, engine.Queued} {
			d, err := h.db.Delivery(t.Context(), h.bot.ID, rows[i].Delivery.ID)
			must(t, err)
			if d.Status != want {
				t.Errorf("row %d is %s, want %s", i, d.Status, want)
			}
			if i == 2 && d.Attempt != 1 {
				t.Errorf("it was given back after %d attempts, want 1", d.Attempt)
			}
		}
	})
}

// opened is a run whose audience is written down, with its rows as they are
// read for a visit.
func (h *harness) opened() (*engine.Run, []outbox.Begun) {
	h.t.Helper()
	_, r := h.started(plan())
	for r.FrozenAt.IsZero() {
		number, rung := take(&h.bells.mu, h.bells.runs, h.clock.Now())
		if !rung {
			h.t.Fatal("the run waits for nobody")
		}
		must(h.t, h.Work(h.t.Context(), number))
		var err error
		r, err = h.db.Run(h.t.Context(), h.bot.ID, r.ID)
		must(h.t, err)
	}
	open, err := h.db.OpenMany(h.t.Context(), outbox.Many{RunID: r.ID, Last: 1 << 40, Limit: 100, Now: h.clock.Now()})
	must(h.t, err)
	var rows []outbox.Begun
	for i := range open {
		rows = append(rows, outbox.Begun{Delivery: &open[i].Row, Claims: true, Route: "push"})
	}
	if len(rows) != 3 {
		h.t.Fatalf("%d rows are open", len(rows))
	}
	return r, rows
}

func (h *harness) claim(attempt string) outbox.Claim {
	return outbox.Claim{AttemptID: attempt, Now: h.clock.Now(), LeaseUntil: h.clock.Now().Add(time.Minute)}
}

func (h *harness) begin(attempt string, row outbox.Begun) error {
	_, err := h.db.BeginMany(h.t.Context(), outbox.Beginning{Claim: h.claim(attempt), Rows: []outbox.Begun{row}, Now: h.clock.Now()})
	return err
}
