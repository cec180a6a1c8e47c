package engine

import (
	"encoding/json"
	"time"
)

// Intent is why a message goes out; policy depends on it.
type Intent string

const (
	IntentReply       Intent = "reply"             // it answers what the person just did
	IntentUtility     Intent = "utility"           // it is about something of theirs, such as an order
	IntentInWindow    Intent = "utility_in_window" // the tag UPDATE: never a template
	IntentAgent       Intent = "agent"             // a person of the shop wrote it
	IntentDirect      Intent = "direct"            // for one person, neither of these
	IntentPromotional Intent = "promotional"       // it advertises: to those alone who agreed
)

// Send is one order to give a block, a module or messages to one contact.
type Send struct {
	ID        string // 24 hex digits
	BotID     string
	Source    string // api, ahachat, chatfuel, flow …
	TokenName string
	Request   json.RawMessage // what was asked, without secrets
	CreatedAt time.Time
	ExpiresAt time.Time
}

// Status is the state of a delivery.
//
//	held ─► queued ─► sending ─► sent ─► delivered ─► read
//	         │  ▲       ├─► unknown ─► sent … (an echo, receipt or person settles it)
//	         │  └───────┤   (refused for now or provably never left: back, with not_before)
//	         │          └─► failed  (also later, from unknown or sent)
//	         ├─► skipped   (policy: reason; expired; in_conversation …)
//	         └─► canceled
type Status string

const (
	Held      Status = "held"      // frozen for a broadcast that has not begun
	Queued    Status = "queued"    // it goes out when it is due
	Sending   Status = "sending"   // a worker has it
	Unknown   Status = "unknown"   // the platform's answer was lost
	SentOut   Status = "sent"      // the platform has accepted it
	Delivered Status = "delivered" // it is on the person's device
	Read      Status = "read"      // they have seen it
	Failed    Status = "failed"    // the platform refused it for good
	Skipped   Status = "skipped"   // policy, or its time, kept it back
	Canceled  Status = "canceled"  // somebody, or what it was for, called it off
)

// Rank orders outcomes: a write sets a state only upwards.
func (s Status) Rank() int {
	switch s {
	case Queued:
		return 1
	case Sending:
		return 2
	case Unknown:
		return 3
	case SentOut:
		return 4
	case Delivered:
		return 5
	case Read:
		return 6
	case Failed, Skipped, Canceled:
		return 9
	}
	return 0
}

// Open reports whether something is still to be done for the row.
func (s Status) Open() bool { return s == Held || s == Queued || s == Sending }

// Delivery is the ledger row of one send to one identity.
type Delivery struct {
	ID            int64
	BotID         string
	AccountID     string
	RunID         string // of a broadcast, "" for all else
	SendID        string // "" when a turn or a broadcast made it
	InteractionID int64  // of the turn that made it, 0 when a send did
	OriginID      int64  // the delivery this one follows
	Seq           int
	ContactID     int64
	IdentityID    int64
	ChosenBecause string
	BlockID       string
	VersionID     int64
	RenderID      string // "" until it is prepared
	Status        Status
	Reason        string // why it was skipped or canceled
	Class         string // the class of the last error
	Code          string // the platform's own code
	Error         string // the platform's own words
	Route         string // reply, push, template: how it went out
	Intent        Intent
	Category      string
	Tag           string // the message tag the caller gave
	InWindowOnly  bool
	Warnings      []string
	Attributes    map[string]any // this send's own
	Attempt       int
	AttemptID     string // of the attempt under way
	Generation    int
	Force         bool
	NotBefore     time.Time
	ExpiresAt     time.Time
	LeaseUntil    time.Time
	MessagesSent  int
	RequestID     string // the platform's id of the last call
	CreatedAt     time.Time
	PreparedAt    time.Time
	SentAt        time.Time
	DeliveredAt   time.Time
	ReadAt        time.Time
	ClickedAt     time.Time
	RepliedAt     time.Time
	ClosedAt      time.Time
}

// Render is the exact bytes of what is said, with what its buttons do.
type Render struct {
	ID        string // 24 hex digits: a hash over bot, account, messages and the buttons' values
	BotID     string
	AccountID string
	Messages  json.RawMessage // []blocks.Message
	Payloads  json.RawMessage // []channels.Payload
	Buttons   json.RawMessage // []blocks.Button, in the order of their index
	UsedOn    time.Time       // the day it was last used
	// Links are those its addresses lead by; known only of one that was just
	// made, with which they are kept.
	Links []Link
}

// Story is a delivery with all that is known about it.
type Story struct {
	Delivery Delivery
	Send     *Send
	Contact  *Contact
	Identity *Identity
	Account  *Account
	Block    string // its name
	Render   *Render
	Attempts []Attempt
}

// Attempt is one call to a platform, or one look that ended without a call.
type Attempt struct {
	ID         string
	DeliveryID int64
	At         time.Time
	EndedAt    time.Time
	Route      string
	RetryKey   string
	Outcome    string // sent, refused, later, lost, skipped
	Code       string
	Message    string
	RequestID  string
}
