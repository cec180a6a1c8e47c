package broadcast_test

import (
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// at moves the clock to a time, ticks and works.
func (h *harness) at(s string) {
	h.t.Helper()
	to, err := time.Parse(time.RFC3339, s)
	must(h.t, err)
	h.clock.Pass(to.Sub(h.clock.Now()))
	must(h.t, h.Tick(h.t.Context()))
	h.work()
}

func (h *harness) scheduled(p engine.Plan) *engine.Broadcast {
	h.t.Helper()
	b, err := h.Create(h.t.Context(), h.bot.ID, p)
	must(h.t, err)
	b, err = h.Schedule(h.t.Context(), h.bot.ID, b.ID)
	must(h.t, err)
	return b
}

// newest is the run of a broadcast that began last.
func (h *harness) newest(b *engine.Broadcast) *engine.Run {
	h.t.Helper()
	runs, err := h.db.ListRuns(h.t.Context(), h.bot.ID, b.ID)
	must(h.t, err)
	if len(runs) == 0 {
		h.t.Fatal("the broadcast has no run")
	}
	return &runs[0]
}

func TestEachPersonsOwnClock(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(6)
		h.live(6, "", "Europe/Berlin", "America/New_York") // "": the bot's, Taipei
		p := plan()
		p.When = engine.When{At: "2026-11-22T09:00", Local: true}
		b := h.scheduled(p)
		if want := time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC); !b.DueAt.Equal(want) {
			t.Fatalf("due at %s, want 9:00 in Taipei", b.DueAt)
		}
		for _, step := range []struct {
			at   string
			want int
		}{{"2026-11-22T00:59:00Z", 0}, {"2026-11-22T01:00:00Z", 2}, {"2026-11-22T07:59:00Z", 2}, {"2026-11-22T08:00:10Z", 4}, {"2026-11-22T13:59:00Z", 4}, {"2026-11-22T14:00:10Z", 6}} {
			h.at(step.at)
			if got := h.heard(); got != step.want {
				t.Errorf("at %s %d have heard, want %d", step.at, got, step.want)
			}
		}
		h.state(b, engine.BroadcastFinished)
	})
}

func TestClocksThatHavePassed(t *testing.T) {
	each(t, func(t *testing.T, h *harness) { // it is 11:00 in Taipei, 4:00 in Berlin
		h.people(4)
		h.live(4, "Asia/Taipei", "Europe/Berlin")
		p := plan()
		p.When = engine.When{At: "2026-11-21T09:00", Local: true}
		b := h.scheduled(p)
		h.at("2026-11-21T03:00:10Z")
		r := h.newest(b)
		h.counts(r, map[engine.Status]int64{engine.Skipped: 2, engine.Queued: 2})
		h.at("2026-11-21T08:00:10Z")
		h.counts(r, map[engine.Status]int64{engine.Skipped: 2, engine.SentOut: 2})
		c, err := h.db.Count(t.Context(), r.ID)
		must(t, err)
		if c.Skipped["missed"] != 2 {
			t.Errorf("skipped %v", c.Skipped)
		}
	})
}

func TestQuietHoursWait(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(6)
		h.live(6, "Asia/Taipei", "America/New_York") // 11:00 and 22:00
		h.rules(engine.BroadcastSettings{QuietHours: &engine.QuietHours{From: "21:00", To: "08:00"}})
		b, r := h.started(plan())
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 3, engine.Queued: 3})
		h.at("2026-11-21T12:59:00Z")
		h.counts(r, map[engine.Status]int64{engine.SentOut: 3, engine.Queued: 3})
		h.at("2026-11-21T13:00:10Z")
		h.counts(r, map[engine.Status]int64{engine.SentOut: 6})
		h.state(b, engine.BroadcastFinished)

		p := plan()
		p.Intent, p.Transactional = engine.IntentUtility, true
		h.at("2026-11-21T14:00:00Z") // 22:00 in Taipei
		_, urgent := h.started(p)
		h.work()
		h.counts(urgent, map[engine.Status]int64{engine.SentOut: 6})
	})
}

// In the night in which Berlin's clocks skip the time that is meant, nobody is
// written to before the quiet hours of their own clock end.
func TestQuietHoursOnEachPersonsOwnClock(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(6)
		h.live(6, "", "Europe/Berlin", "America/New_York") // "": the bot's, Taipei
		h.rules(engine.BroadcastSettings{QuietHours: &engine.QuietHours{From: "21:00", To: "08:00"}})
		p := plan()
		p.When = engine.When{At: "2027-03-28T02:30", Local: true}
		b := h.scheduled(p)
		for _, step := range []struct {
			at   string
			want int
		}{{"2027-03-27T18:30:05Z", 0}, {"2027-03-27T23:59:00Z", 0}, {"2027-03-28T00:00:10Z", 2}, {"2027-03-28T05:59:00Z", 2}, {"2027-03-28T06:00:10Z", 4}, {"2027-03-28T11:59:00Z", 4}, {"2027-03-28T12:00:10Z", 6}} {
			h.at(step.at)
			if got := h.heard(); got != step.want {
				t.Errorf("at %s %d have heard, want %d", step.at, got, step.want)
			}
		}
		h.state(b, engine.BroadcastFinished)
	})
}

func TestQuietHoursBeginInTheMiddle(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(6)
		h.rules(engine.BroadcastSettings{QuietHours: &engine.QuietHours{From: "11:30", To: "13:00"}})
		h.pace.left = 2
		b, r := h.started(plan())
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 2, engine.Queued: 4})
		h.pace.left = -1
		h.at("2026-11-21T03:31:00Z")
		h.counts(r, map[engine.Status]int64{engine.SentOut: 2, engine.Queued: 4})
		h.at("2026-11-21T05:00:10Z")
		h.counts(r, map[engine.Status]int64{engine.SentOut: 6})
		h.state(b, engine.BroadcastFinished)
	})
}

func TestItRepeats(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(1)
		p := plan()
		p.When = engine.When{At: "2026-11-21T12:00", Repeat: &engine.Repeat{EveryDays: 1, Times: 2}}
		b := h.scheduled(p)
		h.at("2026-11-21T04:00:05Z")
		h.state(b, engine.BroadcastScheduled)
		h.at("2026-11-22T03:59:00Z")
		if got := len(h.platform.heard["U000"]); got != 1 {
			t.Fatalf("heard %d times before the second day", got)
		}
		h.people(2) // who comes meanwhile is meant too
		h.at("2026-11-22T04:00:05Z")
		h.state(b, engine.BroadcastFinished)
		if got := len(h.platform.heard["U000"]) + len(h.platform.heard["U001"]); got != 3 {
			t.Errorf("heard %d times in all, want 3", got)
		}
	})
}
