package store

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/blockcast/blockcast/migrations"
)

// postgresConns is the pool's size when neither the configuration nor the
// address (pool_max_conns) gives one.
const postgresConns = 16

// postgresBackend runs scripts through pgx; gorm shares its pool.
type postgresBackend struct {
	db   *DB
	pool *pgxpool.Pool
	sql  *sql.DB
	// texts are statements as Postgres takes them, by textKey.
	texts sync.Map
}

func (d *DB) openPostgres(ctx context.Context, c Config) error {
	config, err := pgxpool.ParseConfig(c.URL)
	if err != nil {
		return fmt.Errorf("read the database's address: %w", err)
	}
	if !strings.Contains(c.URL, "pool_max_conns") {
		config.MaxConns = postgresConns
	}
	if c.MaxConns > 0 {
		config.MaxConns = int32(c.MaxConns)
	}
	if _, named := config.ConnConfig.RuntimeParams["application_name"]; !named {
		config.ConnConfig.RuntimeParams["application_name"] = "blockcast"
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return err
	}
	b := &postgresBackend{db: d, pool: pool, sql: stdlib.OpenDBFromPool(pool)}
	d.backend = b
	if d.gorm, err = gorm.Open(postgres.New(postgres.Config{Conn: b.sql}), d.gormConfig()); err != nil {
		return b.fail(err)
	}
	d.reader = d.gorm
	return nil
}

// gormConfig is the same on both databases; see the design's measured rules.
func (d *DB) gormConfig() *gorm.Config {
	return &gorm.Config{TranslateError: true, SkipDefaultTransaction: true, DisableAutomaticPing: true,
		NowFunc: d.now, Logger: logger.Discard}
}

func (b *postgresBackend) fail(err error) error {
	_ = b.close()
	return err
}

func (b *postgresBackend) close() error {
	err := b.sql.Close()
	b.pool.Close()
	return err
}

func (b *postgresBackend) ping(ctx context.Context) error { return b.pool.Ping(ctx) }

func (b *postgresBackend) migrate(ctx context.Context, log *slog.Logger) error {
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return err
	}
	p, err := b.schema(goose.WithSessionLocker(locker))
	if err != nil {
		return err
	}
	return migrate(ctx, p, log)
}

func (b *postgresBackend) pending(ctx context.Context) (bool, error) {
	p, err := b.schema()
	if err != nil {
		return false, err
	}
	return p.HasPending(ctx)
}

func (b *postgresBackend) schema(options ...goose.ProviderOption) (*goose.Provider, error) {
	return schema(goose.DialectPostgres, b.sql, migrations.Postgres, "postgres", options...)
}
