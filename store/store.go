// Package store keeps everything in a database: Postgres in production, one
// SQLite file when embedded. It is the only package that knows SQL. It decides
// nothing: what the rows mean is said by the packages that declare its ports,
// all of which one DB satisfies.
//
// Nouns are read and written through gorm, one file each. The paths that carry
// the load are plain SQL, one statement for a whole batch; the same text runs
// on both databases, which differ in how a batch of rows is handed over (see
// input), in how statements travel (see conn) and in little else.
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/group"
	"github.com/blockcast/blockcast/engine/inbox"
	"github.com/blockcast/blockcast/engine/outbox"
)

var (
	_ inbox.Store      = (*DB)(nil)
	_ outbox.Ledger    = (*DB)(nil)
	_ outbox.Directory = (*DB)(nil)
	_ outbox.Leases    = (*DB)(nil)
)

// Config says which database and what of the outside world the store uses.
type Config struct {
	URL    string           // postgres://… or the path of a SQLite file
	Now    func() time.Time // required; engine.Deps.Now
	NewID  func() string    // required; engine.Deps.NewID
	Cipher Cipher           // nil stores secrets as they are: tests only
	Log    *slog.Logger     // nil logs nothing
	// OnNotice is called after a commit that outgoing webhooks are to be told
	// of; nil: nobody is. It must return at once.
	OnNotice func()
	MaxConns int // default 16 on Postgres, 4 readers on SQLite
}

// DB is the database. It is safe for concurrent use; several processes may
// share one Postgres.
type DB struct {
	postgres bool
	now      func() time.Time
	newID    func() string
	cipher   Cipher
	log      *slog.Logger
	onNotice func()
	backend  backend
	gorm     *gorm.DB    // writes, and reads inside a transaction
	reader   *gorm.DB    // reads; on Postgres the same
	current  atomic.Bool // the schema is known to be this program's
	writers  *group.Committer[build, error]
	readers  *group.Committer[func() *script, error]
	people   *group.Committer[sought, *outbox.People]

	bots       *cache[string, engine.Bot]
	tokens     *cache[string, engine.Token]
	accounts   *cache[string, engine.Account]
	attributes *cache[string, map[string]engine.Attribute]
	aliases    *cache[aliasKey, string]
	secrets    *cache[string, map[string]string]
	counts     *cache[string, map[string]int64]
}

// backend is one kind of database behind DB.
type backend interface {
	// begin opens a transaction; nothing may be sent to the database before
	// the first statement is.
	begin(ctx context.Context) (transaction, error)
	// read runs statements that change nothing.
	read(ctx context.Context, s *script) error
	// joint opens a transaction that gorm and scripts share.
	joint(ctx context.Context) (joint, error)
	ping(ctx context.Context) error
	migrate(ctx context.Context, log *slog.Logger) error
	pending(ctx context.Context) (bool, error) // whether migrations are missing
	close() error
}

// Open connects to the database; Migrate must have run before anything else is
// asked of it.
func Open(ctx context.Context, c Config) (*DB, error) {
	if c.URL == "" || c.Now == nil || c.NewID == nil {
		return nil, errors.New("open store: URL, Now and NewID are required")
	}
	d := &DB{now: c.Now, newID: c.NewID, cipher: c.Cipher, log: c.Log, onNotice: c.OnNotice, postgres: isPostgres(c.URL)}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	d.bots = newCache[string, engine.Bot](c.Now, readAge)
	d.tokens = newCache[string, engine.Token](c.Now, readAge)
	d.accounts = newCache[string, engine.Account](c.Now, readAge)
	d.attributes = newCache[string, map[string]engine.Attribute](c.Now, readAge)
	d.aliases = newCache[aliasKey, string](c.Now, readAge)
	d.secrets = newCache[string, map[string]string](c.Now, readAge)
	d.counts = newCache[string, map[string]int64](c.Now, countAge)
	open := d.openSQLite
	if d.postgres {
		open = d.openPostgres
	}
	if err := open(ctx, c); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	d.startTogether()
	return d, nil
}

func isPostgres(url string) bool {
	return strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://")
}

// Driver is postgres or sqlite.
func (d *DB) Driver() string {
	if d.postgres {
		return "postgres"
	}
	return "sqlite"
}

// Close waits for running statements and closes all connections.
func (d *DB) Close() error {
	d.stopTogether()
	return d.backend.close()
}

// Ping reports whether the database answers.
func (d *DB) Ping(ctx context.Context) error {
	if err := d.backend.ping(ctx); err != nil {
		return fmt.Errorf("ping database: %w", err)
	}
	return nil
}

// Clock is the database's time, by which all processes set theirs. It is the
// only statement that asks the database for it.
func (d *DB) Clock(ctx context.Context) (time.Time, error) {
	query := "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')"
	if d.postgres {
		query = "SELECT clock_timestamp()"
	}
	var t time.Time
	s := new(script)
	s.query(query).one(moment(&t))
	if err := d.read(ctx, s); err != nil {
		return time.Time{}, fmt.Errorf("read the database's clock: %w", err)
	}
	return t, nil
}
