package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

func TestCountDeliveriesReadsATimesRowsAndNoOthers(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		other := worldOf(t, db, "other")
		person, stranger := w.person("U1"), other.person("U2")
		made := func(w *world, p *engine.Identity, at time.Time, category, block string, status engine.Status, reason, class string) {
			o := w.order(p)
			o.Delivery.Category, o.Delivery.BlockID, o.Delivery.Status, o.Delivery.Reason, o.Delivery.Class = category, block, status, reason, class
			o.Send.CreatedAt, o.Delivery.CreatedAt = at, at
			w.accepted(o)
		}
		day := 24 * time.Hour
		for i := range 40 { // a ledger around the day that is asked for
			made(w, person, noon.Add(-40*day+time.Duration(i)*day), "old", "b1", engine.Queued, "", "")
		}
		made(w, person, noon, "parcel", "b1", engine.Queued, "", "")
		made(w, person, noon.Add(time.Minute), "parcel", "b1", engine.Skipped, "blocked", "")
		made(w, person, noon.Add(2*time.Minute), "parcel", "b2", engine.Failed, "", "content")
		made(other, stranger, noon.Add(3*time.Minute), "parcel", "b3", engine.Queued, "", "")
		made(w, person, noon.Add(time.Hour), "news", "b1", engine.Queued, "", "")
		made(w, person, noon.Add(59*time.Minute), "news", "b1", engine.Queued, "", "") // an id later, a time earlier
		made(w, person, noon.Add(day), "new", "b1", engine.Queued, "", "")

		count := func(from, to time.Time, by engine.ReportKeys) (sum int64, rows []engine.ReportRow) {
			rows, err := db.CountDeliveries(w.ctx, w.bot.ID, from, to, by)
			must(t, err)
			for _, r := range rows {
				sum += r.Count
			}
			return sum, rows
		}
		sum, rows := count(noon, noon.Add(time.Hour), engine.ReportKeys{})
		same(t, "an hour", sum, int64(4))
		same(t, "by state", len(rows), 3)
		sum, rows = count(noon, noon.Add(time.Hour), engine.ReportKeys{Account: true, Category: true, Block: true})
		same(t, "the same", sum, int64(4))
		same(t, "by all", len(rows), 4)
		for _, r := range rows {
			if r.AccountID != w.account.ID || r.Category == "" || r.BlockID == "" {
				t.Errorf("keys are missing: %+v", r)
			}
		}
		sum, _ = count(noon, noon.Add(day), engine.ReportKeys{Category: true})
		same(t, "a day", sum, int64(5))
		sum, _ = count(noon.Add(-100*day), noon.Add(100*day), engine.ReportKeys{})
		same(t, "everything", sum, int64(46))
		sum, _ = count(noon.Add(100*day), noon.Add(200*day), engine.ReportKeys{})
		same(t, "nothing", sum, int64(0))
	})
}

func TestCountDeliveriesOfAnEmptyLedger(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		rows, err := db.CountDeliveries(t.Context(), "b", noon, noon.Add(time.Hour), engine.ReportKeys{})
		must(t, err)
		same(t, "rows", len(rows), 0)
	})
}

// A report's people come page by page, and each page asks where its rows are:
// that must not read the whole ledger.
func TestTheEndsOfTheLedgerAreFoundWithoutReadingIt(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	for _, step := range store.Plan(t, db, store.LedgerEnds) {
		if strings.Contains(step, "SCAN deliveries") {
			t.Errorf("every row is read: %s", step)
		}
	}
}
