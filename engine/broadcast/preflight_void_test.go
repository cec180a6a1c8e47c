package broadcast_test

import (
	"strings"
	"testing"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

func TestAnEditVoidsAPreflight(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(3)
		b, f := h.prepared(plan())
		p := plan()
		p.Subject = "another"
		now, err := h.Edit(t.Context(), h.bot.ID, b.ID, b.Version, p)
		must(t, err)
		_, err = h.beginAs(b, f.PreparedID)
		refused(t, err, "prepared_id")
		_, err = h.beginAs(b, "none")
		refused(t, err, "prepared_id")
		must(t, h.Tick(t.Context()))
		h.work()
		c, err := h.db.Count(t.Context(), f.RunID)
		must(t, err)
		if len(c.ByStatus) != 0 {
			t.Errorf("rows are left: %v", c.ByStatus)
		}
		second := h.prepareAgain(now)
		third := h.prepareAgain(now) // a newer one takes its place
		_, err = h.beginAs(now, second.PreparedID)
		refused(t, err, "prepared_id")
		r, err := h.beginAs(now, third.PreparedID)
		must(t, err)
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 3})
	})
}

func TestAStartWithoutItVoidsAPreflight(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(2)
		b, f := h.prepared(plan())
		r, err := h.Start(t.Context(), h.bot.ID, b.ID)
		must(t, err)
		h.work()
		_, err = h.beginAs(b, f.PreparedID)
		refused(t, err, "prepared_id")
		h.counts(r, map[engine.Status]int64{engine.SentOut: 2})
	})
}

func TestAScheduledOneIsPreparedAgain(t *testing.T) {
	for name, more := range map[string]int{"about as many": 1, "many more": 8} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *harness) {
				h.people(10)
				p := plan()
				p.When = engine.When{At: "2026-11-21T12:00"}
				b, _ := h.prepared(p)
				_, err := h.Schedule(t.Context(), h.bot.ID, b.ID)
				must(t, err)
				h.people(10 + more)
				h.at("2026-11-21T04:00:05Z")
				h.at("2026-11-21T04:00:15Z")
				if more == 1 {
					h.state(b, engine.BroadcastFinished)
					h.counts(h.newest(b), map[engine.Status]int64{engine.SentOut: 11})
					return
				}
				h.state(b, engine.BroadcastPaused)
				r := h.newest(b)
				h.counts(r, map[engine.Status]int64{engine.Held: 18})
				if !strings.Contains(r.Reason, "18 people, 80% more than the 10") {
					t.Errorf("it asks: %s", r.Reason)
				}
				_, err = h.Resume(t.Context(), h.bot.ID, b.ID)
				must(t, err)
				h.work()
				h.state(b, engine.BroadcastFinished)
				h.counts(r, map[engine.Status]int64{engine.SentOut: 18})
			})
		})
	}
}

func TestTenTimesAsManyAsk(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(11)
		b, err := h.Create(t.Context(), h.bot.ID, plan())
		must(t, err)
		r, err := h.Begin(t.Context(), h.bot.ID, b.ID, broadcast.Beginning{Expected: 1})
		must(t, err)
		h.work()
		h.state(b, engine.BroadcastPaused)
		h.counts(r, map[engine.Status]int64{engine.Held: 11})
		_, err = h.Cancel(t.Context(), h.bot.ID, b.ID)
		must(t, err)
		h.work()
		h.counts(r, map[engine.Status]int64{engine.Canceled: 11})

		few, err := h.Create(t.Context(), h.bot.ID, plan())
		must(t, err)
		r, err = h.Begin(t.Context(), h.bot.ID, few.ID, broadcast.Beginning{Expected: 4})
		must(t, err)
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 11})
		_, err = h.Begin(t.Context(), h.bot.ID, few.ID, broadcast.Beginning{Expected: -1})
		refused(t, err, "expected")
	})
}
