package broadcast_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/outbox"
)

// prepared makes a pre-flight and works until it is ready.
func (h *harness) prepared(p engine.Plan) (*engine.Broadcast, *broadcast.Preflight) {
	h.t.Helper()
	b, err := h.Create(h.t.Context(), h.bot.ID, p)
	must(h.t, err)
	return b, h.prepareAgain(b)
}

func (h *harness) prepareAgain(b *engine.Broadcast) *broadcast.Preflight {
	h.t.Helper()
	_, err := h.Prepare(h.t.Context(), h.bot.ID, b.ID)
	must(h.t, err)
	h.work()
	f, err := h.Preflight(h.t.Context(), h.bot.ID, b.ID)
	must(h.t, err)
	return f
}

func (h *harness) beginAs(b *engine.Broadcast, preparedID string) (*engine.Run, error) {
	return h.Begin(h.t.Context(), h.bot.ID, b.ID, broadcast.Beginning{PreparedID: preparedID})
}

func TestAPreflightTellsAndSendsNothing(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(12)
		no := false
		for i := range 2 {
			p := h.person(i)
			must(t, h.db.PatchContact(t.Context(), h.bot.ID, p.ContactID, p.ID, engine.Deltas{Subscribe: &no}, h.clock.Now()))
		}
		must(t, h.db.PatchContact(t.Context(), h.bot.ID, h.person(5).ContactID, h.person(5).ID, engine.Deltas{Facts: map[string]any{"first_name": "Bartholomew"}}, h.clock.Now()))
		h.rules(engine.BroadcastSettings{Prices: []engine.Price{{AccountID: h.account.ID, Route: "push", Amount: 0.5, Currency: "TWD"}}})
		b, err := h.Create(t.Context(), h.bot.ID, plan())
		must(t, err)
		_, err = h.Preflight(t.Context(), h.bot.ID, b.ID)
		if !engine.IsCode(err, engine.NotFound) {
			t.Fatalf("a pre-flight that is not there: %v", err)
		}
		f := h.prepareAgain(b)
		if h.heard() != 0 {
			t.Fatal("somebody heard something")
		}
		h.state(b, engine.BroadcastDraft)
		if f.State != engine.RunHeld || f.PreparedID == "" || f.Audience != 12 || f.Reachable != 10 || f.Renders != 10 || f.Failed != 0 {
			t.Errorf("%+v", f)
		}
		if len(f.Skipped) != 1 || f.Skipped[0].Reason != "unsubscribed" || f.Skipped[0].People != 2 || f.Skipped[0].Explanation == "" {
			t.Errorf("skipped %+v", f.Skipped)
		}
		if len(f.Routes) != 1 || f.Routes[0].Route != "push" || !f.Routes[0].Paid || f.Routes[0].People != 10 {
			t.Errorf("routes %+v", f.Routes)
		}
		if len(f.Cost) != 1 || f.Cost[0] != (broadcast.PreflightCost{Currency: "TWD", Amount: 5}) || f.Unpriced != 0 {
			t.Errorf("cost %+v", f.Cost)
		}
		if len(f.Longest) != 5 || f.Longest[0].Text != "Hello Bartholomew!" || f.Longest[0].Name == "" || f.Longest[0].Characters != 18 || f.Emptiest[0].Characters != 9 {
			t.Errorf("longest %+v, emptiest %+v", f.Longest, f.Emptiest)
		}
		if f.Seconds != 1 {
			t.Errorf("it takes %d seconds", f.Seconds)
		}
	})
}

func TestAPreparedStartSendsTheseBytes(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(6)
		p := plan()
		p.Tags = []string{"reached"}
		b, f := h.prepared(p)

		// Afterwards one changes their name, one unsubscribes, one blocks the account,
		// one comes, and the flow says something else.
		no := false
		must(t, h.db.PatchContact(t.Context(), h.bot.ID, h.person(0).ContactID, h.person(0).ID, engine.Deltas{Facts: map[string]any{"first_name": "Somebody"}}, h.clock.Now()))
		must(t, h.db.PatchContact(t.Context(), h.bot.ID, h.person(1).ContactID, h.person(1).ID, engine.Deltas{Subscribe: &no}, h.clock.Now()))
		must(t, h.db.PatchContact(t.Context(), h.bot.ID, h.person(2).ContactID, h.person(2).ID, engine.Deltas{Subscribe: &no}, h.clock.Now()))
		h.publishAgain(1, strings.Replace(document, "Hello", "Goodbye", 1))
		h.clock.Pass(5 * time.Second)

		r, err := h.beginAs(b, f.PreparedID)
		must(t, err)
		again, err := h.beginAs(b, f.PreparedID)
		must(t, err)
		if again.ID != r.ID {
			t.Errorf("a second start began %s beside %s", again.ID, r.ID)
		}
		h.work()
		again, err = h.beginAs(b, f.PreparedID)
		must(t, err)
		if again.ID != r.ID || again.State != engine.RunFinished {
			t.Errorf("a third start says %s %s", again.ID, again.State)
		}
		h.counts(r, map[engine.Status]int64{engine.SentOut: 4, engine.Skipped: 2})
		h.state(b, engine.BroadcastFinished)
		c, err := h.db.Count(t.Context(), r.ID)
		must(t, err)
		if c.Skipped["route_changed"] != 2 {
			t.Errorf("skipped %v", c.Skipped)
		}
		for i := range 6 {
			want := []string{fmt.Sprintf("Hello P%d!", i)}
			if i == 1 || i == 2 {
				want = nil
			}
			if got := h.platform.heard[fmt.Sprintf("U%03d", i)]; fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("the person %d heard %q, want %q", i, got, want)
			}
		}
		list, _, err := h.db.ListContacts(t.Context(), h.bot.ID, "", engine.Page{Limit: 100})
		must(t, err)
		tagged := 0
		for _, c := range list {
			tagged += len(c.Tags)
		}
		if tagged != 4 {
			t.Errorf("%d were tagged, want the 4 who were reached", tagged)
		}
	})
}

func TestWhatABlockChangesWaitsForItsMessage(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.publishAgain(1, strings.Replace(document, `"blocks": [`, `"blocks": [{"name": "greet", "steps": [{"type": "set", "set": {"city": "Tainan"}}, {"type": "text", "text": "Welcome to {{ city }}"}]}, `, 1))
		h.clock.Pass(2 * time.Second)
		h.people(3)
		p := plan()
		p.Content.Block = "greet"
		b, f := h.prepared(p)
		cities := func() (n int) {
			list, _, err := h.db.ListContacts(t.Context(), h.bot.ID, "", engine.Page{Limit: 100})
			must(t, err)
			for _, c := range list {
				if c.Attributes["city"] == "Tainan" {
					n++
				}
			}
			return n
		}
		if cities() != 0 {
			t.Error("a pre-flight has changed somebody")
		}
		_, err := h.beginAs(b, f.PreparedID)
		must(t, err)
		h.work()
		if cities() != 3 || h.platform.heard["U001"][0] != "Welcome to Tainan" {
			t.Errorf("%d were changed, heard %q", cities(), h.platform.heard["U001"])
		}
	})
}

func TestABlockThatAsksIsMadeWhenItIsSent(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(2)
		p := plan()
		p.Content.Block, p.AllowQuestions = "survey", true
		b, f := h.prepared(p)
		if f.Unmade != 2 || len(f.Longest) != 1 || f.Longest[0].Characters != 11 || f.Longest[0].Why == "" {
			t.Errorf("%+v", f)
		}
		s, err := h.db.Situation(t.Context(), h.bot.ID, h.person(0).ID)
		must(t, err)
		if s.Session != nil {
			t.Error("a pre-flight has opened a question")
		}
		r, err := h.beginAs(b, f.PreparedID)
		must(t, err)
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 2})
		s, err = h.db.Situation(t.Context(), h.bot.ID, h.person(0).ID)
		must(t, err)
		if s.Session == nil {
			t.Error("the question was not opened")
		}
	})
}

func TestAPreflightIsNotReadyAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(2)
		b, err := h.Create(t.Context(), h.bot.ID, plan())
		must(t, err)
		r, err := h.Prepare(t.Context(), h.bot.ID, b.ID)
		must(t, err)
		f, err := h.Preflight(t.Context(), h.bot.ID, b.ID)
		must(t, err)
		if f.State != engine.RunFreezing || f.PreparedID != "" {
			t.Errorf("%+v", f)
		}
		_, err = h.beginAs(b, r.PreparedID)
		refused(t, err, "prepared_id")
	})
}

func TestBlocksThatRequestHaveNoPreflight(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(1)
		p := plan()
		p.Content.Block, p.AllowRequests, p.AllowQuestions = "stock", true, true
		b, err := h.Create(t.Context(), h.bot.ID, p)
		must(t, err)
		_, err = h.Prepare(t.Context(), h.bot.ID, b.ID)
		refused(t, err, "content")
	})
}

func TestAFrozenAudience(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(3)
		p := plan()
		p.When, p.Frozen = engine.When{At: "2026-11-21T12:00"}, true
		b, err := h.Create(t.Context(), h.bot.ID, p)
		must(t, err)
		_, err = h.Schedule(t.Context(), h.bot.ID, b.ID)
		refused(t, err, "frozen")
		f := h.prepareAgain(b)
		_, err = h.Schedule(t.Context(), h.bot.ID, b.ID)
		must(t, err)
		h.people(9)
		h.at("2026-11-21T04:00:05Z")
		h.state(b, engine.BroadcastFinished)
		r := h.newest(b)
		if r.ID != f.RunID {
			t.Errorf("the run is %s, not the pre-flight %s", r.ID, f.RunID)
		}
		h.counts(r, map[engine.Status]int64{engine.SentOut: 3})
	})
}

// Two workers that make the same rows keep them once, and the findings with them.
func TestTwoMakersKeepOneResult(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(4)
		b, err := h.Create(t.Context(), h.bot.ID, plan())
		must(t, err)
		r, err := h.Prepare(t.Context(), h.bot.ID, b.ID)
		must(t, err)
		must(t, h.Work(t.Context(), r.Number)) // the audience
		first, err := h.db.RunNumbered(t.Context(), r.Number)
		must(t, err)
		second := *first
		first.Findings.Held, second.Findings.Held = 4, 9
		must(t, h.db.KeepMade(t.Context(), first, nil, 4, true, h.clock.Now()))
		if err := h.db.KeepMade(t.Context(), &second, nil, 4, true, h.clock.Now()); !errors.Is(err, outbox.ErrLost) {
			t.Errorf("the second was kept: %v", err)
		}
		now, err := h.db.RunNumbered(t.Context(), r.Number)
		must(t, err)
		if now.State != engine.RunHeld || now.Findings.Held != 4 {
			t.Errorf("%+v", now)
		}
	})
}

func TestACheckDoubtsWhatReachesNobody(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(2)
		p := plan()
		p.Audience = engine.Audience{Where: `"nobody" in tags`}
		if _, f := h.prepared(p); len(f.Doubts) != 1 || f.Doubts[0] != "It means nobody: there is no person whom the audience fits." {
			t.Errorf("where it means nobody: %q", f.Doubts)
		}
		for n := range 2 {
			id := h.person(n)
			no := false
			must(t, h.db.PatchContact(t.Context(), h.bot.ID, id.ContactID, id.ID, engine.Deltas{Subscribe: &no}, h.clock.Now()))
		}
		if _, f := h.prepared(plan()); len(f.Doubts) != 1 || f.Doubts[0] != "It reaches nobody: look at the reasons people are skipped for." {
			t.Errorf("where all are skipped: %q", f.Doubts)
		}
	})
}

// What was prepared long ago expires by when it was let go, also where the first
// call was refused for now.
func TestAPreflightStartedLateDoesNotExpire(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(6)
		b, f := h.prepared(plan())
		h.clock.Pass(30 * time.Hour)
		refused := false
		h.platform.answer = func(to string, _ int) *channels.SendError {
			if to == "U003" && !refused {
				refused = true
				return &channels.SendError{Kind: channels.KindDown, Scope: channels.ScopeRecipient, Retry: channels.RetryLater, Message: "busy"}
			}
			return nil
		}
		r, err := h.beginAs(b, f.PreparedID)
		must(t, err)
		for range 20 {
			h.work()
			h.clock.Pass(time.Minute)
			h.bells.RingRun(r.Number, time.Time{})
		}
		if !refused {
			t.Fatal("nobody was refused")
		}
		h.counts(r, map[engine.Status]int64{engine.SentOut: 6})
		h.state(b, engine.BroadcastFinished)
	})
}
