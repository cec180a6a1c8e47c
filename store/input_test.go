package store_test

import (
	"fmt"
	"testing"

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
