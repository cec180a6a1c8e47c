package store

import (
	"context"
	"database/sql"
	"fmt"
)

// querier is what a connection and a transaction of database/sql share.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// read gives a script of several statements one view of the data.
func (b *sqliteBackend) read(ctx context.Context, s *script) error {
	if len(s.statements) == 1 {
		return runSQLite(ctx, b.reader, s)
	}
	tx, err := b.reader.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	return runSQLite(ctx, tx, s)
}

func (b *sqliteBackend) begin(ctx context.Context) (transaction, error) {
	t, err := b.open(ctx)
	return t, err
}

// open waits for the writing connection. Once it is had, statements are short
// and run to their end: the driver watches each cancellable one by a goroutine
// of its own.
func (b *sqliteBackend) open(ctx context.Context) (*jointTx, error) {
	c, err := b.writer.Conn(ctx)
	if err != nil {
		return nil, err
	}
	tx, err := c.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		_ = c.Close()
		return nil, err
	}
	send := func(ctx context.Context, s *script) error { return runSQLite(context.WithoutCancel(ctx), tx, s) }
	return &jointTx{send: send, tx: tx, conn: c}, nil
}

func (b *sqliteBackend) joint(ctx context.Context) (joint, error) {
	t, err := b.open(ctx)
	if err != nil {
		return joint{}, err
	}
	return joint{t, inTx(b.db.gorm, t.tx)}, nil
}

// runSQLite runs a script one statement after the other.
func runSQLite(ctx context.Context, q querier, s *script) error {
	for _, st := range s.statements {
		head, args := "", []any(nil)
		if st.rows != nil {
			var err error
			if head, args, err = st.rows.sqlite(); err != nil {
				return err
			}
		}
		if err := runOne(ctx, q, st, head+st.sql, append(args, bind(st.args)...)); err != nil {
			return err
		}
	}
	return nil
}

func runOne(ctx context.Context, q querier, st *statement, query string, args []any) error {
	if st.read == nil {
		result, err := q.ExecContext(ctx, query, args...)
		if err != nil {
			return explain(err, query)
		}
		n, err := result.RowsAffected()
		if err != nil || st.done == nil {
			return err
		}
		return st.done(n)
	}
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return explain(err, query)
	}
	defer rows.Close()
	n := int64(0)
	for rows.Next() {
		n++
		if err := st.read(rows); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return explain(err, query)
	}
	if st.done != nil {
		return st.done(n)
	}
	return nil
}

// explain names the statement in an error, which SQLite's own do not.
func explain(err error, query string) error {
	if len(query) > 60 {
		query = query[:60] + "…"
	}
	return fmt.Errorf("%w in %q", err, query)
}
