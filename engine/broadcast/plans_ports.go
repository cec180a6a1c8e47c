package broadcast

import (
	"context"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// Plans keeps what comes before a broadcast is sent. What is not a bot's own is
// *engine.Error with NotFound.
type Plans interface {
	// SaveWriting keeps what was written for a broadcast.
	SaveWriting(ctx context.Context, w *engine.Writing) error
	// PlansToSend returns a bot's broadcasts that are still to start, and those
	// that are under way.
	PlansToSend(ctx context.Context, botID string) ([]engine.Broadcast, error)
	// KeptFiles tells of each id whether the bot keeps a file of it.
	KeptFiles(ctx context.Context, botID string, ids []string) (map[string]bool, error)
	// PlaceBroadcast writes state and due time of an editable broadcast that is
	// still at its version. *engine.Error with Conflict: it is not.
	PlaceBroadcast(ctx context.Context, b *engine.Broadcast) error
	// TimeZones returns the zones of a bot's people, "" for those of whom none
	// is known.
	TimeZones(ctx context.Context, botID string) ([]string, error)

	// RouteLocks returns a bot's locks, the newest first; shut: only those that
	// hold.
	RouteLocks(ctx context.Context, botID string, shut bool) ([]engine.RouteLock, error)
	// LockRoute locks a route; one that is locked stays as it is.
	LockRoute(ctx context.Context, l *engine.RouteLock) error
	// UnlockRoute ends a lock, with who ended it and why. *engine.Error with
	// Conflict: it was unlocked already.
	UnlockRoute(ctx context.Context, botID, id, by, note string, now time.Time) (*engine.RouteLock, error)

	// EndRun finishes a run that runs, and its broadcast, which is scheduled
	// again when due is not zero; false when the run runs no more.
	EndRun(ctx context.Context, r *engine.Run, due time.Time, dueFor string, now time.Time) (bool, error)
	// SkipDisconnected closes open rows of a run whose account is disconnected,
	// some at a time, and returns how many.
	SkipDisconnected(ctx context.Context, runID string, now time.Time, limit int) (int, error)
	// OpenZones returns the zones of the people of a run's rows in a range of ids
	// that have not gone out; Postpone lets those of some zones wait until the
	// zones' times, and gives them as much time after that to go out.
	OpenZones(ctx context.Context, runID string, from, to int64) ([]string, error)
	Postpone(ctx context.Context, runID string, from, to int64, until map[string]time.Time, expires time.Duration) (int64, error)
	// StaleNames returns identities of a run's next open rows whose profile was
	// last asked for before a time, and moves the run's place on.
	// outbox.ErrLost: another does.
	StaleNames(ctx context.Context, r *engine.Run, before time.Time, limit int) ([]int64, error)

	// OpenCheck begins a pre-flight, beside which the broadcast stays as it is;
	// earlier ones of it are void. *engine.Error with Conflict: it has started,
	// or was changed meanwhile.
	OpenCheck(ctx context.Context, b *engine.Broadcast, r *engine.Run) error
	// Checks returns a broadcast's pre-flights, the newest first.
	Checks(ctx context.Context, botID, broadcastID string) ([]engine.Run, error)
	// VoidChecks ends pre-flights from before a time that nobody has started.
	VoidChecks(ctx context.Context, before time.Time, why string) (int64, error)
	// DropVoided deletes rows of a voided pre-flight, some at a time, and ends it
	// with the last; it returns how many.
	DropVoided(ctx context.Context, runID string, now time.Time, limit int) (int, error)
	// HeldRows returns the next rows of a pre-flight whose message is not made,
	// with their variants.
	HeldRows(ctx context.Context, r *engine.Run, limit int) ([]engine.Delivery, []string, error)
	// Renders returns renders by their ids, and Contact one person.
	Renders(ctx context.Context, botID string, ids []string) (map[string]*engine.Render, error)
	Contact(ctx context.Context, botID string, id int64) (*engine.Contact, error)
	// KeepMade writes what was made of rows, with the run's findings, and how far
	// that is; done holds the run ready. outbox.ErrLost: another has done so, or
	// the run is void.
	KeepMade(ctx context.Context, r *engine.Run, made []Made, to int64, done bool, now time.Time) error
	// CountRoutes returns how the rows of a run stand, by account and way.
	CountRoutes(ctx context.Context, runID string) ([]RouteCount, error)
	// StartCheck lets a held pre-flight run, with its broadcast, once; false when
	// either is not as it was.
	StartCheck(ctx context.Context, r *engine.Run, now time.Time) (bool, error)
}

// Outbox makes messages and sends single ones.
type Outbox interface {
	// Make runs the blocks of rows for their people and returns what each comes
	// to, of fewer than all when it is until; nothing is written. track is how
	// taps on their links are counted. An error is ours: try again.
	Make(ctx context.Context, rows []engine.Delivery, track engine.Tracking, until time.Time) ([]outbox.Made, error)
	// Accept orders a single send.
	Accept(ctx context.Context, ord outbox.Order) (*outbox.Accepted, error)
}

// Made is what became of one row of a pre-flight.
type Made struct {
	ID int64
	outbox.Made
}

// RouteCount is how many rows of one account and variant stand alike.
type RouteCount struct {
	AccountID string
	Variant   string
	Route     string // of held rows: push or template
	Status    engine.Status
	Reason    string
	People    int64
	Renders   int64 // different ones
}
