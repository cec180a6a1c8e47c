package inbox

import (
	"context"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// Store keeps what comes in and what turns make of it.
type Store interface {
	outbox.Leases

	// StoreArrivals commits a batch in one transaction: event keys (a known
	// (account, key) is a redelivery and changes nothing), identities and their
	// contacts where new, last_inbound_at, blocked and its end, interactions,
	// receipts. The batch holds no two arrivals with the same (account, key)
	// and is sorted by them. It returns the contacts that have something new to
	// be answered.
	StoreArrivals(ctx context.Context, b Batch) ([]int64, error)
	// Away reports whether an error means that the database could not be
	// reached or asked just now, rather than that it refused the data.
	Away(err error) bool
	// KeepWarning keeps a platform's word about an account, and pauses it when it
	// can send nothing any more; one that is known changes nothing.
	KeepWarning(ctx context.Context, a *engine.Account, w engine.AccountWarning, pause bool) error
	// StorePoison keeps an arrival that cannot be stored, with its error.
	StorePoison(ctx context.Context, a Arrival, cause string) error

	// Visit is TakeLease, and in the same commit it raises the attempt of the
	// contact's oldest unanswered interaction, which it returns: nil when there
	// is none. No other visit may have the same owner.
	Visit(ctx context.Context, contactID int64, owner string, now, until time.Time) (*outbox.Lease, *engine.Interaction, time.Time, error)
	// CommitTurn writes all a turn made, in one transaction, under the lease:
	// outbox.ErrLost means nothing was written. What the person was sent within
	// ReplyWithin before they wrote is replied to, where it was not before.
	CommitTurn(ctx context.Context, l *outbox.Lease, t Turn) (Committed, error)
	// Wake makes due what has waited for the end of a person's conversation.
	Wake(ctx context.Context, identityID int64, now time.Time) error
	// DueSession returns the identity of a contact whose session's wait ended
	// before now, 0 when there is none.
	DueSession(ctx context.Context, contactID int64, now time.Time) (identityID int64, err error)

	// Waits reports whether there is something to do for a contact: an unanswered
	// interaction, a session whose wait is over, a due delivery newer than seen.
	Waits(ctx context.Context, contactID, seen int64, now time.Time) (bool, error)

	// DueTimer returns what was planned for one of a contact's identities and is
	// due first, nil when nothing is.
	DueTimer(ctx context.Context, contactID int64, now time.Time) (*engine.Timer, error)
	// EndTimer writes under the lease what became of a timer that rang, in one
	// transaction, and returns the delivery it made, if any. A timer that was
	// replaced or taken back meanwhile changes nothing.
	EndTimer(ctx context.Context, l *outbox.Lease, r Rung) (deliveryID int64, err error)

	// BotOfIdentity returns the bot an identity belongs to.
	BotOfIdentity(ctx context.Context, identityID int64) (string, error)
	// Render returns a render, nil when it is gone.
	Render(ctx context.Context, botID, id string) (*engine.Render, error)
	// DeliveryOfRender finds the newest delivery of a render to an identity, 0
	// when there is none.
	DeliveryOfRender(ctx context.Context, renderID string, identityID int64) (int64, error)

	// DueContacts returns contacts with an interaction left unanswered, or a
	// session whose wait ended, before the given time, whose lease is free and
	// whose bot is not paused; with ids beyond after, by their ids.
	DueContacts(ctx context.Context, before time.Time, after int64, limit int) ([]int64, error)
	// ComingContacts returns contacts for whom a wait ends, or something planned
	// comes, after now, but not after until.
	ComingContacts(ctx context.Context, now, until time.Time, limit int) ([]outbox.Coming, error)
	// EndHandovers gives conversations whose time is over back to the bot and
	// returns how many.
	EndHandovers(ctx context.Context, now time.Time, limit int) (int, error)
	// ApplyReceipts applies and deletes stored receipts in bulk, by rank;
	// those that match nothing stay ten minutes. It returns how many it applied.
	ApplyReceipts(ctx context.Context, now time.Time, limit int) (int, error)

	// SaveProfile keeps what the platform told of a person: it fills the
	// contact's facts that nobody else has set, and notes profile_at also when p
	// is nil.
	SaveProfile(ctx context.Context, identityID int64, p *channels.Profile, now time.Time) error
}

// ReplyWithin is how long after something was sent what the person writes
// counts as a reply to it.
const ReplyWithin = 48 * time.Hour

// Batch is what one commit takes.
type Batch struct {
	Arrivals []Arrival
	Receipts []Receipt
	Now      time.Time
}

// Withdrawn is the event of an Arrival by which somebody took a message back; its
// Data is the platform's id of that message. What was kept of it goes with it.
const Withdrawn = string(channels.Unsent)

// Arrival is one thing a person did, about to be stored.
type Arrival struct {
	BotID      string
	AccountID  string
	EventKey   string
	From       string
	Group      bool
	Kind       engine.InteractionKind
	OccurredAt time.Time
	ReceivedAt time.Time
	ReplyToken string
	Standby    bool
	Opens      bool // of DidOther: the platform counts it as the person's writing
	Inbound    engine.Inbound
}

// Receipt is a platform's word about our messages, about to be stored.
type Receipt struct {
	AccountID string
	channels.Receipt
}

// Turn is what a turn commits.
type Turn struct {
	BotID         string
	InteractionID int64 // 0 for a timer
	IdentityID    int64
	ContactID     int64
	Outcome       string
	Error         string
	Closed        bool         // the interaction is answered; false leaves it for another attempt
	Turn          *engine.Turn // nil when the interaction failed
	Deliveries    []engine.Delivery
	Renders       []engine.Render // by index of Deliveries
	Take          *outbox.Taking  // of its only delivery; nil: it is claimed by whoever is rung for
	Tap           *Tap
	Wrote         time.Time // when the person wrote; zero where they did something else, or nobody did anything
	Now           time.Time
}

// Committed is what a turn's commit made.
type Committed struct {
	Deliveries []int64       // by index of the turn's
	Taken      *outbox.Taken // nil: none was to be claimed, or it was not to be had now
}

// Rung is what became of a timer whose time had come.
type Rung struct {
	Timer    *engine.Timer
	Delivery *engine.Delivery // nil: it is called off, or postponed
	Send     engine.Send      // of Delivery
	Postpone time.Time        // zero: the timer ends
	Events   []engine.Event
	Now      time.Time
}

// Tap is a tap on a button of ours.
type Tap struct {
	DeliveryID int64
	RenderID   string
	Button     int
	Place      string // where the button stands; see outbox.Places
	Title      string // what stands on it
	At         time.Time
}
