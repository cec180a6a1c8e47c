package engine

import (
	"time"

	"github.com/blockcast/blockcast/blocks"
)

// InteractionKind says what came in.
type InteractionKind string

const (
	DidMessage  InteractionKind = "message"  // Text, Media, Location or sticker in Input
	DidTap      InteractionKind = "tap"      // a button of ours
	DidPostback InteractionKind = "postback" // a button of another system's
	DidFollow   InteractionKind = "follow"   // they added the account, or came back
	DidUnfollow InteractionKind = "unfollow" // they blocked it or left
	DidReferral InteractionKind = "referral" // they came by a link with a ref
	DidOther    InteractionKind = "other"    // kept, starts nothing
	DidTimer    InteractionKind = "timer"    // the session's own wait has passed
)

// Interaction is one inbound input, stored before it is answered.
type Interaction struct {
	ID         int64
	BotID      string
	AccountID  string
	IdentityID int64
	ContactID  int64
	Kind       InteractionKind
	OccurredAt time.Time
	ReceivedAt time.Time
	EventKey   string
	Standby    bool // another application leads: nothing is answered
	ReplyToken string
	Inbound    Inbound
	Attempt    int
	Outcome    string
	Error      string
}

// Inbound is the content of an interaction, as it is kept.
type Inbound struct {
	Input *blocks.Input `json:"input,omitempty"`
	Data  string        `json:"data,omitempty"`  // a postback's data, a referral's ref, or an other event's own JSON
	Event string        `json:"event,omitempty"` // the platform's name of an other event
	// Of a tap on a button of ours: which render, which of its buttons, and the
	// block it runs, by id.
	Render string `json:"render,omitempty"`
	Button int    `json:"button,omitempty"`
	Block  string `json:"block,omitempty"`
}

// Event tells what happened in a run. Level failure ends the run.
type Event struct {
	Level string         `json:"level"` // info, warning, failure
	Code  string         `json:"code"`  // expression:invalid, session:interrupted …
	Text  string         `json:"text"`
	Block string         `json:"block,omitempty"`
	Extra map[string]any `json:"extra,omitempty"`
}

// Levels of an Event.
const (
	LevelInfo    = "info"
	LevelWarning = "warning"
	LevelFailure = "failure"
)

// Session is where an identity is inside a flow between turns. It is JSON.
type Session struct {
	IdentityID  int64     `json:"-"`
	VersionID   int64     `json:"version"` // the flow version it is pinned to
	Block       string    `json:"block"`
	PC          int       `json:"pc"`
	Frames      []Frame   `json:"frames,omitempty"` // who included the current module, outermost first
	Reply       bool      `json:"reply,omitempty"`  // a person's answer is awaited
	Expect      string    `json:"expect,omitempty"`
	Keywords    bool      `json:"keywords,omitempty"` // global keywords may interrupt
	Until       time.Time `json:"until,omitzero"`     // when the wait ends by itself
	AskedAt     time.Time `json:"asked_at,omitzero"`
	Attempts    int       `json:"attempts,omitempty"`
	Attributes  Values    `json:"attributes,omitempty"` // of the send that started it; they stay over the contact's
	Changed     []string  `json:"changed,omitempty"`    // of Attributes, what the flow has set since: the contact's value is newer
	Answers     Values    `json:"answers,omitempty"`
	SendID      string    `json:"send,omitempty"`
	Origin      int64     `json:"origin,omitempty"`      // the delivery that started it
	Interaction int64     `json:"interaction,omitempty"` // the last input it heard: whose reply token a pause may still use
	Seed        uint64    `json:"seed,omitempty"`
	StartedAt   time.Time `json:"started_at,omitzero"`
	Undelivered string    `json:"undelivered,omitempty"` // id of the block that runs when the question could not be delivered
	HandedOver  bool      `json:"handed_over,omitempty"` // by its own flow: a pause still ends in what was to be said
}

// Frame is a place to come back to.
type Frame struct {
	VersionID int64  `json:"version"`
	Block     string `json:"block"`
	PC        int    `json:"pc"`
}

// FreshQuestion is how long an open question keeps API sends that ask waiting.
const FreshQuestion = 10 * time.Minute
