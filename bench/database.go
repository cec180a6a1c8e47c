package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"
)

// dropTime is how long dropping the database may take.
const dropTime = time.Minute

// database is a private Postgres database that is dropped at the end.
type database struct {
	server string
	name   string
	url    string
}

// newDatabase makes an empty database on the server. A server that does not
// wait for the disk is refused: its figures would mean nothing.
func newDatabase(ctx context.Context, server, name string) (*database, error) {
	address, err := url.Parse(server)
	if err != nil {
		return nil, errors.New(postgresVariable + " is no URL") // the error would quote the password
	}
	c, err := pgx.Connect(ctx, server)
	if err != nil {
		return nil, fmt.Errorf("connect to Postgres: %w", err)
	}
	defer c.Close(ctx)
	for _, setting := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		var value string
		if err := c.QueryRow(ctx, "SHOW "+setting).Scan(&value); err != nil {
			return nil, err
		}
		if value != "on" {
			return nil, fmt.Errorf("this Postgres runs with %s=%s; benchmarks need it on, as in: go run ./scripts/services -durable -- go run ./bench", setting, value)
		}
	}
	if _, err := c.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return nil, fmt.Errorf("make the database: %w", err)
	}
	address.Path = "/" + name
	return &database{server: server, name: name, url: address.String()}, nil
}

// drop removes the database, also when the benchmark was interrupted.
func (d *database) drop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), dropTime)
	defer cancel()
	c, err := pgx.Connect(ctx, d.server)
	if err != nil {
		return fmt.Errorf("drop the database %s: %w", d.name, err)
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, "DROP DATABASE "+d.name+" WITH (FORCE)"); err != nil {
		return fmt.Errorf("drop the database %s: %w", d.name, err)
	}
	return nil
}

// do runs statements one after another.
func (d *database) do(ctx context.Context, statements ...string) error {
	c, err := pgx.Connect(ctx, d.url)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	for _, s := range statements {
		if _, err := c.Exec(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// writer is a connection that writes one call's rows in one transaction and
// one round trip: what Postgres itself can do.
type writer struct {
	conn  *pgx.Conn
	queue func(b *pgx.Batch, n int64)
}

func (w *writer) call(ctx context.Context, n int64) error {
	var b pgx.Batch
	w.queue(&b, n)
	return w.conn.SendBatch(ctx, &b).Close() // statements sent together are one transaction
}

func (w *writer) close() {
	_ = w.conn.Close(context.Background()) // nothing is under way on it
}

// writers opens as many connections as the load has.
func (d *database) writers(ctx context.Context, queue func(b *pgx.Batch, n int64)) ([]caller, error) {
	var out []caller
	for range connections {
		c, err := pgx.Connect(ctx, d.url)
		if err != nil {
			closeAll(out)
			return nil, fmt.Errorf("connect to Postgres: %w", err)
		}
		out = append(out, &writer{c, queue})
	}
	return out, nil
}
