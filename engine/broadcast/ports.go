package broadcast

import (
	"context"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/policy"
)

// Store keeps broadcasts and works their rows in bulk. What is not a bot's own
// is *engine.Error with NotFound.
type Store interface {
	Endings
	Reports
	Plans
	Versions
	CreateBroadcast(ctx context.Context, b *engine.Broadcast) error
	Broadcast(ctx context.Context, botID, id string) (*engine.Broadcast, error)
	ListBroadcasts(ctx context.Context, botID string, state engine.BroadcastState, p engine.Page) ([]engine.Broadcast, string, error)
	// EditBroadcast writes plan, state and due time of an editable broadcast and
	// raises its version. *engine.Error with Conflict: it was changed meanwhile,
	// or has started.
	EditBroadcast(ctx context.Context, b *engine.Broadcast) error
	// DueBroadcasts returns scheduled ones whose time has come, the earliest first.
	DueBroadcasts(ctx context.Context, now time.Time, limit int) ([]engine.Broadcast, error)
	// MissBroadcast marks one that is still scheduled for the same time.
	MissBroadcast(ctx context.Context, b *engine.Broadcast, reason string, now time.Time) error

	// OpenRun begins the next run of a broadcast and sets the broadcast
	// running, in one transaction. *engine.Error with Conflict: it was started,
	// changed or canceled meanwhile.
	OpenRun(ctx context.Context, b *engine.Broadcast, r *engine.Run) error
	// Run returns a run by its id, RunNumbered by the number bells name it by;
	// that is nil when there is none.
	Run(ctx context.Context, botID, id string) (*engine.Run, error)
	RunNumbered(ctx context.Context, number int64) (*engine.Run, error)
	ListRuns(ctx context.Context, botID, broadcastID string) ([]engine.Run, error)
	// OpenRuns returns those that are not over, round robin over bots.
	OpenRuns(ctx context.Context, now time.Time, limit int) ([]engine.Run, error)
	// MoveRun changes the state of a run and its broadcast's with it, from one of
	// some states; false when it is in none of them.
	MoveRun(ctx context.Context, r *engine.Run, from []engine.RunState, to engine.RunState, reason string, now time.Time) (bool, error)
	// CancelRows closes open rows of a canceled run that nobody holds, some at a
	// time, and returns how many.
	CancelRows(ctx context.Context, runID string, now time.Time, limit int) (int, error)
	// CloseRun ends a canceled run once nothing of it is open.
	CloseRun(ctx context.Context, runID string, now time.Time) error

	// Freeze writes down the part of the audience that comes after
	// r.FrozenTo and moves that on, in one transaction; done when there is no
	// more, which also ends the freezing. Another who froze meanwhile is
	// outbox.ErrLost.
	Freeze(ctx context.Context, f Freezing) (done bool, err error)

	// TakeRange takes a range of a running run until a time, with its run; nil
	// when it is done, taken, or the run does not run.
	TakeRange(ctx context.Context, id int64, now, until time.Time) (*engine.Range, *engine.Run, error)
	// LeaveRange gives a range up with its place written; done ends it.
	LeaveRange(ctx context.Context, r *engine.Range, done bool, now time.Time) error
	// FreeRanges returns ranges of a run that nobody has, at most as many as
	// keep the number of those that are had at most at lanes.
	FreeRanges(ctx context.Context, runID string, now time.Time, lanes int) (free []int64, open bool, err error)
	// NextRound makes a range of what was left of a running run whose ranges are
	// all done, if something of it is due and may be worked. Where nothing is,
	// the run is left out of OpenRuns for a few seconds.
	NextRound(ctx context.Context, runID string, now time.Time) (Leftover, error)

	// Count returns how the rows of a run stand.
	Count(ctx context.Context, runID string) (Counts, error)
}

// Freezing is one step of writing an audience down.
type Freezing struct {
	Run      *engine.Run
	Filter   *expression.Filter
	Accounts []Reach // the preferred first
	Spread   Spread  // over which variants are shared
	Zoned    bool    // Accounts differ by the person's time zone
	Caps     []Cap
	Each     bool // every identity of a person, not the best one
	Left     int  // of the plan's First, 0: no bound
	Size     int  // contacts to ask
	Status   engine.Status
	Expires  time.Time
	Now      time.Time
}

// Reach is how people are reached on one account: all of them, or those of one
// variant, or of one time zone.
type Reach struct {
	Place     int // of the account among those of the plan: 0 is preferred
	AccountID string
	BlockID   string // of what is said
	Skip      policy.Many
	Window    time.Time // a free message may go to who was heard after it; zero: to all
	Locked    bool      // the account may not send such messages until a person unlocks it

	Variant  string
	From, To int64 // whose number of Freezing.Spread is between them
	HeldOut  bool  // they are to get nothing

	Zone      string    // of those whose own zone it is; "" of all for whom there is no other
	NotBefore time.Time // zero: at once
	Expires   time.Time // zero: Freezing.Expires
	Quiet     bool      // NotBefore is the end of quiet hours
	Missed    bool      // their time has passed by too much
}

// Cap skips who got as many broadcasts of a category since a time.
type Cap = outbox.Cap

// Leftover is what remains of a run whose ranges are done.
type Leftover struct {
	Open  bool  // rows are open
	Range int64 // made for those that are due, 0 when none is
}

// Counts are how the rows of a run stand; all of them together are the
// audience.
type Counts struct {
	ByStatus map[engine.Status]int64
	Skipped  map[string]int64 // by reason
	Failed   map[string]int64 // by class
}

// Bells tells workers what of a broadcast is ready. Ringing never fails: a bell
// that is lost is rung again by the next tick.
type Bells interface {
	RingRun(number int64, at time.Time)
	RingRange(id int64, at time.Time)
	RingProfile(identityID int64)
}

// Sender works rows off.
type Sender interface {
	// DeliverMany works a batch of a run's rows off and returns where the next
	// visit begins, also with an error.
	DeliverMany(ctx context.Context, b outbox.Batch) (outbox.Worked, error)
}
