package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
)

// ErrSchema means that the tables are older than this program.
var ErrSchema = errors.New("the database's tables are not those of this program: run blockcast migrate")

// Migrate brings the schema up to date. Several may start at once: one works,
// the others wait and find nothing left to do.
func (d *DB) Migrate(ctx context.Context) error {
	if err := d.backend.migrate(ctx, d.log); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	d.current.Store(true)
	return nil
}

// CheckSchema returns ErrSchema while migrations of this program are missing. A
// schema that is newer is none of its business. Once all is well the database
// is not asked again, for migrations are never taken back.
func (d *DB) CheckSchema(ctx context.Context) error {
	if d.current.Load() {
		return nil
	}
	pending, err := d.backend.pending(ctx)
	if err != nil {
		return fmt.Errorf("read the state of the tables: %w", err)
	}
	if pending {
		return ErrSchema
	}
	d.current.Store(true)
	return nil
}

// schema knows the files of one folder and which of them are applied.
func schema(dialect goose.Dialect, db *sql.DB, files fs.FS, folder string, options ...goose.ProviderOption) (*goose.Provider, error) {
	sub, err := fs.Sub(files, folder)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, db, sub, append(options, goose.WithDisableGlobalRegistry(true))...)
}

// migrate applies the files that are not.
func migrate(ctx context.Context, p *goose.Provider, log *slog.Logger) error {
	applied, err := p.Up(ctx)
	for _, m := range applied {
		log.Debug("migration applied", "file", m.Source.Path, "took", m.Duration)
	}
	return err
}
