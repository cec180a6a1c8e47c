package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine/inbox"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

// TestBatchesKeepTheirPlan holds that Postgres plans a statement over a batch a
// few times and no more: planning takes several times what running it does.
func TestBatchesKeepTheirPlan(t *testing.T) {
	t.Parallel()
	db, err := store.Open(t.Context(), store.Config{URL: storetest.Postgres(t), Now: noonClock, NewID: func() string { return "" }, MaxConns: 1})
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	w := newWorld(t, db)
	var many inbox.Batch // in small tables the plans do not differ
	for i := range 3000 {
		many.Arrivals = append(many.Arrivals, w.wrote(fmt.Sprintf("U%04d", i), fmt.Sprintf("%04d", i), noon))
	}
	many.Now = noon
	_, err = db.StoreArrivals(w.ctx, many)
	must(t, err)
	must(t, store.Exec(t, db, `ANALYZE`)) // now, and not when the server comes to it
	mai, lan := w.person("Umai"), w.person("Ulan")
	for range 12 {
		_, err := db.IdentitiesOf(w.ctx, w.bot.ID, []int64{mai.ContactID, lan.ContactID})
		must(t, err)
		w.queued(mai)
		w.arrive(w.wrote("Umai", w.id(), noon))
	}
	if anew := store.PlannedAnew(t, db); len(anew) > 0 {
		t.Errorf("planned each time: %q", anew)
	}
}

// TestABatchIsTakenApartOnce holds that no row of another table makes SQLite
// take a batch apart again: where it joined the batch last, five hundred people
// of twenty thousand took it a minute.
func TestABatchIsTakenApartOnce(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	for _, c := range []struct{ column, sql, joins string }{
		{"id", `SELECT i.id FROM v JOIN identities i ON i.id = v.id JOIN accounts a ON a.id = i.account_id WHERE a.bot_id = ?`, "SEARCH i USING INTEGER PRIMARY KEY"},
		{"id", `SELECT c.id FROM v JOIN contacts c ON c.id = v.id WHERE c.bot_id = ? AND c.merged_into = 0`, "SEARCH c USING INTEGER PRIMARY KEY"},
		{"contact_id", store.IdentitiesOf, "SEARCH i USING INDEX identities_contact"},
	} {
		plan := strings.Join(store.BatchPlan(t, db, c.column, c.sql, "b"), "; ")
		once, then, ok := strings.Cut(plan, "; SCAN v; ")
		if !ok || !strings.HasPrefix(once, "MATERIALIZE v; SCAN json_each") || !strings.HasPrefix(then, c.joins) {
			t.Errorf("%s\nis run as %s", c.sql, plan)
		}
	}
}

// TestABatchIsHandedOverWhole holds that a column which is the same all over
// arrives as one that is not.
func TestABatchIsHandedOverWhole(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		for name, odd := range map[string][]any{
			"all alike":       {int64(200), "Mai", noon, true},
			"nothing in it":   {int64(200), nil, time.Time{}, true},
			"one has no name": {int64(200), nil, noon, true},
			"one is named":    {int64(200), "Lan", noon, true},
			"one is later":    {int64(200), "Mai", noon.Add(time.Hour), true},
			"one has no flag": {int64(200), "Mai", noon, false},
		} {
			for _, n := range []int{2, 100} {
				var rows [][]any
				var want []string
				for i := range n {
					row := []any{int64(i + 1), "Mai", noon, true}
					if name == "nothing in it" {
						row = []any{int64(i + 1), nil, time.Time{}, true}
					}
					if i == n-1 {
						row = odd
					}
					rows = append(rows, row)
					who, flag := row[1], 0
					if who == nil {
						who = "-"
					}
					if row[3] == true {
						flag = 1
					}
					want = append(want, fmt.Sprint(row[0], who, row[2].(time.Time).UTC().Format(time.RFC3339), flag))
				}
				if got := store.Handed(t, db, rows); !slices.Equal(got, want) {
					t.Errorf("%s, of %d: the last is %q, want %q", name, n, got[len(got)-1], want[n-1])
				}
			}
		}
	})
}
