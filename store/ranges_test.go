package store_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

// ofRun is a run of n people with its only range, taken.
func (w *world) ofRun(n int) (*engine.Run, *engine.Range) {
	w.t.Helper()
	for i := range n {
		must(w.t, store.Exec(w.t, w.db, `UPDATE identities SET subscribed_at = ? WHERE id = ?`, noon, w.person(fmt.Sprint("U", i)).ID))
	}
	r := w.opened(engine.Plan{Subject: "s", Intent: engine.IntentPromotional})
	f := w.freezing(r)
	f.Size = n + 1
	w.frozen(f)
	ids, _, err := w.db.FreeRanges(w.ctx, r.ID, noon, 4)
	must(w.t, err)
	same(w.t, "ranges", len(ids), 1)
	one, _, err := w.db.TakeRange(w.ctx, ids[0], noon, noon.Add(time.Minute))
	must(w.t, err)
	return r, one
}

func (w *world) open(r *engine.Run, from, to int64, now time.Time) (ids []int64) {
	w.t.Helper()
	rows, err := w.db.OpenMany(w.ctx, outbox.Many{RunID: r.ID, First: from, Last: to, Limit: 100, Now: now})
	must(w.t, err)
	for _, o := range rows {
		ids = append(ids, o.Row.ID)
	}
	return ids
}

func TestWhatARangePassesOverIsFoundAgain(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		r, one := w.ofRun(5)
		ids := w.open(r, one.NextID, one.LastID, noon)
		same(t, "open rows", len(ids), 5)
		for _, i := range []int{0, 2, 4} {
			must(t, w.finish(w.claimed(ids[i], fmt.Sprint("a", i), noon), engine.SentOut))
		}
		w.claimed(ids[1], "a1", noon) // and its holder dies
		one.NextID = ids[4]
		must(t, db.LeaveRange(w.ctx, one, false, noon))
		one.NextID = one.LastID + 1
		must(t, db.LeaveRange(w.ctx, one, true, noon))

		left, err := db.NextRound(w.ctx, r.ID, noon)
		must(t, err)
		again, _, err := db.TakeRange(w.ctx, left.Range, noon, noon.Add(time.Minute))
		must(t, err)
		same(t, "the next round, beside the row that is held", []int64{again.NextID, again.LastID}, []int64{ids[3], ids[3]})
		must(t, w.finish(w.claimed(ids[3], "a3", noon), engine.SentOut))
		must(t, db.LeaveRange(w.ctx, again, true, noon))

		later := noon.Add(2 * time.Minute)
		left, err = db.NextRound(w.ctx, r.ID, later)
		must(t, err)
		if left.Range == 0 {
			t.Fatalf("the row whose holder died is not found: %+v", left)
		}
		same(t, "and nothing else", w.open(r, ids[0], ids[4], later), []int64{ids[1]})
	})
}

// One delivery of a person is in flight at a time, whoever ordered it.
func TestAReplyWaitsForARunsRow(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		r, one := w.ofRun(1)
		id := w.open(r, one.NextID, one.LastID, noon)[0]
		row := w.claimed(id, "a1", noon)
		it, l := w.asked("U0", "m1")
		done, err := db.CommitTurn(w.ctx, l, w.said(it, take("a2", noon.Add(-time.Minute))))
		must(t, err)
		if done.Taken != nil {
			t.Error("a reply was begun beside a broadcast that is under way")
		}
		if d := w.claim(done.Deliveries[0], "a3", noon); d != nil {
			t.Error("the reply was claimed beside a broadcast that is under way")
		}
		must(t, w.finish(row, engine.SentOut))
		w.claimed(done.Deliveries[0], "a4", noon)
	})
}

// A row stays on its page while no index is about what changes as it is sent: a
// tenth of the time that writing to all indexes takes.
func TestNoIndexIsAboutWhatARowGoesThrough(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	changes := regexp.MustCompile(`\b(status|reason|class|route|render_id|group_id|attempt|attempt_id|lease_until|not_before|called_at|prepared_at|sent_at|closed_at)\b`)
	indexes := store.Texts(t, db, `SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'deliveries' AND sql IS NOT NULL`)
	if len(indexes) < 5 {
		t.Fatalf("only %d indexes were found", len(indexes))
	}
	for _, sql := range indexes {
		if found := changes.FindString(sql); found != "" {
			t.Errorf("%s is about %s", sql, found)
		}
	}
}

// A broadcast to many must not slow down what is said to one: no question walks
// the rows of runs.
func TestRowsOfRunsAreNotWalked(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	for name, query := range store.RunQueries {
		for _, step := range store.Plan(t, db, query, slices.Repeat([]any{noon}, strings.Count(query, "?"))...) {
			if strings.HasPrefix(step, "SCAN deliveries") || strings.HasPrefix(step, "SCAN e") || strings.HasPrefix(step, "SCAN d") || strings.HasSuffix(step, "deliveries_of_run (run_id=?)") {
				t.Errorf("%s: %s", name, step)
			}
		}
	}
}

// Who died with a row in hand does not make it go out in quiet hours.
func TestARowWhoseHolderDiedIsPostponed(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		r, one := w.ofRun(2)
		ids := w.open(r, one.NextID, one.LastID, noon)
		w.claimed(ids[0], "a1", noon.Add(-time.Hour))
		w.claimed(ids[1], "a2", noon)
		zones, err := db.OpenZones(w.ctx, r.ID, one.NextID, one.LastID)
		must(t, err)
		same(t, "zones", len(zones), 1)
		n, err := db.Postpone(w.ctx, r.ID, one.NextID, one.LastID, map[string]time.Time{zones[0]: noon.Add(8 * time.Hour)}, time.Hour)
		must(t, err)
		same(t, "postponed, beside the row that is held", n, int64(1))
		same(t, "until", w.delivery(ids[0]).NotBefore, noon.Add(8*time.Hour))
	})
}
