package outbox

import (
	"context"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
)

// Ledger is the state machine of deliveries over a database. Every method is
// one transaction or one statement; a state changes only upwards in rank and
// only for the attempt that names itself, so late truth is never lost and a
// lost lease never overwrites.
type Ledger interface {
	Bulk

	// Accept stores many orders in one transaction: contact deltas, sends,
	// deliveries and idempotency keys. The results are in the order of the
	// input. An order whose (token, key) is known is not stored: its result is
	// the first one, Repeated, or a Conflict error when the body differs.
	Accept(ctx context.Context, orders []Stored) ([]Result, error)

	// Claim takes one delivery for an attempt: it must be queued and due, or
	// sending with a lease that ran out (Status in the returned row is the one
	// before the claim, which changes none); its account active; and no earlier
	// open delivery of the same identity due, leased or already tried (that
	// order is kept). It sets attempt_id and lease_until and raises attempt.
	// nil means it is not to be had now.
	Claim(ctx context.Context, id int64, c Claim) (*engine.Delivery, error)

	// Prepare writes what a send of a block became: render (kept once by its
	// id), the row's render_id, prepared_at and warnings, the contact's deltas,
	// the session when Turn touched it (guarded by the lease), and the events.
	// ErrLost means the attempt or the contact's lease is no longer ours and
	// nothing was written.
	Prepare(ctx context.Context, p Prepared) error

	// Begin writes sending just before a call, with the attempt's record, and
	// holds the row at least until d.LeaseUntil. ErrLost means the row is no
	// longer ours, also because our lease is over: do not call.
	Begin(ctx context.Context, d *engine.Delivery, a engine.Attempt) error

	// Progress records that a call of several was accepted: the row is queued
	// again until the next is begun, and still the attempt's.
	Progress(ctx context.Context, d *engine.Delivery, a engine.Attempt, messagesSent int, ids []string) error

	// Finish writes an outcome and closes the row where the state is final;
	// status is set only upwards. blocked marks the identity as well.
	Finish(ctx context.Context, o Outcome) error

	// Release gives a claimed row back: queued again, or still sending when
	// its answer was lost, not before the given time.
	Release(ctx context.Context, r Release) error

	// TakeReplyToken takes the reply token of an interaction for a delivery by
	// compare-and-set; "" when it is taken by another delivery, or was received
	// before since. The same delivery may take it again.
	TakeReplyToken(ctx context.Context, interactionID, deliveryID int64, since time.Time) (string, error)
	// TakeSpareReplyToken takes, in the same way, the token of the newest
	// interaction of an identity whose turn is answered and left it unused.
	TakeSpareReplyToken(ctx context.Context, identityID, deliveryID int64, since time.Time) (string, error)

	// PauseAccount stops an account's deliveries where they are, with a reason.
	PauseAccount(ctx context.Context, botID, accountID, reason string) error

	// Render returns a render, nil when it is gone.
	Render(ctx context.Context, botID, id string) (*engine.Render, error)
	// Delivery returns one row.
	Delivery(ctx context.Context, botID string, id int64) (*engine.Delivery, error)
	// Story returns a row with all that is known about it.
	Story(ctx context.Context, botID string, id int64) (*engine.Story, error)
	// Settle sets an unknown delivery to what a person found out.
	Settle(ctx context.Context, botID string, id int64, as engine.Status, now time.Time) error

	// NextOf returns the id of the earliest open, due delivery of an identity,
	// 0 when there is none.
	NextOf(ctx context.Context, identityID int64, now time.Time) (int64, error)
	// DueOf returns the open, due deliveries of a contact, earliest first.
	DueOf(ctx context.Context, contactID int64, now time.Time, limit int) ([]int64, error)

	// DueOfAccount returns the open, due deliveries of an account that nobody
	// holds, earliest first.
	DueOfAccount(ctx context.Context, accountID string, now time.Time, limit int) ([]int64, error)

	// Due returns open rows of active accounts that should have been worked on
	// before the given time: queued and due, or sending with a lease that ran
	// out, with ids beyond after, by their ids. It is what the reconciler rings
	// again.
	Due(ctx context.Context, before time.Time, after int64, limit int) ([]Waiting, error)
	// Coming returns open rows of active accounts whose time is still to come,
	// but not after until.
	Coming(ctx context.Context, now, until time.Time, limit int) ([]Coming, error)
	// Expire closes queued rows past their expires_at as skipped: expired, and
	// returns how many. One of which a part went out is left to its next attempt.
	Expire(ctx context.Context, now time.Time, limit int) (int, error)
}

// Directory finds people, bots and accounts.
type Directory interface {
	// Bot and Account may be up to a second old.
	Bot(ctx context.Context, id string) (*engine.Bot, error)
	Account(ctx context.Context, id string) (*engine.Account, error)
	Accounts(ctx context.Context, botID string) ([]engine.Account, error)

	// IdentityByExternal finds a person by a platform's id; nil when unknown.
	IdentityByExternal(ctx context.Context, accountID, externalID string) (*engine.Identity, error)
	// Identity returns one of the bot's identities, nil when unknown.
	Identity(ctx context.Context, botID string, id int64) (*engine.Identity, error)
	// People returns the contacts that are meant, with their tags, and all their
	// identities on accounts that are not disconnected; nobody when there is
	// none. Their phones are not read.
	People(ctx context.Context, botID string, w Who) (*People, error)
	// CreateIdentity makes an identity and its contact; an existing one is returned.
	CreateIdentity(ctx context.Context, botID string, n NewIdentity) (*engine.Identity, error)

	// Situation loads what a turn of an identity starts from, without library:
	// contact with attributes, tags and phones, identity, session, bot values.
	Situation(ctx context.Context, botID string, identityID int64) (*engine.Situation, error)
	// AttributeTypes returns the declared attributes of a bot by name.
	AttributeTypes(ctx context.Context, botID string) (map[string]engine.Attribute, error)
	// Alias returns our id behind a foreign one, "" when unknown. Kinds: bot,
	// account, block, tag, identity, contact.
	Alias(ctx context.Context, botID, kind, foreign string) (string, error)
}

// Who says which contacts are meant: by the first field that is set.
type Who struct {
	Phone      string // E.164
	ContactID  int64
	ExternalID string
	IdentityID int64
}

// People are contacts with their identities.
type People struct {
	Contacts   []engine.Contact
	Identities []engine.Identity
	Claims     []PhoneClaim // to the number they were found by
}

// Contact returns one of them, nil when it is not among them.
func (p *People) Contact(id int64) *engine.Contact {
	for i := range p.Contacts {
		if p.Contacts[i].ID == id {
			return &p.Contacts[i]
		}
	}
	return nil
}

// PhoneClaim is a contact that has a number.
type PhoneClaim struct {
	ContactID int64
	Source    engine.PhoneSource
}

// NewIdentity is a person met for the first time.
type NewIdentity struct {
	AccountID  string
	ExternalID string
	Profile    *channels.Profile
	Now        time.Time
}

// Leases lets one writer at a time at a contact.
type Leases interface {
	// TakeLease raises the epoch. nil means somebody else holds it until the
	// returned time.
	TakeLease(ctx context.Context, contactID int64, owner string, now, until time.Time) (*Lease, time.Time, error)
	// RenewLease returns ErrLost when another has it.
	RenewLease(ctx context.Context, l *Lease, until time.Time) error
	ReleaseLease(ctx context.Context, l *Lease) error
}

// Lease is the right to write a contact's sessions; every commit checks Epoch.
type Lease struct {
	ContactID int64
	Owner     string
	Epoch     int64
	Until     time.Time
}

// Bells tells workers that a row is ready. Ringing returns at once and never
// fails: a bell that is lost is rung again by the reconciler.
type Bells interface {
	RingDelivery(id int64, at time.Time) // at zero: now
	RingContact(id int64, at time.Time)
}

// Limiter keeps an account's calls under the platform's rate, over all
// processes.
type Limiter interface {
	// Take asks for one call; a positive wait means not now.
	Take(ctx context.Context, accountID string, perSecond int, share Share) (wait time.Duration, err error)
	// TakeMany asks for n calls of the bulk's share at once. Where fewer are
	// granted, a positive wait tells when to ask for the others.
	TakeMany(ctx context.Context, accountID string, perSecond, n int) (granted int, wait time.Duration, err error)
	// Slow makes the bulk's share smaller because the platform has refused a
	// call as too fast; it recovers by itself within a minute.
	Slow(ctx context.Context, accountID string, perSecond int) error
}

// Share says whose part of an account's rate a call uses.
type Share string

const (
	ShareReplies Share = "replies" // replies and API sends, which keep a part
	ShareBulk    Share = "bulk"    // broadcasts, which get the rest
)

// Claim is one attempt's hold on a row.
type Claim struct {
	AttemptID  string
	Now        time.Time
	LeaseUntil time.Time
}

// Taking asks for the claim of a turn's delivery by the commit that makes it.
type Taking struct {
	Claim
	Since time.Time // a reply token received later is taken too, and the reply begun; zero: none
}

// Taken is a delivery that was claimed by the commit that made it.
type Taken struct {
	Delivery *engine.Delivery // as after the claim
	Token    string           // of the reply that was begun, "" when none was
}

// Prepared is what running a block for a delivery came to.
type Prepared struct {
	Delivery *engine.Delivery
	Render   *engine.Render // nil when nothing is said
	Turn     *engine.Turn
	Lease    *Lease // nil when the block only speaks
	Now      time.Time
}

// Outcome ends an attempt.
type Outcome struct {
	Delivery     *engine.Delivery
	Attempt      *engine.Attempt // nil when no call was made
	Status       engine.Status
	Reason       string
	Class        string
	Code         string
	Error        string
	Route        string
	MessagesSent int
	MessageIDs   []string // where the platform's receipts name messages
	RequestID    string
	Blocked      bool           // mark the identity as blocked
	Effects      *engine.Deltas // of a broadcast, put on the contact in the same transaction; nil: none
	EndSession   bool           // close the session this delivery's question opened
	Unclaimed    engine.Status  // as Release has it
	// Uncalled says that the call which was begun was never made. It is written
	// where the row has been given up as unknown for no other call's sake.
	Uncalled bool
	Now      time.Time
}

// Release gives a row back.
type Release struct {
	Delivery  *engine.Delivery
	Attempt   *engine.Attempt // nil when no call was made
	Status    engine.Status   // Queued, or Sending after a lost answer
	NotBefore time.Time
	Class     string
	Code      string
	Error     string
	Uncounted bool // the attempt did not count: throttled, or refused here
	// Unclaimed is the status of a row that was only read, with others, "" for
	// one that is claimed: nothing is written where it was begun since.
	Unclaimed engine.Status
	// Instead is what the next attempt sends in the place of what was prepared,
	// nil for the same; the delivery's warnings are written with it.
	Instead    *engine.Render
	EndSession bool // close the session this delivery's question opened
	Now        time.Time
}

// Waiting is a row the reconciler found.
type Waiting struct {
	ID        int64
	ContactID int64
}

// Coming is a row, or a contact, whose time is soon.
type Coming struct {
	ID int64
	At time.Time
}

// Stored is an order ready to be stored.
type Stored struct {
	Send      engine.Send
	Delivery  *engine.Delivery // nil: only attributes are set
	Render    *engine.Render   // of messages the caller gave; the delivery is then prepared
	Deltas    engine.Deltas
	ContactID int64
	// Idempotency, "" for none. The key belongs to the token.
	TokenHash string
	Key       string
	BodyHash  string
}

// Result is what became of a stored order.
type Result struct {
	DeliveryID int64
	SendID     string
	Status     engine.Status
	Reason     string
	Repeated   bool
	Err        error
}

// Order is what a caller asks for.
type Order struct {
	Bot        *engine.Bot
	Source     string // api, ahachat, chatfuel …
	Token      *engine.Token
	To         Recipient
	Block      string // name, id or alias; "" with Messages, or to set attributes only
	Event      string // with neither: sends the block of the trigger for it, if there is one
	Messages   []blocks.Message
	Attributes map[string]any
	Tags       []string // replace the contact's tags; nil leaves them
	AddTags    []string // put on the contact if policy lets it go out
	Intent     engine.Intent
	Tag        string
	InWindow   bool
	Warnings   []string
	Category   string
	Force      bool
	Strict     bool // refuse it where the block needs an attribute that nobody brings or has
	DryRun     bool
	NotBefore  time.Time
	ExpiresIn  time.Duration // 0: 24 hours
	Request    []byte        // for the record, without secrets
	Key        string        // Idempotency-Key
	BodyHash   string

	// RefuseHandedOver refuses it while a person leads the conversation, unless
	// it is forced; asked when it is accepted, whatever the bot's setting says.
	RefuseHandedOver bool
}

// Recipient says who is meant: the first field that is set.
type Recipient struct {
	IdentityID int64
	ContactID  int64
	Phone      string
	ExternalID string
	AccountID  string // with User: that account
	User       string // a platform's id
	Email      string
	Prefer     string // the channel a foreign product means, tried first
	Only       bool   // and no other
}

// Accepted is what a caller is told.
type Accepted struct {
	SendID        string        `json:"id"`
	DeliveryID    int64         `json:"delivery_id,omitempty"`
	ContactID     int64         `json:"contact_id,omitempty"`
	IdentityID    int64         `json:"identity_id,omitempty"`
	Channel       string        `json:"channel,omitempty"` // of the identity
	Status        engine.Status `json:"status"`
	Reason        string        `json:"reason,omitempty"`
	Explanation   string        `json:"explanation,omitempty"`
	Route         string        `json:"route,omitempty"`
	ChosenBecause string        `json:"chosen_because,omitempty"`
	Warnings      []string      `json:"warnings,omitempty"`
	// Messages is what would be said, on a dry run alone.
	Messages []blocks.Message `json:"messages,omitempty"`
	Repeated bool             `json:"-"`
}
