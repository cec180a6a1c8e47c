package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/glebarez/sqlite"
)

// ErrBroken means that a copy is not whole.
var ErrBroken = errors.New("the copy is damaged")

// Backup copies the SQLite file at from into a new file at to, which only its
// owner may read. Whoever uses the file goes on: the copy is what it held at
// one moment. It is checked before it gets its name; an existing file is never
// written over.
func Backup(ctx context.Context, from, to string) error {
	if _, err := os.Stat(from); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	if _, err := os.Stat(to); err == nil {
		return fmt.Errorf("back up: %w: %s", fs.ErrExist, to)
	}
	part, err := emptyBeside(to)
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	defer os.Remove(part)
	if err := copySQLite(ctx, from, part); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	if err := CheckCopy(ctx, part); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	if err := os.Link(part, to); err != nil { // fails when somebody has made it meanwhile
		return fmt.Errorf("back up: %w", err)
	}
	return nil
}

// emptyBeside makes an empty file for its owner alone beside path.
func emptyBeside(path string) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // made with mode 0600
	if err != nil {
		return "", err
	}
	return f.Name(), f.Close()
}

// copySQLite writes what the file holds now into an empty file. A reader of a
// file in WAL mode keeps nobody from writing.
func copySQLite(ctx context.Context, from, to string) (err error) {
	db, err := sql.Open(sqlite.DriverName, sqliteDSN(from, ""))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, `VACUUM INTO ?`, to); err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// CheckCopy reads a whole SQLite file that nobody uses and returns ErrBroken
// when it is not sound.
func CheckCopy(ctx context.Context, path string) (err error) {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()}
	db, err := sql.Open(sqlite.DriverName, u.String()+"?mode=ro&immutable=1")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	said := ""
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&said); err != nil {
		return fmt.Errorf("%w: %w", ErrBroken, err)
	}
	if said != "ok" {
		return fmt.Errorf("%w: %s", ErrBroken, said)
	}
	orphans, tables := 0, 0
	if err := db.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM pragma_foreign_key_check), (SELECT COUNT(*) FROM sqlite_master WHERE name = 'deliveries')`).Scan(&orphans, &tables); err != nil {
		return fmt.Errorf("%w: %w", ErrBroken, err)
	}
	if orphans > 0 || tables == 0 {
		return fmt.Errorf("%w: it is no database of this program, or rows in it point at nothing", ErrBroken)
	}
	return nil
}
