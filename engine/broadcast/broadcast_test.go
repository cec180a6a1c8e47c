package broadcast_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
)

// plan says hello to everyone.
func plan() engine.Plan {
	return engine.Plan{Subject: "hello", Content: engine.Content{Block: "hello"}, Audience: engine.Audience{All: true}}
}

func (h *harness) started(p engine.Plan) (*engine.Broadcast, *engine.Run) {
	h.t.Helper()
	b, err := h.Create(h.t.Context(), h.bot.ID, p)
	must(h.t, err)
	r, err := h.Start(h.t.Context(), h.bot.ID, b.ID)
	must(h.t, err)
	return b, r
}

// counts holds how the rows of a run stand.
func (h *harness) counts(r *engine.Run, want map[engine.Status]int64) {
	h.t.Helper()
	c, err := h.db.Count(h.t.Context(), r.ID)
	must(h.t, err)
	if len(c.ByStatus) != len(want) {
		h.t.Fatalf("the rows are %v, want %v", c.ByStatus, want)
	}
	for status, n := range want {
		if c.ByStatus[status] != n {
			h.t.Fatalf("the rows are %v, want %v", c.ByStatus, want)
		}
	}
}

func (h *harness) state(b *engine.Broadcast, want engine.BroadcastState) {
	h.t.Helper()
	now, err := h.db.Broadcast(h.t.Context(), h.bot.ID, b.ID)
	must(h.t, err)
	if now.State != want {
		h.t.Fatalf("the broadcast is %s (%s), want %s", now.State, now.Reason, want)
	}
}

// refused holds which field an error is about.
func refused(t *testing.T, err error, field string) {
	t.Helper()
	var e *engine.Error
	if !errors.As(err, &e) || e.Field != field {
		t.Fatalf("got %v, want an error about %s", err, field)
	}
}

func TestEverybodyHearsOnce(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(25)
		p := plan()
		p.Tags, p.Attributes = []string{"greeted"}, map[string]any{"city": "Taipei"}
		b, r := h.started(p)
		_, err := h.Start(t.Context(), h.bot.ID, b.ID)
		refused(t, err, "state")
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 25})
		h.state(b, engine.BroadcastFinished)
		if got := h.platform.heard["U007"]; len(got) != 1 || got[0] != "Hello P7!" {
			t.Errorf("one heard %q", got)
		}
		list, _, err := h.db.ListContacts(t.Context(), h.bot.ID, "", engine.Page{Limit: 100})
		must(t, err)
		for _, c := range list {
			if len(c.Tags) != 1 || c.Tags[0] != "greeted" || c.Attributes["city"] != "Taipei" {
				t.Fatalf("a contact that was reached is %+v", c)
			}
		}
	})
}

func TestARateThatIsUsedUpWaits(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(10)
		h.pace.left = 4
		b, r := h.started(plan())
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 4, engine.Queued: 6})
		h.pace.left = -1
		h.clock.Pass(2 * time.Second)
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 10})
		h.state(b, engine.BroadcastFinished)
	})
}

func TestPauseResumeCancel(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(10)
		h.pace.left = 3
		b, r := h.started(plan())
		h.work()
		_, err := h.Pause(t.Context(), h.bot.ID, b.ID, "a typo")
		must(t, err)
		h.state(b, engine.BroadcastPaused)
		h.pace.left = 2
		h.clock.Pass(10 * time.Second)
		must(t, h.Tick(t.Context()))
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 3, engine.Queued: 7})
		_, err = h.Edit(t.Context(), h.bot.ID, b.ID, b.Version, plan())
		refused(t, err, "state")

		_, err = h.Resume(t.Context(), h.bot.ID, b.ID)
		must(t, err)
		h.clock.Pass(10 * time.Second)
		must(t, h.Tick(t.Context()))
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 5, engine.Queued: 5})

		_, err = h.Cancel(t.Context(), h.bot.ID, b.ID)
		must(t, err)
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 5, engine.Canceled: 5})
		h.state(b, engine.BroadcastCanceled)
		over, err := h.db.Run(t.Context(), h.bot.ID, r.ID)
		must(t, err)
		if over.ClosedAt.IsZero() {
			t.Error("a canceled run of which nothing is open is not closed")
		}
	})
}

func TestWhatIsRefusedForNowIsTriedAgain(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(6)
		tries := map[string]int{}
		h.platform.answer = func(to string, _ int) *channels.SendError {
			tries[to]++
			switch {
			case to == "U001" && tries[to] == 1:
				return &channels.SendError{Kind: channels.KindThrottled, Retry: channels.RetryLater, Message: "slow down"}
			case to == "U002":
				return &channels.SendError{Kind: channels.KindBlocked, Scope: channels.ScopeRecipient, Message: "blocked"}
			}
			return nil
		}
		b, r := h.started(plan())
		for range 5 {
			h.work()
			h.clock.Pass(10 * time.Second)
			must(t, h.Tick(t.Context()))
		}
		h.counts(r, map[engine.Status]int64{engine.SentOut: 5, engine.Failed: 1})
		h.state(b, engine.BroadcastFinished)
	})
}

func TestScheduledOnesStartOrAreMissed(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(2)
		p := plan()
		p.When = engine.When{At: "2026-11-21T12:00", MaxLateness: "10m"} // Taipei: 04:00 UTC, an hour from now
		b, err := h.Create(t.Context(), h.bot.ID, p)
		must(t, err)
		b, err = h.Schedule(t.Context(), h.bot.ID, b.ID)
		must(t, err)
		if want := time.Date(2026, 11, 21, 4, 0, 0, 0, time.UTC); !b.DueAt.Equal(want) {
			t.Fatalf("due at %s, want %s", b.DueAt, want)
		}
		must(t, h.Tick(t.Context()))
		h.state(b, engine.BroadcastScheduled)
		h.clock.Pass(time.Hour + 5*time.Minute)
		must(t, h.Tick(t.Context()))
		h.work()
		h.state(b, engine.BroadcastFinished)

		p.When.At = "2026-11-21T14:00"
		late, err := h.Create(t.Context(), h.bot.ID, p)
		must(t, err)
		_, err = h.Schedule(t.Context(), h.bot.ID, late.ID)
		must(t, err)
		h.clock.Pass(5 * time.Hour)
		must(t, h.Tick(t.Context()))
		h.state(late, engine.BroadcastMissed)
		late, err = h.db.Broadcast(t.Context(), h.bot.ID, late.ID)
		must(t, err)
		if want := "it was due at 2026-11-21 14:00 CST and could not start for 3h5m"; !strings.HasPrefix(late.Reason, want) {
			t.Errorf("it says %q, want %q", late.Reason, want)
		}
	})
}

func TestPlansThatCannotBe(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		for field, change := range map[string]func(*engine.Plan){
			"subject":       func(p *engine.Plan) { p.Subject = "" },
			"category":      func(p *engine.Plan) { p.Category = "abcdefghijklmnopqrstu" },
			"content":       func(p *engine.Plan) { p.Content = engine.Content{} },
			"content.block": func(p *engine.Plan) { p.Content.Block = "survey" },
			"variants[1].content.block": func(p *engine.Plan) {
				p.Content = engine.Content{}
				p.Variants = []engine.Variant{{Name: "a", Weight: 1, Content: engine.Content{Block: "hello"}}, {Name: "b", Weight: 1, Content: engine.Content{Block: "helo"}}}
			},
			"audience.exclude.where": func(p *engine.Plan) { p.Audience.Exclude = &engine.Audience{Where: "city =="} },
			"audience.exclude.exclude.where": func(p *engine.Plan) {
				p.Audience.Exclude = &engine.Audience{All: true, Exclude: &engine.Audience{Where: "city =="}}
			},
			"intent":            func(p *engine.Plan) { p.Intent = engine.IntentReply },
			"audience":          func(p *engine.Plan) { p.Audience = engine.Audience{} },
			"list":              func(p *engine.Plan) { p.Audience = engine.Audience{List: "none"} },
			"audience.first":    func(p *engine.Plan) { p.Audience.First = -1 },
			"audience.accounts": func(p *engine.Plan) { p.Audience.Accounts = []string{"none"} },
			"audience.exclude":  func(p *engine.Plan) { p.Audience.Exclude = &engine.Audience{} },
			"when.at":           func(p *engine.Plan) { p.When.At = "tomorrow" },
			"when.time_zone":    func(p *engine.Plan) { p.When = engine.When{At: "2026-12-24T09:00", TimeZone: "Taipei"} },
		} {
			p := plan()
			change(&p)
			_, err := h.Create(t.Context(), h.bot.ID, p)
			t.Log(err)
			if field == "list" {
				if !engine.IsCode(err, engine.NotFound) {
					t.Errorf("%v", err)
				}
				continue
			}
			refused(t, err, field)
		}
	})
}

// Whoever an exclusion excludes in turn gets it: as many as an estimate tells.
func TestAnExclusionExcludes(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(4)
		p := plan()
		p.Audience.Exclude = &engine.Audience{Where: `first_name in ["P1", "P2"]`, Exclude: &engine.Audience{Where: `first_name == "P2"`}}
		_, r := h.started(p)
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 3})
	})
}

// A block that asks opens its question under the contact's lease, when that is
// said to be meant.
func TestABroadcastMayAsk(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(3)
		p := plan()
		p.Content.Block, p.AllowQuestions = "survey", true
		b, r := h.started(p)
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 3})
		h.state(b, engine.BroadcastFinished)
		id, err := h.db.IdentityByExternal(t.Context(), h.account.ID, "U001")
		must(t, err)
		s, err := h.db.Situation(t.Context(), h.bot.ID, id.ID)
		must(t, err)
		if s.Session == nil || s.Session.Expect != "text" {
			t.Errorf("the session is %+v", s.Session)
		}
	})
}
