// Package storetest opens databases for tests: a SQLite file in the test's
// folder, and a Postgres database of the test's own where one is to be had.
package storetest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/blockcast/blockcast/migrations"
	"github.com/blockcast/blockcast/store"
)

// PostgresURL names the environment variable with the address of a server on
// which databases may be made and dropped.
const PostgresURL = "TEST_POSTGRES_URL"

// Start is when the clock of a test's database begins, unless the test brings
// its own.
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
		c.NewID = ids()
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

// ids counts, so that goldens are the same each time.
func ids() func() string {
	var mu sync.Mutex
	n := 0
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		n++
		return fmt.Sprintf("%024x", n)
	}
}

// Postgres is the address of a migrated database of the test's own, which is
// dropped with it; without a server the test is skipped.
func Postgres(t testing.TB) string {
	t.Helper()
	server := os.Getenv(PostgresURL)
	if server == "" {
		t.Skip(PostgresURL + " is not set")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	template, err := ready(ctx, server)
	if err != nil {
		t.Fatal(err)
	}
	name := "blockcast_test_" + random()
	if err := admin(ctx, server, "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := admin(ctx, server, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop database: %v", err)
		}
	})
	return within(server, name)
}

func random() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// within is the address of another database on the server.
func within(server, database string) string {
	u, err := url.Parse(server)
	if err != nil {
		return server
	}
	u.Path = "/" + database
	return u.String()
}

func admin(ctx context.Context, server, statement string) error {
	c, err := pgx.Connect(ctx, server)
	if err != nil {
		return fmt.Errorf("connect to the test server: %w", err)
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

// templateLock keeps several test processes from making one template.
const templateLock = 7_402_811_377

// ready makes the migrated template database of this schema, once for all
// tests and runs on the server, and returns its name. A template that is
// finished is marked as one: until then it is made anew.
func ready(ctx context.Context, server string) (string, error) {
	sum, err := schemaSum()
	if err != nil {
		return "", err
	}
	name := "blockcast_template_" + sum
	c, err := pgx.Connect(ctx, server)
	if err != nil {
		return "", fmt.Errorf("connect to the test server: %w", err)
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(templateLock)); err != nil {
		return "", err
	}
	finished := false
	err = c.QueryRow(ctx, "SELECT COALESCE((SELECT datistemplate FROM pg_database WHERE datname = $1), false)", name).Scan(&finished)
	if err != nil || finished {
		return name, err
	}
	for _, statement := range []string{"DROP DATABASE IF EXISTS " + name + " WITH (FORCE)", "CREATE DATABASE " + name} {
		if _, err := c.Exec(ctx, statement); err != nil {
			return "", fmt.Errorf("%s: %w", statement, err)
		}
	}
	if err := migrate(ctx, within(server, name)); err != nil {
		return "", err
	}
	_, err = c.Exec(ctx, "ALTER DATABASE "+name+" IS_TEMPLATE true")
	return name, err
}

func migrate(ctx context.Context, address string) error {
	db, err := store.Open(ctx, store.Config{URL: address, Now: time.Now, NewID: random, MaxConns: 4})
	if err != nil {
		return err
	}
	if err := db.Migrate(ctx); err != nil {
		_ = db.Close()
		return err
	}
	return db.Close()
}

// schemaSum tells one schema from another.
func schemaSum() (string, error) {
	h := sha256.New()
	err := fs.WalkDir(migrations.Postgres, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := migrations.Postgres.ReadFile(path)
		fmt.Fprintln(h, path)
		h.Write(data)
		return err
	})
	return hex.EncodeToString(h.Sum(nil)[:6]), err
}
