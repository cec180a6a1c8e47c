package store

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// Said is a statement as Postgres was given it.
type Said struct {
	SQL  string
	args []any
}

// Listen returns the statements that Postgres is given meanwhile. Nobody else
// uses the database.
func Listen(d *DB, do func()) []Said {
	l := &listener{postgresBackend: d.backend.(*postgresBackend)}
	d.backend = l
	defer func() { d.backend = l.postgresBackend }()
	do()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.said
}

// UndoOnce lets the first transaction that is to be committed meanwhile be undone,
// as Postgres does with one of two that wait for each other.
func UndoOnce(d *DB, do func()) {
	u := &undoing{backend: d.backend}
	d.backend = u
	defer func() { d.backend = u.backend }()
	do()
}

type undoing struct {
	backend
	undid atomic.Bool
}

func (u *undoing) begin(ctx context.Context) (transaction, error) {
	t, err := u.backend.begin(ctx)
	return undoable{t, u}, err
}

type undoable struct {
	transaction
	u *undoing
}

func (t undoable) commit(ctx context.Context, s *script) error {
	if t.u.undid.CompareAndSwap(false, true) {
		return &pgconn.PgError{Code: "40P01", Message: "deadlock detected"}
	}
	return t.transaction.commit(ctx, s)
}

// listener is a backend that remembers what it is given.
type listener struct {
	*postgresBackend
	mu   sync.Mutex
	said []Said
}

func (l *listener) hear(s *script) {
	if s == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, st := range s.statements {
		sh, args := shape{}, bind(st.args)
		if st.rows != nil {
			sh = st.rows.shape()
			args = append(st.rows.args(sh), args...)
		}
		l.said = append(l.said, Said{l.text(st, sh), args})
	}
}

func (l *listener) read(ctx context.Context, s *script) error {
	l.hear(s)
	return l.postgresBackend.read(ctx, s)
}

func (l *listener) begin(ctx context.Context) (transaction, error) {
	t, err := l.postgresBackend.begin(ctx)
	return listening{t, l}, err
}

type listening struct {
	transaction
	l *listener
}

func (t listening) run(ctx context.Context, s *script) error {
	t.l.hear(s)
	return t.transaction.run(ctx, s)
}

func (t listening) commit(ctx context.Context, s *script) error {
	t.l.hear(s)
	return t.transaction.commit(ctx, s)
}

// WaysInto returns how Postgres would find rows of a table for a statement, by
// the names of indexes, or that it would walk all of it: with what the statement
// was given, and as it does once it has run a few times.
func WaysInto(t testing.TB, d *DB, table string, s Said) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	if !strings.Contains(s.SQL, table) {
		return out
	}
	c, err := d.backend.(*postgresBackend).pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Release()
	plan := func(sql string, args ...any) (out []string) {
		var text []byte
		if err := c.QueryRow(t.Context(), sql, args...).Scan(&text); err != nil {
			t.Fatalf("%v: %s", err, sql)
		}
		var tops []struct{ Plan planNode }
		if err := json.Unmarshal(text, &tops); err != nil {
			t.Fatal(err)
		}
		for _, top := range tops {
			out = top.Plan.ways(table, out)
		}
		return out
	}
	out["first"] = plan(`EXPLAIN (FORMAT JSON) `+s.SQL, s.args...)
	exec := func(sql string) {
		if _, err := c.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%v: %s", err, sql)
		}
	}
	exec(`PREPARE asked AS ` + s.SQL)
	exec(`SET plan_cache_mode = force_generic_plan`)
	defer exec(`DEALLOCATE asked`)
	defer exec(`RESET plan_cache_mode`)
	given := ""
	if len(s.args) > 0 {
		given = `(` + strings.TrimSuffix(strings.Repeat(`NULL, `, len(s.args)), `, `) + `)`
	}
	out["general"] = plan(`EXPLAIN (FORMAT JSON) EXECUTE asked` + given)
	return out
}

// planNode is a step of a plan.
type planNode struct {
	Type     string `json:"Node Type"`
	Relation string `json:"Relation Name"`
	Index    string `json:"Index Name"`
	Plans    []planNode
}

func (n planNode) ways(table string, to []string) []string {
	switch {
	case n.Relation == table && n.Type == "Seq Scan":
		to = append(to, "no index")
	case strings.HasPrefix(n.Index, table+"_"):
		to = append(to, n.Index)
	}
	for _, p := range n.Plans {
		to = p.ways(table, to)
	}
	return to
}
