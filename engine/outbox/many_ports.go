package outbox

import (
	"context"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// Bulk is what the ledger does for many rows of a run at once. Each method is
// one transaction whatever their number, and keeps for every row the promises
// of its like for one.
type Bulk interface {
	// OpenMany returns the first rows of a run by their ids that are to be had,
	// in that order. Nothing is written: each is claimed when it is begun. Fewer
	// than Limit means that there are no more.
	OpenMany(ctx context.Context, m Many) ([]Open, error)
	// Situations is Directory's Situation for many people of a bot, by their
	// identities; who is not known is left out.
	Situations(ctx context.Context, botID string, identityIDs []int64) (map[int64]*engine.Situation, error)
	// Addressees are Situations without what a block may ask of a person and of
	// the bot: the contact has its id, its bot and DoNotContact alone.
	Addressees(ctx context.Context, botID string, identityIDs []int64) (map[int64]*engine.Situation, error)
	// Renders returns renders by their ids; what is gone is left out.
	Renders(ctx context.Context, botID string, ids []string) (map[string]*engine.Render, error)
	// Groups returns multicast groups by their ids.
	Groups(ctx context.Context, ids []string) (map[string]*Group, error)
	// BeginMany is Claim, Prepare and Begin: rows are claimed as they were read,
	// what was prepared is kept, groups are written, and the rows that have a
	// route are sending. The rows that are ours are returned; of the others
	// nothing was written and nothing may be sent.
	BeginMany(ctx context.Context, b Beginning) (ours map[int64]bool, err error)
	// SkipCapped skips rows that are over a cap, of those that are begun one by
	// one, and returns which.
	SkipCapped(ctx context.Context, c Capping) (skipped map[int64]bool, err error)
	// EndMany is Finish and Release. Rows that somebody else has claimed since
	// they were read or begun are passed over. next are other deliveries that
	// are due and have waited for these people's.
	EndMany(ctx context.Context, e Endings) (next []int64, err error)
}

// Many asks for rows of a run, from one id to another.
type Many struct {
	RunID       string
	First, Last int64
	Limit       int
	Now         time.Time
}

// Open is a row that is to be had. Its AttemptID is that of whoever had it last.
type Open struct {
	Row     engine.Delivery
	GroupID string         // of the multicast that was under way, "" for none
	Effects *engine.Deltas // put on the contact when it is sent; nil: none
}

// Beginning is what is written before the calls of a batch, of one run.
type Beginning struct {
	Claim  Claim // of the rows that it claims
	Rows   []Begun
	Groups []Group // whose To is made of their rows that are ours
	Caps   []Cap   // rows over one are skipped instead
	Now    time.Time
}

// Begun is one row of a Beginning.
type Begun struct {
	Delivery *engine.Delivery
	Claims   bool      // the row was only read: it is claimed, if nobody else has it and its turn has come
	Prepared *Prepared // nil: it was prepared before
	Route    string    // of the call about to be made, "" for none
	GroupID  string    // of the multicast that is the call
	To       string    // the person's id on the platform, for a new group's record
}

// Endings is what is written after the calls of a batch.
type Endings struct {
	Outcomes []Outcome
	Releases []Release
	Now      time.Time
}

// Group is one multicast call: it is written before the call is made, never
// changed and only repeated whole.
type Group struct {
	ID         string
	AccountID  string
	RenderID   string
	Generation int      // how many refused groups it follows
	To         []string // the platform's ids, in the order of the call
	CreatedAt  time.Time
}

// Batch is a part of a run's rows for one visit.
type Batch struct {
	RunID       string
	First, Last int64
	Limit       int
	// Effects is put on the contacts of those the platform has taken; nil:
	// nothing is.
	Effects *engine.Deltas
	Track   engine.Tracking // of the run's links; "" is not
	Caps    []Cap           // that hold for the run's rows
	// Started is when what a pre-flight has held was let go: its rows expire at
	// Expires then, except those that wait for a later time of their own. Zero:
	// each expires as it says.
	Started, Expires time.Time
}

// Cap skips who got as many broadcasts of a category since a time.
type Cap struct {
	Category string // "": of any
	Most     int
	Since    time.Time
}

// Capping asks which rows are over a cap, just before they are sent.
type Capping struct {
	BotID string
	Rows  []*engine.Delivery // claimed, of one bot
	Caps  []Cap
	Now   time.Time
}

// Worked is what a visit came to.
type Worked struct {
	Next     int64         // where the next visit begins
	Done     bool          // nothing of the batch's ids is left for now
	Wait     time.Duration // until the next visit: the rate of an account is used up
	Troubles []Trouble     // refusals that concern more than one row, one of each kind
	Failed   int           // rows the platform refused for good
}

// Trouble is a refusal that concerns a whole account.
type Trouble struct {
	Kind      string // of channels.ErrorKind
	AccountID string
	Message   string // the platform's own words
}
