// Package storetest opens databases for tests: a SQLite file in the test's
// folder, and a Postgres database of the test's own where one is to be had.
package storetest

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine/enginetest"
	"github.com/blockcast/blockcast/store"
)

// start is the time of a test's database, unless the test brings a clock.
var start = time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)

// Each runs f on a SQLite database and, where TEST_POSTGRES_URL is set, on a
// Postgres one, side by side.
func Each(t *testing.T, f func(t *testing.T, db *store.DB)) {
	t.Helper()
	EachWith(t, store.Config{}, f)
}

// EachWith is Each with a configuration whose URL is filled in.
func EachWith(t *testing.T, c store.Config, f func(t *testing.T, db *store.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		c := c
		c.URL = SQLite(t)
		f(t, open(t, c))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		c := c
		c.URL = Postgres(t)
		f(t, open(t, c))
	})
}

// Open is a migrated SQLite database that ends with the test.
func Open(t testing.TB) *store.DB {
	t.Helper()
	return open(t, store.Config{URL: SQLite(t)})
}

// SQLite is the path of a database file that is not there yet.
func SQLite(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "blockcast.db")
}

func open(t testing.TB, c store.Config) *store.DB {
	t.Helper()
	if c.Now == nil {
		c.Now = func() time.Time { return start }
	}
	if c.NewID == nil {
		c.NewID = enginetest.IDs() // so that goldens are the same each time
	}
	if c.MaxConns == 0 {
		c.MaxConns = 4 // many tests share one server
	}
	db, err := store.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close database: %v", err)
		}
	})
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}
