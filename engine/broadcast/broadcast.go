// Package broadcast gives one thing to many people: it writes an audience into
// the ledger, works its rows off in batches, pauses, resumes and cancels, and
// ends when nothing of it is open. What becomes of a single row is the
// outbox's.
package broadcast

import (
	"context"
	"log/slog"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// Named sizes and times of broadcasts.
const (
	freezeSize      = 10_000          // contacts in one transaction: a webhook never waits behind more
	batchRows       = 500             // of one visit to a range
	batchLease      = 2 * time.Minute // longer than a batch may take
	lanes           = 4               // ranges of a run worked at once
	openRuns        = 200             // runs one tick looks at
	dueBroadcasts   = 50              // scheduled ones one tick starts
	cancelRows      = 5_000           // closed in one statement
	DefaultLateness = time.Hour       // after which a scheduled broadcast is missed
	DefaultExpiry   = 24 * time.Hour  // of a run's rows, from when they may go out
	MaxCategory     = 20              // characters
	MaxMessages     = 5               // of a broadcast's own
)

// Directory finds what a plan names.
type Directory interface {
	Bot(ctx context.Context, id string) (*engine.Bot, error)
	Account(ctx context.Context, id string) (*engine.Account, error)
	Accounts(ctx context.Context, botID string) ([]engine.Account, error)
}

// Config is what a Broadcasts is made of. None may be nil.
type Config struct {
	Deps      engine.Deps
	Store     Store
	Directory Directory
	Libraries *engine.Libraries
	Channels  map[string]channels.Channel // by kind
	Sender    Sender
	Outbox    Outbox
	Bells     Bells
	// Resolve turns an audience, without what it excludes, into a question about
	// each person. *engine.Error names the field and the place of a mistake.
	// nil: Audiences does.
	Resolve   func(ctx context.Context, botID string, a *engine.Audience) (*expression.Filter, error)
	Audiences *Audiences
	// Reachable says that people reach this instance at a public address, which
	// links that count taps lead to.
	Reachable bool
}

// Broadcasts runs broadcasts. It is safe for concurrent use; several may run
// over one database.
type Broadcasts struct {
	Config
	log *slog.Logger
}

// New makes a Broadcasts.
func New(c Config) *Broadcasts {
	if c.Resolve == nil {
		c.Resolve = c.Audiences.Resolve
	}
	return &Broadcasts{Config: c, log: c.Deps.Log}
}

var _ Directory = outbox.Directory(nil)
