package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

// What is asked of the ledger for each message to a person, and for each batch of
// a run, reads it by these indexes.
var (
	byPerson = []string{"deliveries_pkey", "deliveries_waiting_identity", "deliveries_run"}
	byRun    = []string{"deliveries_of_run"}
)

// Postgres knows nothing of rows that have just come until it has analyzed them,
// a minute or more into a broadcast. What it takes for quick then must not be to
// walk the run, or the whole ledger: replies have stood still for it.
func TestAYoungRunIsReadByItsIndexes(t *testing.T) {
	t.Parallel()
	db, err := store.Open(t.Context(), store.Config{URL: storetest.Empty(t), Now: noonClock, NewID: func() string { return "" }, MaxConns: 4})
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	must(t, db.Migrate(t.Context()))
	for _, table := range []string{"deliveries", "attempts", "broadcast_runs", "run_ranges"} {
		must(t, store.Exec(t, db, `ALTER TABLE `+table+` SET (autovacuum_enabled = false)`))
	}
	w := newWorld(t, db)
	r, one := w.ofRun(20)
	next := w.queued(w.person("next"))
	it, lease := w.asked("U1", "m1")

	asked := []struct {
		what string
		by   []string
		ask  func()
	}{
		{"a reply", byPerson, func() {
			_, err := db.CommitTurn(w.ctx, lease, w.said(it, take("r1", noon.Add(-time.Minute))))
			must(t, err)
		}},
		{"a claim", byPerson, func() { w.claimed(next, "c1", noon) }},
		{"what follows for a person", []string{"deliveries_waiting_identity"}, func() {
			_, err := db.NextOf(w.ctx, it.IdentityID, noon)
			must(t, err)
		}},
		{"whether something waits for people", []string{"deliveries_waiting_identity"}, func() {
			_, err := db.Waits(w.ctx, it.ContactID, 0, noon)
			must(t, err)
		}},
		{"OpenMany", byRun, func() { w.open(r, one.NextID, one.LastID, noon) }},
		{"what follows for people", []string{"deliveries_waiting_identity"}, func() {
			_, err := db.DueOf(w.ctx, it.ContactID, noon, 10)
			must(t, err)
		}},
		{"LeaveRange", byRun, func() { must(t, db.LeaveRange(w.ctx, one, true, noon)) }},
		{"NextRound", append([]string{"deliveries_waiting_run"}, byPerson...), func() {
			_, err := db.NextRound(w.ctx, r.ID, noon)
			must(t, err)
		}},
		{"what is frozen beyond", byRun, func() {
			_, err := store.FrozenBeyond(w.ctx, db, w.freezing(r))
			must(t, err)
		}},
	}
	said := make([][]store.Said, len(asked))
	for i, a := range asked {
		said[i] = store.Listen(db, a.ask)
	}
	look := func(when string) {
		for i, a := range asked {
			found := false
			for _, s := range said[i] {
				for kind, paths := range store.WaysInto(t, db, "deliveries", s) {
					found = found || len(paths) > 0
					for _, path := range paths {
						if !slices.Contains(a.by, path) {
							t.Errorf("%s: %s reads by %s, want %s (%s plan)\n%s", when, a.what, path, strings.Join(a.by, ", "), kind, s.SQL)
						}
					}
				}
			}
			if !found {
				t.Errorf("%s: nothing was found of %s", when, a.what)
			}
		}
	}
	w.crowd(r, 6000)
	look("never analyzed")
	must(t, store.Exec(t, db, `TRUNCATE deliveries`)) // what is planned before the first row may be kept
	look("empty")
}

// crowd adds as many rows to a run, most of which have ended, and half as many to
// another that goes on and to those that no run is about.
func (w *world) crowd(r *engine.Run, n int) {
	w.t.Helper()
	other := w.opened(engine.Plan{Subject: "s", Intent: engine.IntentPromotional})
	for i, run := range []string{r.ID, other.ID, ""} {
		rows := n
		if run != r.ID {
			rows = n / 2
		}
		must(w.t, store.Exec(w.t, w.db, fmt.Sprintf(`INSERT INTO deliveries (bot_id, account_id, run_id, contact_id, identity_id, status, created_at, closed_at)
			SELECT '%s', '%s', '%s', 100000 + n, 100000 + n, CASE WHEN n %% 10 > 0 THEN 'sent' ELSE 'queued' END, now(), CASE WHEN n %% 10 > 0 THEN now() END
			FROM generate_series(%d, %d) n`, w.bot.ID, w.account.ID, run, i*n, i*n+rows)))
	}
}
