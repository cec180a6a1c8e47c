package store

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"

	gosqlite "github.com/glebarez/go-sqlite"
	"github.com/glebarez/sqlite"
	"github.com/pressly/goose/v3"
	"gorm.io/gorm"

	"github.com/blockcast/blockcast/migrations"
)

const (
	sqliteReaders  = 4 // connections that only read
	migrationTries = 5 // starters that may be in each other's way
)

// sqliteBackend writes through one connection, so that nobody is ever told
// that the database is busy, and reads through a few others: in WAL mode
// neither waits for the other.
type sqliteBackend struct {
	db     *DB
	writer *sql.DB
	reader *sql.DB
}

func (d *DB) openSQLite(_ context.Context, c Config) error {
	// Made here and not by SQLite, so that only its owner may read it.
	file, err := os.OpenFile(c.URL, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	b := &sqliteBackend{db: d}
	d.backend = b
	// immediate: a transaction that reads first and then writes never finds
	// that somebody has written in between (700 of 800 failed without it).
	if b.writer, err = sql.Open(sqlite.DriverName, sqliteDSN(c.URL, "_txlock=immediate")); err != nil {
		return err
	}
	b.writer.SetMaxOpenConns(1)
	if b.reader, err = sql.Open(sqlite.DriverName, sqliteDSN(c.URL, "_pragma=query_only(ON)")); err != nil {
		return b.fail(err)
	}
	readers := sqliteReaders
	if c.MaxConns > 0 {
		readers = c.MaxConns
	}
	b.reader.SetMaxOpenConns(readers)
	b.reader.SetMaxIdleConns(readers)
	if d.gorm, err = gorm.Open(sqlite.Dialector{Conn: b.writer}, d.gormConfig()); err != nil {
		return b.fail(err)
	}
	if d.reader, err = gorm.Open(sqlite.Dialector{Conn: b.reader}, d.gormConfig()); err != nil {
		return b.fail(err)
	}
	return nil
}

// sqliteDSN names a file with the pragmas every connection needs.
func sqliteDSN(path, extra string) string {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()}
	return u.String() + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)" +
		"&_pragma=foreign_keys(ON)&_pragma=cache_size(-65536)&_pragma=temp_store(MEMORY)&" + extra
}

func (b *sqliteBackend) fail(err error) error {
	_ = b.close()
	return err
}

func (b *sqliteBackend) close() error {
	var err error
	if b.reader != nil {
		err = b.reader.Close()
	}
	return errors.Join(err, b.writer.Close())
}

func (b *sqliteBackend) ping(ctx context.Context) error {
	_, err := b.reader.ExecContext(ctx, "SELECT 1")
	return err
}

// migrate tries again when another process was migrating at the same moment:
// each file is one transaction, so what one has applied the other finds.
func (b *sqliteBackend) migrate(ctx context.Context, log *slog.Logger) error {
	p, err := b.schema()
	if err != nil {
		return err
	}
	for range migrationTries {
		if err = migrate(ctx, p, log); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}

func (b *sqliteBackend) pending(ctx context.Context) (bool, error) {
	p, err := b.schema()
	if err != nil {
		return false, err
	}
	return p.HasPending(ctx)
}

func (b *sqliteBackend) schema() (*goose.Provider, error) {
	return schema(goose.DialectSQLite3, b.writer, migrations.SQLite, "sqlite")
}

// sqliteAway reports whether SQLite could not work at all: the file is locked
// (5, 6), full (13), unreadable (10) or cannot be opened (14).
func sqliteAway(err error) bool {
	var e *gosqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() & 0xff {
	case 5, 6, 10, 13, 14:
		return true
	}
	return false
}

// sqliteRepeated reports whether SQLite refused a row for a unique rule's sake:
// that of a primary key (1555) or of another index (2067).
func sqliteRepeated(err error) bool {
	var e *gosqlite.Error
	return errors.As(err, &e) && (e.Code() == 1555 || e.Code() == 2067)
}
