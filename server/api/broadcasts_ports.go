package api

import (
	"context"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/outbox"
)

// Broadcasts plans and runs what goes to many, and tells what became of it.
type Broadcasts interface {
	Audiences

	// MayCount refuses a bot's setting that counts taps where no link could lead.
	MayCount(t engine.Tracking) error
	Create(ctx context.Context, botID string, p engine.Plan) (*engine.Broadcast, error)
	Edit(ctx context.Context, botID, id string, version int, p engine.Plan) (*engine.Broadcast, error)
	Delete(ctx context.Context, botID, id string) error
	// Versions are what it was to do, the newest first; Version is one of them.
	Versions(ctx context.Context, botID, id string) ([]broadcast.Version, error)
	Version(ctx context.Context, botID, id string, number int) (*broadcast.Version, error)
	Schedule(ctx context.Context, botID, id string) (*engine.Broadcast, error)
	// Begin starts it; a pre-flight that is started twice is started once.
	Begin(ctx context.Context, botID, id string, how broadcast.Beginning) (*engine.Run, error)
	Prepare(ctx context.Context, botID, id string) (*engine.Run, error)
	Preflight(ctx context.Context, botID, id string) (*broadcast.Preflight, error)
	TestSend(ctx context.Context, botID, id string, to []outbox.Recipient) ([]broadcast.Test, error)
	// Locks are routes that are locked; all: also those that were.
	Locks(ctx context.Context, botID string, all bool) ([]engine.RouteLock, error)
	Unlock(ctx context.Context, botID, lockID, by, note string) (*engine.RouteLock, error)
	Pause(ctx context.Context, botID, id, reason string) (*engine.Run, error)
	Resume(ctx context.Context, botID, id string) (*engine.Run, error)
	// Cancel returns no run for one that never ran.
	Cancel(ctx context.Context, botID, id string) (*engine.Run, error)
	// Report counts the newest run, or the one that is named.
	Report(ctx context.Context, botID, id, runID string) (*broadcast.Report, error)
	Recipients(ctx context.Context, botID, id, runID string, f broadcast.Filter, p engine.Page) (items []broadcast.Recipient, next string, err error)
	// Why finds a person's rows, or says what would be decided now.
	Why(ctx context.Context, botID, id, runID string, c *engine.Contact, addresses []engine.Identity) (*broadcast.Verdict, error)
	// Retry queues what failed for a while and returns how many that were.
	Retry(ctx context.Context, botID, id, runID string) (*engine.Run, int, error)
	List(ctx context.Context, botID, id, runID string, f broadcast.Filter, name string) (list string, people int64, err error)
	// Again makes a draft of the same for those a filter takes.
	Again(ctx context.Context, botID, id, runID string, f broadcast.Filter) (of *engine.Broadcast, people int64, err error)
}

var _ Broadcasts = (*broadcast.Broadcasts)(nil)

// Plans are broadcasts and their runs as they are kept.
type Plans interface {
	Broadcast(ctx context.Context, botID, id string) (*engine.Broadcast, error)
	// ListBroadcasts returns a bot's, the newest first; state "" does not narrow.
	ListBroadcasts(ctx context.Context, botID string, state engine.BroadcastState, p engine.Page) (items []engine.Broadcast, next string, err error)
	// ListRuns returns a broadcast's runs, the newest first.
	ListRuns(ctx context.Context, botID, broadcastID string) ([]engine.Run, error)
}
