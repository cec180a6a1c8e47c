package store

import (
	"context"
	"slices"
	"time"

	"github.com/blockcast/blockcast/channels"
)

// script is a list of statements that go to the database together: on
// Postgres in one round trip. Placeholders are ?; times are bound in UTC and
// zero times as NULL, texts without what no database takes.
type script struct {
	statements []*statement
}

// statement is one of a script. Its results are read when the script runs.
type statement struct {
	sql  string
	rows *input // what the statement calls v, nil when it uses none
	args []any
	read func(scanner) error // nil: no rows are expected
	done func(affected int64) error
	veto bool // done may refuse: nothing is committed before it was asked
}

// scanner is a row.
type scanner interface {
	Scan(dest ...any) error
}

// exec adds a statement that returns no rows.
func (s *script) exec(sql string, args ...any) *statement { return s.with(nil, sql, args...) }

// query adds a statement whose rows each or one read.
func (s *script) query(sql string, args ...any) *statement {
	st := s.with(nil, sql, args...)
	st.read = func(scanner) error { return nil }
	return st
}

// with adds a statement that finds in as the table v.
func (s *script) with(in *input, sql string, args ...any) *statement {
	st := &statement{sql: sql, rows: in, args: args}
	s.statements = append(s.statements, st)
	return st
}

// each reads every row.
func (st *statement) each(f func(scanner) error) *statement {
	st.read = f
	return st
}

// one reads the only row, if there is one.
func (st *statement) one(dest ...any) *statement {
	st.read = func(r scanner) error { return r.Scan(dest...) }
	return st
}

// affected keeps how many rows were written.
func (st *statement) affected(n *int64) *statement {
	st.done = func(a int64) error {
		*n = a
		return nil
	}
	return st
}

// must fails the script, and with it the transaction, when no row was written
// or returned.
func (st *statement) must(err error) *statement {
	st.veto = true
	st.done = func(a int64) error {
		if a == 0 {
			return err
		}
		return nil
	}
	return st
}

// add adds statements as they are.
func (s *script) add(list ...*statement) *script {
	s.statements = append(s.statements, list...)
	return s
}

// vetoes reports whether a statement of the script may refuse the commit.
func (s *script) vetoes() bool {
	return slices.ContainsFunc(s.statements, func(st *statement) bool { return st.veto })
}

// bind makes values of a statement's arguments that both databases take: a
// text from outside with a NUL or a broken character must not fail the
// statements it travels with.
func bind(args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		switch v := a.(type) {
		case time.Time:
			out[i] = stamp(v)
		case string:
			out[i] = channels.CleanText(v)
		default:
			out[i] = a
		}
	}
	return out
}

// stamp is how a time is written: UTC, cut to microseconds, the zero time NULL.
func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Truncate(time.Microsecond)
}

// transaction runs scripts as one.
type transaction interface {
	run(ctx context.Context, s *script) error
	// commit runs a last script, which may be nil, and commits.
	commit(ctx context.Context, s *script) error
	// rollback undoes what was run; after commit it does nothing.
	rollback()
}
