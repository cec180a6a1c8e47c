package broadcast_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/policy"
)

// refuseSome has the platform refuse two people: one for good, one for a while.
func (h *harness) refuseSome() {
	h.platform.answer = func(to string, _ int) *channels.SendError {
		switch to {
		case "U001":
			return &channels.SendError{Kind: channels.KindBlocked, Scope: channels.ScopeRecipient, Message: "blocked"}
		case "U002":
			return &channels.SendError{Kind: channels.KindContent, Scope: channels.ScopeRecipient, Code: "400", Message: "refused"}
		}
		return nil
	}
}

func silent(string) bool { return false }

func TestAReportAddsUp(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(10)
		h.refuseSome()
		h.unsubscribe(3)
		b, r := h.started(plan())
		got, err := h.Report(t.Context(), h.bot.ID, b.ID, "")
		must(t, err)
		if got.Run.ID != r.ID {
			t.Errorf("the report is about run %s, want %s", got.Run.ID, r.ID)
		}
		h.work()
		got, err = h.Report(t.Context(), h.bot.ID, b.ID, r.ID)
		must(t, err)
		sum := got.Figures.Sum("*", silent)
		want := map[engine.Status]int64{engine.SentOut: 7, engine.Failed: 2, engine.Skipped: 1}
		if d := cmp.Diff(want, sum.ByStatus); d != "" || sum.Audience != 10 || sum.Accepted != 7 {
			t.Errorf("an audience of %d, accepted %d: -want +got\n%s", sum.Audience, sum.Accepted, d)
		}
		if d := cmp.Diff(map[string]int64{policy.Unsubscribed: 1}, sum.Skipped); d != "" {
			t.Error(d)
		}
		if d := cmp.Diff(map[string]int64{"blocked": 1, "content": 1}, sum.Failed); d != "" {
			t.Error(d)
		}
		if sum.Read.Of != 0 || sum.Delivered.Of != 0 {
			t.Errorf("a platform that tells nothing has told of %d read and %d delivered", sum.Read.Of, sum.Delivered.Of)
		}
		heard := got.Figures.Sum("*", func(string) bool { return true })
		if heard.Read != (broadcast.Known{N: 0, Of: 7}) {
			t.Errorf("of a platform that tells, %+v are read", heard.Read)
		}
	})
}

// unsubscribe takes the nth person's consent back.
func (h *harness) unsubscribe(n int) {
	h.t.Helper()
	people, _, err := h.db.ListContacts(h.t.Context(), h.bot.ID, "", engine.Page{Limit: 100})
	must(h.t, err)
	c, agreed := people[len(people)-1-n], false
	identities, err := h.db.IdentitiesOf(h.t.Context(), h.bot.ID, []int64{c.ID})
	must(h.t, err)
	must(h.t, h.db.PatchContact(h.t.Context(), h.bot.ID, c.ID, identities[0].ID, engine.Deltas{Subscribe: &agreed}, h.clock.Now()))
}

func TestWhoLeftIsCountedForADay(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(4)
		b, _ := h.started(plan())
		h.work()
		h.clock.Pass(23 * time.Hour)
		h.unsubscribe(0)
		h.clock.Pass(2 * time.Hour)
		h.unsubscribe(1)
		got, err := h.Report(t.Context(), h.bot.ID, b.ID, "")
		must(t, err)
		if sum := got.Figures.Sum("*", silent); sum.Unsubscribed != 1 || sum.Blocked != 0 {
			t.Errorf("%d unsubscribed and %d blocked, want 1 and 0", sum.Unsubscribed, sum.Blocked)
		}
		rows, _, err := h.Recipients(t.Context(), h.bot.ID, b.ID, "", broadcast.Filter{Outcome: broadcast.OutcomeUnsubscribed}, engine.Page{})
		must(t, err)
		if len(rows) != 1 || rows[0].User != "U000" {
			t.Errorf("unsubscribed are %+v", rows)
		}
	})
}

func TestRecipientsByOutcome(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(10)
		h.refuseSome()
		h.unsubscribe(3)
		b, _ := h.started(plan())
		h.work()
		for outcome, want := range map[broadcast.Outcome]int{"": 10, broadcast.OutcomeAccepted: 7, broadcast.OutcomeFailed: 2, broadcast.OutcomeSkipped: 1, broadcast.OutcomeNotReached: 3,
			broadcast.OutcomeClicked: 0, broadcast.OutcomeNotClicked: 7, broadcast.OutcomeRead: 0, broadcast.OutcomeUnknown: 0, broadcast.OutcomeOpen: 0,
			broadcast.OutcomeCanceled: 0, broadcast.OutcomeDelivered: 0, broadcast.OutcomeReplied: 0, broadcast.OutcomeBlocked: 0, broadcast.OutcomeUnsubscribed: 0} {
			n := 0
			for cursor := ""; ; {
				rows, next, err := h.Recipients(t.Context(), h.bot.ID, b.ID, "", broadcast.Filter{Outcome: outcome}, engine.Page{Cursor: cursor, Limit: 3})
				must(t, err)
				if n += len(rows); next == "" {
					break
				}
				cursor = next
			}
			if n != want {
				t.Errorf("%d are %q, want %d", n, outcome, want)
			}
		}
		rows, _, err := h.Recipients(t.Context(), h.bot.ID, b.ID, "", broadcast.Filter{Outcome: broadcast.OutcomeFailed, Reason: "content"}, engine.Page{})
		must(t, err)
		if len(rows) != 1 || rows[0].User != "U002" || rows[0].Name != "P2" || rows[0].Delivery.Code != "400" {
			t.Errorf("refused for what it says are %+v", rows)
		}
		_, _, err = h.Recipients(t.Context(), h.bot.ID, b.ID, "", broadcast.Filter{Outcome: "lucky"}, engine.Page{})
		refused(t, err, "outcome")
		_, _, err = h.Recipients(t.Context(), h.bot.ID, b.ID, "none", broadcast.Filter{}, engine.Page{})
		refused(t, err, "run")
	})
}

func TestWhatFailedForAWhileIsRetried(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(5)
		broken := true
		h.platform.answer = func(to string, _ int) *channels.SendError {
			switch {
			case to == "U001" && broken:
				return &channels.SendError{Kind: channels.KindDown, Scope: channels.ScopeRecipient, Message: "gone"}
			case to == "U002":
				return &channels.SendError{Kind: channels.KindContent, Scope: channels.ScopeRecipient, Message: "refused"}
			}
			return nil
		}
		b, r := h.started(plan())
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 3, engine.Failed: 2})
		h.state(b, engine.BroadcastFinished)
		broken = false
		_, n, err := h.Retry(t.Context(), h.bot.ID, b.ID, "")
		must(t, err)
		if n != 1 {
			t.Errorf("%d are retried, want the one whose platform was down", n)
		}
		h.state(b, engine.BroadcastRunning)
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 4, engine.Failed: 1})
		h.state(b, engine.BroadcastFinished)
		if got := h.platform.heard["U001"]; len(got) != 1 {
			t.Errorf("who is retried heard %q", got)
		}
		if _, n, err = h.Retry(t.Context(), h.bot.ID, b.ID, ""); err != nil || n != 0 {
			t.Errorf("a second retry takes %d, %v", n, err)
		}
		h.state(b, engine.BroadcastFinished)
	})
}

func TestAgainGoesToThoseNotReached(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(5)
		h.refuseSome()
		b, err := h.Create(t.Context(), h.bot.ID, plan())
		must(t, err)
		_, _, err = h.Again(t.Context(), h.bot.ID, b.ID, "", broadcast.Filter{Outcome: broadcast.OutcomeNotReached})
		refused(t, err, "state")
		_, err = h.Start(t.Context(), h.bot.ID, b.ID)
		must(t, err)
		h.work()
		h.platform.answer = nil
		next, people, err := h.Again(t.Context(), h.bot.ID, b.ID, "", broadcast.Filter{Outcome: broadcast.OutcomeNotReached, Reason: "content"})
		must(t, err)
		if people != 1 || next.State != engine.BroadcastDraft || next.Plan.Audience.All {
			t.Fatalf("%d people, %+v", people, next)
		}
		r, err := h.Start(t.Context(), h.bot.ID, next.ID)
		must(t, err)
		h.work()
		h.counts(r, map[engine.Status]int64{engine.SentOut: 1})
		_, _, err = h.Again(t.Context(), h.bot.ID, b.ID, "", broadcast.Filter{Outcome: broadcast.OutcomeClicked})
		refused(t, err, "outcome")
	})
}

// Who was held out to compare with is not written to after all, unless that is
// what is asked for.
func TestAgainLeavesOutWhoWasHeldOut(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(40)
		h.refuseSome()
		p := plan()
		p.HoldOut = 50
		b, r := h.started(p)
		h.work()
		c, err := h.db.Count(t.Context(), r.ID)
		must(t, err)
		held, failed := c.Skipped["hold_out"], c.ByStatus[engine.Failed]
		if held == 0 || failed == 0 {
			t.Fatalf("%d held out and %d failed: the test asks nothing", held, failed)
		}
		for want, f := range map[int64]broadcast.Filter{
			failed: {Outcome: broadcast.OutcomeNotReached},
			held:   {Outcome: broadcast.OutcomeNotReached, Reason: "hold_out"},
		} {
			if _, people, err := h.Again(t.Context(), h.bot.ID, b.ID, "", f); err != nil || people != want {
				t.Errorf("%+v: %d people, %v, want %d", f, people, err, want)
			}
		}
	})
}

func TestOnlyWhatNeverRanIsDeleted(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(1)
		draft, err := h.Create(t.Context(), h.bot.ID, plan())
		must(t, err)
		must(t, h.Delete(t.Context(), h.bot.ID, draft.ID))
		if err := h.Delete(t.Context(), h.bot.ID, draft.ID); !engine.IsCode(err, engine.NotFound) {
			t.Errorf("a second time: %v", err)
		}
		ran, _ := h.started(plan())
		h.work()
		refused(t, h.Delete(t.Context(), h.bot.ID, ran.ID), "state")
	})
}
