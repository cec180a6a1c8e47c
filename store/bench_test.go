package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/inbox"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

// eachBench runs a benchmark on both databases.
func eachBench(b *testing.B, f func(b *testing.B, w *world)) {
	for name, url := range map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			db, err := store.Open(b.Context(), store.Config{URL: url(b), Now: noonClock, NewID: func() string { return "" }})
			must(b, err)
			b.Cleanup(func() { must(b, db.Close()) })
			must(b, db.Migrate(b.Context()))
			f(b, worldOf(b, db, "shop"))
		})
	}
}

// batchRows is what one group commit takes.
const batchRows = 256

func (w *world) people(n int) []*engine.Identity {
	out := make([]*engine.Identity, n)
	for i := range out {
		out[i] = w.person(fmt.Sprint("U", i))
	}
	return out
}

func BenchmarkStoreArrivals(b *testing.B) {
	eachBench(b, func(b *testing.B, w *world) {
		w.people(batchRows)
		n := 0
		for b.Loop() {
			batch := inbox.Batch{Now: noon}
			for i := range batchRows {
				n++
				batch.Arrivals = append(batch.Arrivals, w.wrote(fmt.Sprint("U", i), fmt.Sprintf("%012d", n), noon))
			}
			_, err := w.db.StoreArrivals(w.ctx, batch)
			must(b, err)
		}
		b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
	})
}

func BenchmarkAccept(b *testing.B) {
	eachBench(b, func(b *testing.B, w *world) {
		people := w.people(batchRows)
		n := 0
		for b.Loop() {
			var orders []outbox.Stored
			for _, p := range people {
				n++
				o := w.order(p)
				o.Deltas = engine.Deltas{Set: map[string]any{"order_id": fmt.Sprint("A", n), "total": n}}
				orders = append(orders, o)
			}
			_, err := w.db.Accept(w.ctx, orders)
			must(b, err)
		}
		b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "orders/s")
	})
}

// BenchmarkReply is one interaction from its lease to its reply sent.
func BenchmarkReply(b *testing.B) {
	eachBench(b, func(b *testing.B, w *world) {
		p := w.person("U1")
		n := 0
		for b.Loop() {
			n++
			w.arrive(w.wrote("U1", fmt.Sprint(n), noon))
			l, it, _, err := w.db.Visit(w.ctx, p.ContactID, fmt.Sprint("w", n), noon, noon.Add(time.Minute))
			must(b, err)
			_, err = w.db.Situation(w.ctx, w.bot.ID, p.ID)
			must(b, err)
			turn := w.turn(it)
			turn.Deliveries, turn.Renders = []engine.Delivery{w.reply(it)}, []engine.Render{w.render("r1")}
			turn.Turn = &engine.Turn{Deltas: engine.Deltas{Set: map[string]any{"n": n}}}
			turn.Take = &outbox.Taking{Claim: outbox.Claim{AttemptID: "a1", Now: noon, LeaseUntil: noon.Add(time.Minute)}, Since: noon.Add(-time.Minute)}
			done, err := w.db.CommitTurn(w.ctx, l, turn)
			must(b, err)
			must(b, w.finish(done.Taken.Delivery, engine.SentOut))
			must(b, w.db.ReleaseLease(w.ctx, l))
		}
	})
}
