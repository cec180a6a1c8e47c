// Package inbox takes in what people do, once, and answers it: it stores
// every event before its webhook is acknowledged, runs one turn at a time for
// each contact and commits what the turn made. Sending is the outbox's.
package inbox

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/group"
	"github.com/blockcast/blockcast/engine/outbox"
)

// Named limits; each has its reason in the design of run time.
const (
	batchWebhooks = 256              // webhooks in one commit
	batchBytes    = 1 << 20          // bytes in one commit
	maxAttempts   = 3                // runs of one interaction before it is failed
	leaseFor      = 60 * time.Second // of a contact, renewed between interactions and before each fetch
	turnBudget    = 20 * time.Second // over all fetches of a turn
	drainTurns    = 50               // visits to a contact before others have their turn
	profileMaxAge = 7 * 24 * time.Hour
)

// ErrBusy means an event was not committed in time: answer the platform so
// that it sends it again.
var ErrBusy = group.ErrBusy

// Config is what an Inbox is made of. None may be nil but Media and
// Metrics' fields.
type Config struct {
	Deps      engine.Deps
	Engine    *engine.Engine
	Libraries *engine.Libraries
	Store     Store
	Directory outbox.Directory
	Outbox    *outbox.Outbox
	Channels  map[string]channels.Channel
	Bells     Bells
	Secrets   func(ctx context.Context, botID string) func(name string) (string, bool)
	Owner     string // names this process in leases
	// Media keeps what a person sent and answers where we serve it; the error says
	// in words for a flow's author why that cannot be. nil: nothing is kept.
	Media   func(ctx context.Context, a *engine.Account, contactID int64, r *blocks.Received) (*blocks.Received, error)
	Metrics Metrics
}

// Bells tells workers that a contact has something to be answered, or a
// profile to be fetched. Ringing returns at once and never fails.
type Bells interface {
	RingContact(id int64, at time.Time)
	RingProfile(identityID int64)
}

// Metrics is told what happens, for whoever counts.
type Metrics struct {
	Stored func(events int)
	Poison func()
	Turn   func(outcome string, took time.Duration)
	// Answered tells how long what a person did waited until its turn was
	// committed.
	Answered func(after time.Duration)
}

// Inbox takes events in and answers them. It is safe for concurrent use;
// several may run over one database.
type Inbox struct {
	Config
	log    *slog.Logger
	accept *group.Committer[Batch, struct{}]
	looked atomic.Int64 // the contact the reconciler's last look ended at, 0 when it saw all
}

// New makes an Inbox; Start runs it.
func New(c Config) *Inbox {
	in := &Inbox{Config: c, log: c.Deps.Log}
	in.accept = group.New(group.Config[Batch, struct{}]{Commit: in.commit, Size: weigh, MaxItems: batchWebhooks, MaxBytes: batchBytes})
	return in
}

// Start lets Accept commit. ctx must outlive every caller.
func (in *Inbox) Start(ctx context.Context) { in.accept.Start(ctx) }

// Stop commits what was taken and takes nothing more.
func (in *Inbox) Stop() { in.accept.Stop() }

// weigh is about how many bytes a webhook's events take in the commit.
func weigh(b Batch) int {
	const row = 256
	n := row * len(b.Receipts)
	for i := range b.Arrivals {
		a := &b.Arrivals[i]
		n += row + len(a.Inbound.Data)
		if a.Inbound.Input != nil {
			n += len(a.Inbound.Input.Text)
		}
	}
	return n
}

var errStopping = errors.Join(ErrBusy, group.ErrStopped)
