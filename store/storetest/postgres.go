package storetest

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/blockcast/blockcast/migrations"
	"github.com/blockcast/blockcast/store"
)

// PostgresURL names the environment variable with the address of a server on
// which databases may be made and dropped.
const PostgresURL = "TEST_POSTGRES_URL"

// patience is how long a database may take to be ready.
const patience = time.Minute

// Postgres is the address of a migrated, empty database that nobody else uses
// while the test runs; without a server the test is skipped.
//
// Making a database takes half a second and emptying one a few milliseconds,
// so they are kept on the server, one for as many tests as run at once, and
// held by an advisory lock that ends with its connection, however the test
// does.
func Postgres(t testing.TB) string {
	t.Helper()
	server := os.Getenv(PostgresURL)
	if server == "" {
		t.Skip(PostgresURL + " is not set")
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatalf("connect to the test server: %v", err)
	}
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	name, err := hold(ctx, c)
	if err == nil {
		err = ready(ctx, c, server, name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return within(server, name)
}

// Empty is the address of a database without any table, dropped with the test.
func Empty(t testing.TB) string {
	t.Helper()
	server := os.Getenv(PostgresURL)
	if server == "" {
		t.Skip(PostgresURL + " is not set")
	}
	name := fmt.Sprintf("blockcast_test_empty_%d_%d", os.Getpid(), time.Now().UnixNano())
	admin := func(statement string) {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		c, err := pgx.Connect(ctx, server)
		if err != nil {
			t.Fatalf("connect to the test server: %v", err)
		}
		defer c.Close(ctx)
		if _, err := c.Exec(ctx, statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	admin("CREATE DATABASE " + name)
	t.Cleanup(func() { admin("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)") })
	return within(server, name)
}

// hold takes the first database of this schema that no test has.
func hold(ctx context.Context, c *pgx.Conn) (string, error) {
	sum, err := schemaSum()
	if err != nil {
		return "", err
	}
	space := int32(binary.BigEndian.Uint32(sum))
	for n := int32(0); ; n++ {
		mine := false
		if err := c.QueryRow(ctx, "SELECT pg_try_advisory_lock($1, $2)", space, n).Scan(&mine); err != nil {
			return "", fmt.Errorf("hold a test database: %w", err)
		}
		if mine {
			return fmt.Sprintf("blockcast_test_%s_%d", hex.EncodeToString(sum), n), nil
		}
	}
}

// ready makes the held database or empties it.
func ready(ctx context.Context, c *pgx.Conn, server, name string) error {
	there := false
	if err := c.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", name).Scan(&there); err != nil {
		return err
	}
	if !there {
		if _, err := c.Exec(ctx, "CREATE DATABASE "+name); err != nil {
			return fmt.Errorf("make test database: %w", err)
		}
	}
	db, err := store.Open(ctx, store.Config{URL: within(server, name), Now: time.Now, NewID: func() string { return "" }, MaxConns: 4})
	if err != nil {
		return err
	}
	if err := db.Migrate(ctx); err != nil { // also one whose making was interrupted
		_ = db.Close()
		return err
	}
	if err := db.Close(); err != nil {
		return err
	}
	return empty(ctx, within(server, name))
}

// empty removes all rows, those of the youngest table first because it is the
// one that refers to others, and lets ids begin at 1.
func empty(ctx context.Context, address string) error {
	c, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	_, err = c.Exec(ctx, `DO $$ DECLARE r record; BEGIN
		FOR r IN SELECT c.oid::regclass AS name FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
			AND c.relname NOT LIKE 'goose%' ORDER BY c.oid DESC LOOP
			EXECUTE 'DELETE FROM ' || r.name;
		END LOOP;
		PERFORM setval(c.oid::regclass, 1, false) FROM pg_class c WHERE c.relkind = 'S' AND c.relnamespace = 'public'::regnamespace
			AND c.relname NOT LIKE 'goose%';
	END $$`)
	if err != nil {
		return fmt.Errorf("empty test database: %w", err)
	}
	return nil
}

// within is the address of another database on the server. What a test writes
// need not outlive the server, so nobody waits for the disk.
func within(server, database string) string {
	u, err := url.Parse(server)
	if err != nil {
		return server
	}
	u.Path = "/" + database
	q := u.Query()
	q.Set("synchronous_commit", "off")
	u.RawQuery = q.Encode()
	return u.String()
}

// schemaSum tells one schema from another.
func schemaSum() ([]byte, error) {
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
	return h.Sum(nil)[:6], err
}
