package store_test

import (
	"errors"
	"io/fs"
	"slices"
	"sync"
	"testing"

	"github.com/blockcast/blockcast/migrations"
	"github.com/blockcast/blockcast/store"
	"github.com/blockcast/blockcast/store/storetest"
)

func TestBothSchemasHaveTheSameFiles(t *testing.T) {
	t.Parallel()
	names := func(files fs.FS, folder string) (out []string) {
		entries, err := fs.ReadDir(files, folder)
		must(t, err)
		for _, e := range entries {
			out = append(out, e.Name())
		}
		return out
	}
	same(t, "files", names(migrations.SQLite, "sqlite"), names(migrations.Postgres, "postgres"))
}

func TestBothSchemasEndInTheSameTables(t *testing.T) {
	t.Parallel()
	config := store.Config{URL: storetest.Postgres(t), Now: noonClock, NewID: func() string { return "" }}
	postgres, err := store.Open(t.Context(), config)
	must(t, err)
	t.Cleanup(func() { must(t, postgres.Close()) })
	sqlite := storetest.Open(t)
	columns := store.Columns(t, sqlite)
	if len(columns) < 200 {
		t.Fatalf("only %d columns were found", len(columns))
	}
	other := store.Columns(t, postgres)
	slices.Sort(columns)
	slices.Sort(other)
	same(t, "columns", other, columns)
	indexes, theirs := store.Indexes(t, sqlite), store.Indexes(t, postgres)
	slices.Sort(indexes)
	slices.Sort(theirs)
	same(t, "indexes", theirs, indexes)
}

// Several processes that start at once migrate once.
func TestStartersMigrateTogether(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgres": storetest.Empty} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := address(t)
			var wg sync.WaitGroup
			for range 3 {
				wg.Go(func() {
					db, err := store.Open(t.Context(), store.Config{URL: url, Now: noonClock, NewID: func() string { return "" }, MaxConns: 3})
					if err != nil {
						t.Error(err)
						return
					}
					defer db.Close()
					if err := db.Migrate(t.Context()); err != nil {
						t.Error(err)
					}
					if err := db.CheckSchema(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		})
	}
}

// A program says that its tables are missing until somebody has made them.
func TestTablesAreChecked(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgres": storetest.Empty} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := store.Config{URL: address(t), Now: noonClock, NewID: func() string { return "" }, MaxConns: 3}
			open := func() *store.DB {
				db, err := store.Open(t.Context(), c)
				must(t, err)
				t.Cleanup(func() { _ = db.Close() })
				return db
			}
			waiting, other := open(), open()
			if err := waiting.CheckSchema(t.Context()); !errors.Is(err, store.ErrSchema) {
				t.Errorf("of an empty database: %v", err)
			}
			must(t, other.Migrate(t.Context()))
			must(t, waiting.CheckSchema(t.Context()))
		})
	}
}
