package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

// What is asked of the ledger for each message to a person, and for each batch of
// a run, reads it by these indexes.
var (
	byPerson = []string{"deliveries_pkey", "deliveries_waiting_identity", "deliveries_run"}
	byRun    = []string{"deliveries_of_run"}
	// A batch's rows by their ids, their neighbours by their people, and whether
	// there are neighbours at all by what waits.
	byBatch = append([]string{"deliveries_waiting_account", "deliveries_waiting_run", "deliveries_contact"}, byPerson...)
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
	r, one := w.ofRun(3 * manyRows)
	next := w.queued(w.person("next"))
	it, lease := w.asked("U1", "m1")

	asked := []question{
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
	alone := len(asked)        // batches are of rows that are there
	rows := w.read(r, one)[2:] // the second one's person is being answered
	var scattered []*engine.Delivery
	for i := manyRows; i < len(rows); i += 2 {
		scattered = append(scattered, rows[i])
	}
	for what, batch := range map[string][]*engine.Delivery{
		"rows that follow one another": rows[:manyRows], "scattered rows": scattered, "a few rows": {rows[manyRows+1], rows[manyRows+5], rows[manyRows+9]},
	} {
		add := func(how string, ask func()) {
			asked = append(asked, question{how + " " + what, byBatch, ask})
		}
		add("BeginMany of", func() { w.begunAll(batch, "m1", noon) })
		add("EndMany that gives back", func() { w.endedAll(batch, engine.Sending, noon) })
		add("BeginMany once more of", func() { w.begunAll(batch, "m2", noon.Add(time.Minute)) })
		add("EndMany of", func() { w.endedAll(batch, engine.SentOut, noon.Add(time.Minute)) })
		add("EndMany too late of", func() {
			for _, d := range batch {
				d.AttemptID = "somebody else's"
			}
			_, err := db.EndMany(w.ctx, w.endings(batch, engine.SentOut, noon.Add(time.Hour)))
			must(t, err)
		})
	}
	said := make([][]store.Said, len(asked))
	for i, a := range asked {
		said[i] = store.Listen(db, a.ask)
	}
	look := func(when string, asked []question) {
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
	for _, d := range append(rows[:manyRows:manyRows], scattered...) {
		kept, err := db.Delivery(w.ctx, w.bot.ID, d.ID)
		must(t, err)
		same(t, "status", kept.Status, engine.SentOut)
	}
	w.crowd(r, 6000)
	look("never analyzed", asked)
	must(t, store.Exec(t, db, `TRUNCATE deliveries`)) // what is planned before the first row may be kept
	look("empty", asked[:alone])
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

// question is what is asked of the ledger.
type question struct {
	what string
	by   []string // the indexes
	ask  func()
}

// manyRows is a batch that is told as a stretch of ids where they follow one
// another.
const manyRows = 80

// read reads a range's rows as a visit does.
func (w *world) read(r *engine.Run, of *engine.Range) (rows []*engine.Delivery) {
	w.t.Helper()
	open, err := w.db.OpenMany(w.ctx, outbox.Many{RunID: r.ID, First: of.NextID, Last: of.LastID, Limit: 3 * manyRows, Now: noon})
	must(w.t, err)
	for i := range open {
		rows = append(rows, &open[i].Row)
	}
	same(w.t, "rows that are open", len(rows), 3*manyRows)
	return rows
}

// begunAll begins rows of a run as a broadcast does: claimed, prepared and held to
// a cap. They are all to be had.
func (w *world) begunAll(rows []*engine.Delivery, attempt string, now time.Time) {
	w.t.Helper()
	b := outbox.Beginning{Claim: outbox.Claim{AttemptID: attempt, Now: now, LeaseUntil: now.Add(time.Minute)}, Now: now,
		Caps: []outbox.Cap{{Most: 1000, Since: now.Add(-time.Hour)}}}
	render := w.render("r1")
	for _, d := range rows {
		one := outbox.Begun{Delivery: d, Claims: true, Route: "push", To: "U"}
		if d.RenderID == "" {
			d.RenderID = render.ID
			one.Prepared = &outbox.Prepared{Delivery: d, Render: &render, Now: now}
		}
		b.Rows = append(b.Rows, one)
	}
	ours, err := w.db.BeginMany(w.ctx, b)
	must(w.t, err)
	same(w.t, "rows that are ours", len(ours), len(rows))
	for _, d := range rows {
		d.AttemptID, d.Status, d.Route = attempt, engine.Sending, "push"
	}
}

// endedAll ends rows of a run, or gives them back with lost answers.
func (w *world) endedAll(rows []*engine.Delivery, as engine.Status, now time.Time) {
	w.t.Helper()
	_, err := w.db.EndMany(w.ctx, w.endings(rows, as, now))
	must(w.t, err)
}

func (w *world) endings(rows []*engine.Delivery, as engine.Status, now time.Time) outbox.Endings {
	e := outbox.Endings{Now: now}
	for _, d := range rows {
		call := engine.Attempt{ID: d.AttemptID, DeliveryID: d.ID, At: now, EndedAt: now, Route: "push", Outcome: "sent"}
		if as == engine.Sending {
			call.Outcome = "lost"
			e.Releases = append(e.Releases, outbox.Release{Delivery: d, Attempt: &call, Status: as, NotBefore: now, Now: now})
			continue
		}
		e.Outcomes = append(e.Outcomes, outbox.Outcome{Delivery: d, Attempt: &call, Status: as, Route: "push", MessagesSent: 1, Now: now})
	}
	return e
}
