package broadcast_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

// Pages by number part the same people in three.
func TestPagesByNumber(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(10)
		h.refuseSome()
		_, r := h.started(plan())
		h.work()
		seen := map[int64]bool{}
		for _, offset := range []int{0, 4, 8, 12} {
			rows, total, err := h.db.RecipientsAt(t.Context(), r, broadcast.Filter{}, offset, 4)
			must(t, err)
			if want := min(4, max(0, 10-offset)); total != 10 || len(rows) != want {
				t.Errorf("after %d: %d of %d, want %d of 10", offset, len(rows), total, want)
			}
			for _, v := range rows {
				if seen[v.Delivery.ID] || v.User == "" {
					t.Errorf("delivery %d of %q comes again, or is nobody's", v.Delivery.ID, v.User)
				}
				seen[v.Delivery.ID] = true
			}
		}
		got := map[broadcast.Outcome]int64{}
		for _, o := range []broadcast.Outcome{broadcast.OutcomeAccepted, broadcast.OutcomeNotReached, broadcast.OutcomeUnsettled} {
			_, n, err := h.db.RecipientsAt(t.Context(), r, broadcast.Filter{Outcome: o}, 0, 1)
			must(t, err)
			got[o] = n
		}
		want := map[broadcast.Outcome]int64{broadcast.OutcomeAccepted: 8, broadcast.OutcomeNotReached: 2, broadcast.OutcomeUnsettled: 0}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	})
}

// Broadcasts are found by who planned them, by their accounts and by how far
// they are.
func TestBroadcastsByNumber(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(2)
		named, foreign, frozen := plan(), plan(), plan()
		named.Audience.Accounts, foreign.Source = []string{h.account.ID}, "omnichat"
		running, _ := h.started(named)
		draft, err := h.Create(t.Context(), h.bot.ID, foreign)
		must(t, err)
		done, _ := h.started(frozen)
		yes, no, ours, theirs := true, false, "", "omnichat"
		find := func(f engine.BroadcastFilter) (ids []string) {
			rows, total, err := h.db.BroadcastsAt(t.Context(), h.bot.ID, f, 0, 10)
			must(t, err)
			if total != int64(len(rows)) {
				t.Errorf("%+v: %d of %d", f, len(rows), total)
			}
			for _, b := range rows {
				ids = append(ids, b.ID)
			}
			return ids
		}
		is := func(what string, got []string, want ...*engine.Broadcast) {
			t.Helper()
			left := map[string]bool{}
			for _, b := range want {
				left[b.ID] = true
			}
			for _, id := range got {
				if !left[id] {
					t.Errorf("%s finds %s", what, id)
				}
				delete(left, id)
			}
			if len(left) > 0 {
				t.Errorf("%s does not find %v", what, left)
			}
		}
		running1 := []engine.BroadcastState{engine.BroadcastRunning}
		is("everything", find(engine.BroadcastFilter{}), running, draft, done)
		is("ours", find(engine.BroadcastFilter{Source: &ours}), running, done)
		is("theirs", find(engine.BroadcastFilter{Source: &theirs}), draft)
		is("the account", find(engine.BroadcastFilter{Accounts: []string{"x", h.account.ID}}), running, draft, done)
		is("another account", find(engine.BroadcastFilter{Accounts: []string{"x"}}), draft, done)
		is("freezing", find(engine.BroadcastFilter{States: running1, Freezing: &yes}), running, done)
		h.work()
		is("frozen", find(engine.BroadcastFilter{States: running1, Freezing: &no}))
		is("finished", find(engine.BroadcastFilter{States: []engine.BroadcastState{engine.BroadcastFinished}}), running, done)
		rows, total, err := h.db.BroadcastsAt(t.Context(), h.bot.ID, engine.BroadcastFilter{}, 2, 10)
		must(t, err)
		if total != 3 || len(rows) != 1 {
			t.Errorf("the last page has %d of %d", len(rows), total)
		}
		if rows, total, err := h.db.BroadcastsAt(t.Context(), "other", engine.BroadcastFilter{}, 0, 10); err != nil || total != 0 || len(rows) != 0 {
			t.Errorf("another bot has %d of %d: %v", len(rows), total, err)
		}
	})
}

// A count that was kept of a run in another state is not how it stands: one from
// before its pause would say that nobody is meant.
func TestACountOfAnotherStateIsNotKept(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(3)
		b, r := h.started(plan())
		must(t, h.db.KeepFigures(t.Context(), r.ID, &broadcast.Figures{At: h.clock.Now(), Took: time.Minute, State: engine.RunPaused}))
		got, err := h.Report(t.Context(), h.bot.ID, b.ID, "")
		must(t, err)
		if got.Run.State == engine.RunPaused || got.Figures.Took == time.Minute {
			t.Errorf("the run is %s, and a count from when it was paused is shown: %+v", got.Run.State, got.Figures)
		}
	})
}

// A count that was kept while a run went on does not tell what became of it.
func TestACountFromBeforeTheEndIsNotKept(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(3)
		b, r := h.started(plan())
		kept := &broadcast.Figures{At: h.clock.Now(), Took: time.Minute, State: r.State}
		must(t, h.db.KeepFigures(t.Context(), r.ID, kept))
		if got, err := h.Report(t.Context(), h.bot.ID, b.ID, ""); err != nil || !got.Figures.At.Equal(kept.At) || len(got.Figures.Rows) != 0 {
			t.Fatalf("while it runs the count is %+v, %v", got, err)
		}
		h.clock.Pass(time.Second)
		h.work()
		got, err := h.Report(t.Context(), h.bot.ID, b.ID, "")
		must(t, err)
		if sum := got.Figures.Sum("*", silent); got.Run.State != engine.RunFinished || sum.Accepted != 3 {
			t.Errorf("the run is %s, accepted %d", got.Run.State, sum.Accepted)
		}
	})
}
