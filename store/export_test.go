package store

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/outbox"
)

// Columns returns every column of every table as table.column.
func Columns(t testing.TB, d *DB) []string {
	t.Helper()
	query := `SELECT m.name || '.' || p.name FROM sqlite_master m JOIN pragma_table_xinfo(m.name) p
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE 'goose%' ORDER BY 1`
	if d.postgres {
		query = `SELECT table_name || '.' || column_name FROM information_schema.columns
			WHERE table_schema = 'public' AND table_name NOT LIKE 'goose%' ORDER BY 1`
	}
	return ask[string](t, d, query)
}

// Indexes returns the name of every index that was given one.
func Indexes(t testing.TB, d *DB) []string {
	t.Helper()
	query := `SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY 1`
	if d.postgres {
		query = `SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE '%_pkey' AND indexname NOT LIKE '%_key' ORDER BY 1`
	}
	return ask[string](t, d, query)
}

// CountRows returns how many rows each table has.
func CountRows(t testing.TB, d *DB) map[string]int {
	t.Helper()
	query := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'`
	if d.postgres {
		query = `SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'`
	}
	out := map[string]int{}
	for _, table := range ask[string](t, d, query) {
		out[table] = ask[int](t, d, `SELECT COUNT(*) FROM `+table)[0]
	}
	return out
}

// RunQueries look for rows of runs: at every claim, at every round and for what
// is shown.
var RunQueries = map[string]string{"foremost": `SELECT ` + foremost("deliveries") + ` FROM deliveries WHERE id = ?`,
	"open": `SELECT id FROM deliveries WHERE ` + openRowsOf, "left over": leftover(), "shown": openOfRuns}

// Exec runs a statement, for what no method may do.
func Exec(t testing.TB, d *DB, sql string, args ...any) error {
	t.Helper()
	s := new(script)
	s.exec(sql, args...)
	return d.write(context.Background(), s)
}

// CountAttributes returns how many of a bot's people have each attribute.
func CountAttributes(t testing.TB, d *DB, botID string) map[string]int64 {
	t.Helper()
	counts, err := d.countAttributes(t.Context(), botID)
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

// KeptVersions is how many plans of a broadcast are kept.
const KeptVersions = keptVersions

// OpenQueries read what is under way, at every tick.
var OpenQueries = map[string]string{"due": dueDeliveries, "late": lateDeliveries, "coming": comingDeliveries, "open": openRows, "oldest": oldestDue, "inbox": openInbox}

// LedgerEnds is read for every page of a report's people.
const LedgerEnds = ledgerEnds

// Plan is how SQLite would run a statement.
func Plan(t testing.TB, d *DB, sql string, args ...any) []string {
	t.Helper()
	var out []string
	s := new(script)
	s.query("EXPLAIN QUERY PLAN "+sql, args...).each(func(r scanner) error {
		var id, parent, unused int
		var detail string
		err := r.Scan(&id, &parent, &unused, &detail)
		out = append(out, detail)
		return err
	})
	if err := d.read(context.Background(), s); err != nil {
		t.Fatal(err)
	}
	return out
}

// IdentitiesOf is read for every call that sends.
const IdentitiesOf = identitiesOf

// BatchPlan is how SQLite would run a statement over a batch of ids.
func BatchPlan(t testing.TB, d *DB, column, sql string, args ...any) []string {
	t.Helper()
	in := newInput(column + " bigint")
	in.add(1)
	head, rows, err := in.sqlite()
	if err != nil {
		t.Fatal(err)
	}
	return Plan(t, d, head+sql, append(rows, args...)...)
}

// Ask returns the only column of a query.
func ask[T any](t testing.TB, d *DB, query string, args ...any) []T {
	t.Helper()
	var out []T
	s := new(script)
	s.query(query, args...).each(into(&out))
	if err := d.read(context.Background(), s); err != nil {
		t.Fatal(err)
	}
	return out
}

// Texts returns the only column of a query.
func Texts(t testing.TB, d *DB, query string) []string {
	t.Helper()
	return ask[string](t, d, query)
}

// Parts that are tested by themselves.
var (
	MetadataDelivery = metadataDelivery
	Quoted           = quoted
)

// Positions rewrites placeholders.
func Positions(sql string) string { return positions(sql) }

// PlannedAnew returns the statements over batches that this connection's
// Postgres still plans each time.
func PlannedAnew(t testing.TB, d *DB) []string {
	t.Helper()
	return ask[string](t, d, `SELECT statement FROM pg_prepared_statements WHERE statement LIKE 'WITH v %' AND custom_plans > 5`)
}

// Unanswered returns the contact's oldest unanswered interaction, nil when
// there is none.
func Unanswered(t testing.TB, d *DB, contactID int64) *engine.Interaction {
	t.Helper()
	var out *engine.Interaction
	s := new(script)
	s.query(`SELECT `+interactionColumns+` FROM interactions WHERE contact_id = ? AND answered_at IS NULL ORDER BY id LIMIT 1`, contactID).each(func(r scanner) error {
		out = new(engine.Interaction)
		return scanInteraction(r, out)
	})
	if err := d.read(context.Background(), s); err != nil {
		t.Fatal(err)
	}
	return out
}

// ReleaseBesideClaim gives a row back and claims it, in one transaction that the
// claim was the first to come for.
func ReleaseBesideClaim(ctx context.Context, d *DB, r outbox.Release, c outbox.Claim) ([]engine.Delivery, error) {
	var rows []engine.Delivery
	refused, err := d.share(ctx, []build{
		func() (order, error) { return d.claiming(r.Delivery.ID, c, &rows), nil },
		func() (order, error) { return releasing(r) },
	})
	return rows, errors.Join(append(refused, err)...)
}

// ClaimAround claims a row, and lets something happen in the middle of it: on
// SQLite, where one writes at a time, before it.
func ClaimAround(ctx context.Context, d *DB, id int64, c outbox.Claim, meanwhile func() error) ([]engine.Delivery, error) {
	var rows []engine.Delivery
	if !d.postgres {
		if err := meanwhile(); err != nil {
			return nil, err
		}
		meanwhile = func() error { return nil }
	}
	err := d.transact(ctx, func(t transaction) error {
		whole := new(script)
		d.claim(whole, id, c, listDeliveries(&rows))
		for i, st := range whole.statements {
			if i > 0 {
				if err := meanwhile(); err != nil {
					return err
				}
			}
			if err := t.run(ctx, new(script).add(st)); err != nil {
				return err
			}
		}
		return nil
	})
	return rows, err
}

// ClaimTogether claims rows in one transaction, as they come, and returns how
// many it got.
func ClaimTogether(ctx context.Context, d *DB, ids []int64, c outbox.Claim) (int, error) {
	var rows []engine.Delivery
	list := make([]build, len(ids))
	for i, id := range ids {
		list[i] = func() (order, error) { return d.claiming(id, c, &rows), nil }
	}
	refused, err := d.share(ctx, list)
	return len(rows), errors.Join(append(refused, err)...)
}

// WriteTogether writes body where guard returns a row, else returns refusal.
func WriteTogether(ctx context.Context, d *DB, guard string, refusal error, body string, args ...any) error {
	return d.together(ctx, func() (order, error) {
		g, b := new(script), new(script)
		g.query(guard).must(refusal)
		b.exec(body, args...)
		return order{guard: g, body: b}, nil
	})
}

// Handed returns what a statement finds in a batch of rows of an id, a name, a
// moment and a flag: as text, the rows in their order.
func Handed(t testing.TB, d *DB, rows [][]any) []string {
	t.Helper()
	in := newInput("id bigint", "name text", "at timestamptz", "flag boolean")
	for _, r := range rows {
		in.add(r...)
	}
	var out []string
	s := new(script)
	s.with(in, `SELECT id, COALESCE(name, '-'), at, CASE WHEN flag THEN 1 ELSE 0 END FROM v ORDER BY id`).each(func(r scanner) error {
		var id, flag int64
		var name string
		var at time.Time
		err := r.Scan(&id, &name, moment(&at), &flag)
		out = append(out, fmt.Sprint(id, name, at.UTC().Format(time.RFC3339), flag))
		return err
	})
	if err := d.read(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	return out
}

// SurveyAsItIs answers as SurveyAudience does, one question after another.
func SurveyAsItIs(ctx context.Context, d *DB, q broadcast.Survey) (*broadcast.Surveyed, error) {
	out := &broadcast.Surveyed{Conditions: make([]int64, len(q.Conditions))}
	limited, cancel := context.WithTimeout(ctx, q.Within)
	defer cancel()
	v := &surveying{d: d, q: q, out: out, within: limited}
	return out, errors.Join(v.draw(ctx), v.asItIs(ctx))
}

// DieFreezing writes the next of a run's audience down and does not come to move
// the run's place; its time to write is over at once.
func DieFreezing(ctx context.Context, d *DB, f broadcast.Freezing) error {
	return errors.Join(LateFreezing(ctx, d, f, func() error { return nil }), d.letFreezing(ctx, f))
}

// LateFreezing is DieFreezing by who holds the run, and to whom something happens
// before anything is written.
func LateFreezing(ctx context.Context, d *DB, f broadcast.Freezing, happens func() error) error {
	parts, _, err := d.nextParts(ctx, f)
	if err == nil {
		err = d.holdFreezing(ctx, f)
	}
	if err == nil {
		err = happens()
	}
	if err != nil {
		return err
	}
	return d.freezeParts(ctx, f, parts)
}

// FrozenBeyond reports whether people beyond a run's place are written down.
func FrozenBeyond(ctx context.Context, d *DB, f broadcast.Freezing) (bool, error) {
	return d.frozenBeyond(ctx, f)
}

// Drawn are ids of a range, taken by chance.
func Drawn(low, high, n int64) []int64 { return drawn(low, high, n) }
