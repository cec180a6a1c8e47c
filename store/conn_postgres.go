package store

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"
)

// rollbackTime is how long a connection may take to undo a transaction before
// it is thrown away.
const rollbackTime = 5 * time.Second

// sender sends statements on one connection: begin and commit travel with the
// script they belong to.
type sender func(ctx context.Context, s *script, before, after string) error

func (b *postgresBackend) read(ctx context.Context, s *script) error {
	c, err := b.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer c.Release()
	return b.send(ctx, c.Conn(), s, "", "")
}

func (b *postgresBackend) begin(ctx context.Context) (transaction, error) {
	c, err := b.pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	return &postgresTx{conn: c, send: func(ctx context.Context, s *script, before, after string) error {
		return b.send(ctx, c.Conn(), s, before, after)
	}}, nil
}

// postgresTx begins with its first script. A single script that nobody may
// refuse is one round trip and needs no begin: Postgres runs what arrives
// together as one transaction.
type postgresTx struct {
	conn  *pgxpool.Conn
	send  sender
	begun bool
}

func (t *postgresTx) run(ctx context.Context, s *script) error {
	before := ""
	if !t.begun {
		before, t.begun = "BEGIN", true
	}
	return t.send(ctx, s, before, "")
}

func (t *postgresTx) commit(ctx context.Context, s *script) error {
	if s != nil && s.vetoes() {
		if err := t.run(ctx, s); err != nil {
			return err
		}
		s = nil
	}
	after := ""
	if t.begun {
		after = "COMMIT"
	}
	err := t.send(ctx, s, "", after)
	if err == nil {
		t.release()
	}
	return err
}

func (t *postgresTx) rollback() {
	if t.conn == nil {
		return
	}
	if t.begun && t.conn.Conn().PgConn().TxStatus() != 'I' {
		ctx, cancel := context.WithTimeout(context.Background(), rollbackTime)
		defer cancel()
		_, _ = t.conn.Exec(ctx, "ROLLBACK") // a connection that cannot is closed by the pool
	}
	t.release()
}

func (t *postgresTx) release() {
	t.conn.Release()
	t.conn = nil
}

// joint opens a transaction of database/sql for gorm and reaches through to
// its pgx connection for scripts.
func (b *postgresBackend) joint(ctx context.Context) (joint, error) {
	c, err := b.sql.Conn(ctx)
	if err != nil {
		return joint{}, err
	}
	tx, err := c.BeginTx(ctx, nil)
	if err != nil {
		_ = c.Close()
		return joint{}, err
	}
	send := func(ctx context.Context, s *script) (err error) {
		raw := c.Raw(func(conn any) error {
			err = b.send(ctx, conn.(*stdlib.Conn).Conn(), s, "", "")
			return nil
		})
		if raw != nil {
			return raw
		}
		return err
	}
	return joint{&jointTx{send: send, tx: tx, conn: c}, inTx(b.db.gorm, tx)}, nil
}

// inTx is a gorm whose statements run in tx.
func inTx(db *gorm.DB, tx *sql.Tx) *gorm.DB {
	out := db.Session(&gorm.Session{NewDB: true, Context: context.Background()})
	out.Statement.ConnPool = tx
	return out
}

// jointTx is a transaction of database/sql.
type jointTx struct {
	send func(context.Context, *script) error
	tx   *sql.Tx
	conn *sql.Conn
}

func (t *jointTx) run(ctx context.Context, s *script) error { return t.send(ctx, s) }

func (t *jointTx) commit(ctx context.Context, s *script) error {
	if s != nil {
		if err := t.send(ctx, s); err != nil {
			return err
		}
	}
	if err := t.tx.Commit(); err != nil {
		return err
	}
	return t.conn.Close()
}

func (t *jointTx) rollback() {
	_ = t.tx.Rollback() // sql.ErrTxDone after a commit
	_ = t.conn.Close()
}

// send runs a script on a connection in one round trip.
func (b *postgresBackend) send(ctx context.Context, c *pgx.Conn, s *script, before, after string) (err error) {
	batch := &pgx.Batch{}
	if before != "" {
		batch.Queue(before)
	}
	if s != nil {
		for _, st := range s.statements {
			b.queue(batch, st)
		}
	}
	if after != "" {
		batch.Queue(after)
	}
	if batch.Len() == 0 {
		return nil
	}
	results := c.SendBatch(ctx, batch)
	defer func() {
		if closing := results.Close(); err == nil {
			err = closing
		}
	}()
	if before != "" {
		if _, err := results.Exec(); err != nil {
			return err
		}
	}
	if s == nil {
		return nil
	}
	for _, st := range s.statements {
		if err := readPostgres(results, st); err != nil {
			return err
		}
	}
	return nil // what follows is read by Close
}

func (b *postgresBackend) queue(batch *pgx.Batch, st *statement) {
	sh, args := shape{}, bind(st.args)
	if st.rows != nil {
		sh = st.rows.shape()
		args = append(st.rows.args(sh), args...)
	}
	batch.Queue(b.text(st, sh), args...)
}

// text is a statement as Postgres takes it. It is remembered: statements are few.
func (b *postgresBackend) text(st *statement, sh shape) string {
	key := textKey{st.sql, sh}
	if done, ok := b.texts.Load(key); ok {
		return done.(string)
	}
	sql := st.sql
	if st.rows != nil {
		sql = st.rows.head(sh) + sql
	}
	sql = positions(sql)
	b.texts.Store(key, sql)
	return sql
}

type textKey struct {
	sql string
	shape
}

// readPostgres reads the results of one statement.
func readPostgres(results pgx.BatchResults, st *statement) error {
	rows, err := results.Query()
	if err != nil {
		return err
	}
	defer rows.Close()
	count := int64(0)
	for rows.Next() {
		count++
		if st.read != nil {
			if err := st.read(rows); err != nil {
				return err
			}
		}
	}
	rows.Close()
	if err := rows.Err(); err != nil {
		return err
	}
	if st.read == nil {
		count = rows.CommandTag().RowsAffected()
	}
	if st.done != nil {
		return st.done(count)
	}
	return nil
}

// positions rewrites ? to $1, $2 … No statement has a ? of its own.
func positions(sql string) string {
	var out strings.Builder
	n := 0
	for _, r := range sql {
		if r == '?' {
			n++
			out.WriteString("$" + strconv.Itoa(n))
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}
