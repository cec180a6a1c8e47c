package console

import (
	"bufio"
	"context"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/server/api"
	"github.com/blockcast/blockcast/server/token"
	"github.com/blockcast/blockcast/store"
)

// Broadcasts makes, changes and starts broadcasts.
type Broadcasts interface {
	Create(ctx context.Context, botID string, p engine.Plan) (*engine.Broadcast, error)
	Edit(ctx context.Context, botID, id string, version int, p engine.Plan) (*engine.Broadcast, error)
	// Versions are what it was to do, the newest first.
	Versions(ctx context.Context, botID, id string) ([]broadcast.Version, error)
	Schedule(ctx context.Context, botID, id string) (*engine.Broadcast, error)
	// Begin starts a broadcast, or exactly what a pre-flight has made of it.
	Begin(ctx context.Context, botID, id string, how broadcast.Beginning) (*engine.Run, error)
	// Prepare begins a pre-flight: all is made and nothing goes out.
	Prepare(ctx context.Context, botID, id string) (*engine.Run, error)
	// Preflight is the newest one; NotFound when there is none.
	Preflight(ctx context.Context, botID, id string) (*broadcast.Preflight, error)
	// Estimate counts whom an audience means and how they would be reached.
	Estimate(ctx context.Context, botID string, of broadcast.Asked) (*broadcast.Estimate, error)
	Pause(ctx context.Context, botID, id, reason string) (*engine.Run, error)
	Resume(ctx context.Context, botID, id string) (*engine.Run, error)
	Cancel(ctx context.Context, botID, id string) (*engine.Run, error)
	// Says returns the id of the block that says a plan.
	Says(ctx context.Context, botID string, p *engine.Plan) (string, error)
	// Report counts the newest run that has begun.
	Report(ctx context.Context, botID, id, runID string) (*broadcast.Report, error)
	Recipients(ctx context.Context, botID, id, runID string, f broadcast.Filter, p engine.Page) (items []broadcast.Recipient, next string, err error)
	// Retry queues again what failed for a while.
	Retry(ctx context.Context, botID, id, runID string) (*engine.Run, int, error)
	// Why finds a person's rows, or says what would be decided now.
	Why(ctx context.Context, botID, id, runID string, c *engine.Contact, addresses []engine.Identity) (*broadcast.Verdict, error)
	// List keeps those of a run whom a filter takes.
	List(ctx context.Context, botID, id, runID string, f broadcast.Filter, name string) (list string, people int64, err error)
	// TestSend sends to a few people what no report counts.
	TestSend(ctx context.Context, botID, id string, to []outbox.Recipient) ([]broadcast.Test, error)
	// Locks are ways that are locked; all: also those that were.
	Locks(ctx context.Context, botID string, all bool) ([]engine.RouteLock, error)
	Unlock(ctx context.Context, botID, lockID, by, note string) (*engine.RouteLock, error)
	// Delete removes a draft that never ran.
	Delete(ctx context.Context, botID, id string) error
	// Again makes a draft for those of a run whom a filter takes.
	Again(ctx context.Context, botID, id, runID string, f broadcast.Filter) (*engine.Broadcast, int64, error)
}

// Store reads what the page shows. What is not a bot's own is *engine.Error
// with NotFound.
type Store interface {
	Bot(ctx context.Context, id string) (*engine.Bot, error)
	Accounts(ctx context.Context, botID string) ([]engine.Account, error)
	ListBlocks(ctx context.Context, botID string) ([]engine.BlockInfo, error)
	Broadcast(ctx context.Context, botID, id string) (*engine.Broadcast, error)
	ListBroadcasts(ctx context.Context, botID string, state engine.BroadcastState, p engine.Page) (items []engine.Broadcast, next string, err error)
	ListContacts(ctx context.Context, botID, search string, p engine.Page) (items []engine.Contact, next string, err error)
	Segments(ctx context.Context, botID string) ([]engine.Segment, error)
	ListLists(ctx context.Context, botID string, p engine.Page) (items []engine.PeopleList, next string, err error)
	ListRefusals(ctx context.Context, botID, id string, p engine.Page) (items []engine.RefusedRow, next string, err error)
	// Contact is nil where the bot knows nobody of this number.
	Contact(ctx context.Context, botID string, id int64) (*engine.Contact, error)
	// Story is a delivery with all that is known about it.
	Story(ctx context.Context, botID string, deliveryID int64) (*engine.Story, error)
	IdentitiesOf(ctx context.Context, botID string, contactIDs []int64) ([]engine.Identity, error)
}

// Tokens are what people sign in with.
type Tokens interface {
	token.Finder
	// RotateToken gives a token another secret, once: the second of two that try
	// is NotFound.
	RotateToken(ctx context.Context, botID, nameOrHash, hash string, until, now time.Time) (engine.Token, error)
}

// Calls are those of the API that the page makes, too, for whoever has signed
// in.
type Calls interface {
	// ListOfFile makes a list of a CSV file.
	ListOfFile(ctx context.Context, bot *engine.Bot, name string, file []byte) (*engine.PeopleList, error)
	// RecipientsFile returns what writes some of a run's people as CSV.
	RecipientsFile(ctx context.Context, bot *engine.Bot, broadcastID, runID string, f broadcast.Filter) (func(*bufio.Writer), error)
	// ReadPlan makes the attributes of a plan what they are declared to be.
	ReadPlan(ctx context.Context, bot *engine.Bot, p *engine.Plan) error
	// SaveSegment saves an audience under a name and returns its id.
	SaveSegment(ctx context.Context, bot *engine.Bot, name string, of engine.Audience) (string, error)
	// StoryLines tell in words what became of a delivery.
	StoryLines(ctx context.Context, bot *engine.Bot, s *engine.Story) []string
}

// Previewer says what one person would get.
type Previewer interface {
	Accept(ctx context.Context, o outbox.Order) (*outbox.Accepted, error)
}

var (
	_ Broadcasts = (*broadcast.Broadcasts)(nil)
	_ Store      = (*store.DB)(nil)
	_ Tokens     = (*store.DB)(nil)
	_ Calls      = (*api.API)(nil)
	_ Previewer  = (*outbox.Outbox)(nil)
)
