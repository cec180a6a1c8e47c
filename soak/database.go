package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"time"

	_ "github.com/glebarez/sqlite" // brings the driver sqlite
	_ "github.com/jackc/pgx/v5/stdlib"
)

// dropTime is how long dropping a database may take.
const dropTime = time.Minute

// database is where a run keeps everything, as soak reads it.
type database struct {
	*sql.DB
	drop func() error
}

// openSQLite reads the file of an embedded instance, beside it.
func openSQLite(path string) (*database, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(10000)")
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	return &database{DB: db, drop: func() error { return nil }}, nil
}

// makePostgres makes an empty database on a server.
func makePostgres(ctx context.Context, server, name string) (_ *database, err error) {
	u, err := url.Parse(server)
	if err != nil {
		return nil, errors.New(postgresVariable + " is no URL") // the error would quote the password
	}
	admin, err := sql.Open("pgx", server)
	if err != nil {
		return nil, fmt.Errorf("connect to Postgres: %w", err)
	}
	defer func() { err = errors.Join(err, admin.Close()) }()
	if _, err := admin.ExecContext(ctx, "CREATE DATABASE "+name); err != nil {
		return nil, fmt.Errorf("make the database: %w", err)
	}
	u.Path = "/" + name
	db, err := sql.Open("pgx", u.String())
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	return &database{DB: db, drop: func() (err error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), dropTime)
		defer cancel()
		admin, err := sql.Open("pgx", server)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, admin.Close()) }()
		if _, err := admin.ExecContext(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			return fmt.Errorf("drop the database %s: %w", name, err)
		}
		return nil
	}}, nil
}

// end closes the database and removes it.
func (d *database) end() error { return errors.Join(d.Close(), d.drop()) }

// count is the one number a query asks for.
func (d *database) count(ctx context.Context, query string) (n int, err error) {
	if err := d.QueryRowContext(ctx, query).Scan(&n); err != nil {
		return 0, fmt.Errorf("%s: %w", query, err)
	}
	return n, nil
}
