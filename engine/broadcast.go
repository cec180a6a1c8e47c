package engine

import (
	"encoding/json"
	"time"
)

// BroadcastState is where a broadcast stands.
//
//	draft ◄─► scheduled ─► running ◄─► paused
//	  │           │           ├──────────┴─► canceled
//	  │           ├─► missed  └─► finished, or scheduled again when it repeats
//	  └───────────┴─► canceled
type BroadcastState string

// States of a broadcast. It is edited as a draft and while it is scheduled.
const (
	BroadcastDraft     BroadcastState = "draft"
	BroadcastScheduled BroadcastState = "scheduled"
	BroadcastRunning   BroadcastState = "running"
	BroadcastPaused    BroadcastState = "paused"
	BroadcastFinished  BroadcastState = "finished"
	BroadcastCanceled  BroadcastState = "canceled"
	BroadcastMissed    BroadcastState = "missed" // its time passed by more than its max_lateness
)

// Editable reports whether the plan may still be changed.
func (s BroadcastState) Editable() bool {
	return s == BroadcastDraft || s == BroadcastScheduled || s == BroadcastMissed
}

// Broadcast gives one block, or a few messages, to many people.
type Broadcast struct {
	ID        string // 24 hex digits
	BotID     string
	State     BroadcastState
	Reason    string // why it is paused, missed or canceled, in a person's words
	Version   int    // raised by each change of the plan
	Plan      Plan
	DueAt     time.Time // of the next run; zero when none is scheduled
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Plan is what a broadcast says, to whom and when, as its author wrote it.
type Plan struct {
	Subject  string   `json:"subject"`
	Category string   `json:"category,omitempty"`
	Content  Content  `json:"content"`
	Audience Audience `json:"audience"`
	When     When     `json:"when,omitzero"`
	Intent   Intent   `json:"intent,omitempty"` // "": promotional
	// Tags and Attributes are put on those reached, in the transaction that
	// records it.
	Tags       []string       `json:"tags,omitempty"`
	Attributes map[string]any `json:"attributes,omitempty"`
	// AllowQuestions and AllowRequests let the block ask, or fetch from other
	// systems, which for many people is rarely meant.
	AllowQuestions bool `json:"allow_questions,omitempty"`
	AllowRequests  bool `json:"allow_requests,omitempty"`
}

// Content is what is said: a block or module by its name, id or alias, or
// messages that are written for this broadcast alone.
type Content struct {
	Block    string          `json:"block,omitempty"`
	Messages json.RawMessage `json:"messages,omitempty"`
}

// Audience says to whom. Exactly one of All, Where, Segment and List is set.
type Audience struct {
	All     bool   `json:"all,omitempty"`     // everyone is said, never meant by leaving all else out
	Where   string `json:"where,omitempty"`   // an expression over people
	Segment string `json:"segment,omitempty"` // the id or name of a saved one
	List    string `json:"list,omitempty"`    // the id of people that were named one by one
	// Accounts are the ids of those it goes out on, the preferred first; none
	// means all that are active.
	Accounts []string `json:"accounts,omitempty"`
	// Exclude takes away who is in another audience; its accounts mean nothing.
	Exclude *Audience `json:"exclude,omitempty"`
	First   int       `json:"first,omitempty"` // only so many; 0: all
	// EveryIdentity sends to each address of a person instead of the best one.
	EveryIdentity bool `json:"every_identity,omitempty"`
}

// When says at what time. The zero value is: when somebody starts it.
type When struct {
	At       string `json:"at,omitempty"`        // RFC 3339, or wall-clock time as 2026-12-24T09:00
	TimeZone string `json:"time_zone,omitempty"` // IANA name for a wall-clock At; "": the bot's
	// Local takes At as the time on each person's own clock.
	Local bool `json:"local,omitempty"`
	// MaxLateness is how much later than At it may begin, such as "1h"; later
	// than that it is missed, and asks.
	MaxLateness string `json:"max_lateness,omitempty"`
}

// RunState is where one execution of a broadcast stands.
//
//	freezing ─► held ─► running ◄─► paused
//	     └────────┴───────┴─► finished, canceled
type RunState string

// States of a run.
const (
	RunFreezing RunState = "freezing" // its audience is being written down
	RunHeld     RunState = "held"     // written down and not started
	RunRunning  RunState = "running"
	RunPaused   RunState = "paused"
	RunFinished RunState = "finished"
	RunCanceled RunState = "canceled"
)

// Run is one execution of a broadcast: its rows of the ledger carry its id.
type Run struct {
	ID          string // 24 hex digits
	Number      int64  // by which bells name it
	BotID       string
	BroadcastID string
	N           int // of the broadcast's runs, from 1
	Version     int // of the broadcast
	Plan        Plan
	State       RunState
	Reason      string // why it is paused or canceled
	DueAt       time.Time
	FrozenTo    int64 // the last contact whose place in the audience is known
	FrozenAt    time.Time
	StartedAt   time.Time
	ClosedAt    time.Time
	CreatedAt   time.Time
}

// Range is a part of a run's rows that one worker at a time goes through.
type Range struct {
	ID     int64
	RunID  string
	Round  int   // 0, and more for what had to be tried again
	NextID int64 // the first delivery not yet looked at
	LastID int64
}

// Segment is a saved audience.
type Segment struct {
	ID        string
	BotID     string
	Name      string
	Audience  Audience
	CreatedAt time.Time
	UpdatedAt time.Time
}
