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
	By        string    // who writes this version, when it is written; reading a broadcast does not tell
	DueAt     time.Time // of the next run; zero when none is scheduled
	DueFor    string    // the time on a clock that DueAt stands for, "" when the plan names a moment
	Rounds    int       // how often it was started
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Plan is what a broadcast says, to whom and when, as its author wrote it.
type Plan struct {
	Subject string `json:"subject"`
	// Source is the product whose call planned it; "": people and our own API.
	Source   string  `json:"source,omitempty"`
	Category string  `json:"category,omitempty"`
	Content  Content `json:"content,omitzero"`
	// Variants share the audience by their weights, in the place of Content: who
	// gets which is a hash, and the same whenever it is asked. HoldOut is a
	// weight beside theirs, of those who get nothing.
	Variants []Variant `json:"variants,omitempty"`
	HoldOut  int       `json:"hold_out,omitempty"`
	Audience Audience  `json:"audience"`
	When     When      `json:"when,omitzero"`
	Intent   Intent    `json:"intent,omitempty"` // "": promotional
	// Transactional is for what people wait for, as news of an order: it minds
	// neither quiet hours nor the frequency cap. Only utility may be.
	Transactional bool `json:"transactional,omitempty"`
	// Unsubscribe says the bot's words about unsubscribing after the rest.
	Unsubscribe bool `json:"unsubscribe,omitempty"`
	// Frozen sends a scheduled one to the people whom its last pre-flight found,
	// with the bytes it made, and not to those who are found at its time.
	Frozen bool `json:"frozen,omitempty"`
	// Tolerance is by how many percent the audience at a scheduled time may
	// differ from the last pre-flight's without asking; 0: 20.
	Tolerance int `json:"tolerance,omitempty"`
	// FetchNow lets a pre-flight make the requests of its blocks, when it is
	// made; without it a plan that requests has none.
	FetchNow bool `json:"fetch_now,omitempty"`
	// Track is how taps on its links are counted; "" is as the bot's settings
	// say. A run has what was meant when it began.
	Track Tracking `json:"track,omitempty" enum:"off,person,count" doc:"How taps on links are counted; person gives everybody an address of their own, count one to all. Left out: as the bot's settings say."`
	// Tags and Attributes are put on those reached, in the transaction that
	// records it.
	Tags       []string       `json:"tags,omitempty"`
	Attributes map[string]any `json:"attributes,omitempty"`
	// AllowQuestions and AllowRequests let the block ask, or fetch from other
	// systems, which for many people is rarely meant.
	AllowQuestions bool `json:"allow_questions,omitempty"`
	AllowRequests  bool `json:"allow_requests,omitempty"`
}

// PlanVersion is what a broadcast was to do at one of its versions.
type PlanVersion struct {
	Version int
	Plan    Plan
	By      string    // the name of the token that wrote it; "" when it is not known
	At      time.Time // zero when it is not known
}

// Content is what is said: a block or module by its name, id or alias, or what
// is written for this broadcast alone: messages, as the steps of a module, or
// an approved template, as the step of that name.
type Content struct {
	Block    string          `json:"block,omitempty"`
	Messages json.RawMessage `json:"messages,omitempty"`
	Template json.RawMessage `json:"template,omitempty"`
}

// Variant is one of several things that are said, to find the best.
type Variant struct {
	Name    string  `json:"name"`
	Weight  int     `json:"weight"`
	Content Content `json:"content"`
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
	// Repeat sends it again, to whoever is meant then; nil: once.
	Repeat *Repeat `json:"repeat,omitempty"`
}

// Repeat says on which days a broadcast is sent again at the same time of day.
// Exactly one of Weekdays and EveryDays is set.
type Repeat struct {
	Weekdays  []string `json:"weekdays,omitempty"`   // mon, tue, wed, thu, fri, sat, sun
	EveryDays int      `json:"every_days,omitempty"` // 1: daily
	Until     string   `json:"until,omitempty"`      // the last day it may be, 2026-12-31
	Times     int      `json:"times,omitempty"`      // at most so often in all; 0: no bound
}

// RunState is where one execution of a broadcast stands.
//
//	freezing ─► running ◄─► paused
//	     │        │ ▲         └─► finished, canceled, as from all before
//	     └► preparing ─► held ─► voided
//
// A pre-flight is made ready between freezing and held; it runs when it is
// started and is voided when it never will be.
type RunState string

// States of a run.
const (
	RunFreezing  RunState = "freezing"  // its audience is being written down
	RunPreparing RunState = "preparing" // of a pre-flight: its messages are being made
	RunHeld      RunState = "held"      // of a pre-flight: all is ready and nothing has started
	RunVoided    RunState = "voided"    // a pre-flight that nobody can start any more; its rows are gone
	RunRunning   RunState = "running"
	RunPaused    RunState = "paused"
	RunFinished  RunState = "finished"
	RunCanceled  RunState = "canceled"
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
	// PreparedID starts a pre-flight, once; "" of a run that was none.
	PreparedID string
	Checking   Checking
	PreparedTo int64 // the last delivery whose message is made
	Findings   Findings
	Expected   int64 // people whoever started it thought of; 0: not said
	RenewedTo  int64 // the last delivery whose person's name was looked after
	FrozenTo   int64 // the last contact whose place in the audience is known
	FrozenAt   time.Time
	StartedAt  time.Time
	ClosedAt   time.Time
	CreatedAt  time.Time
}

// Checking says what follows when a run's messages are made.
type Checking string

// What follows a pre-flight.
const (
	CheckOnly  Checking = "ask"   // somebody looks at it, and starts it or not
	CheckStart Checking = "start" // it starts when it differs little from the one before
)

// Findings are what a pre-flight has noted while it made messages.
type Findings struct {
	// Ready says that all was made; Held is to how many it would go.
	Ready      bool      `json:"ready,omitempty"`
	Held       int64     `json:"held,omitempty"`     // people it would have gone to, when all was made
	Longest    []Finding `json:"longest,omitempty"`  // by characters
	Emptiest   []Finding `json:"emptiest,omitempty"` // of those with values, the fewest characters
	Degraded   []Finding `json:"degraded,omitempty"` // shown otherwise than written
	OverLimit  []Finding `json:"over_limit,omitempty"`
	Failed     []Finding `json:"failed,omitempty"` // that could not be made
	Degrades   int64     `json:"degrades,omitempty"`
	OverLimits int64     `json:"over_limits,omitempty"`
	Unmade     int64     `json:"unmade,omitempty"` // made when they are sent, as their block asks or plans
	Linked     int64     `json:"linked,omitempty"` // whose message has links that count taps
	Hits       []Hit     `json:"hits,omitempty"`   // of promotion under another intent
	// Calls of the platform and what is left of a paid month, by account id.
	Calls  map[string]int64        `json:"calls,omitempty"`
	Quotas map[string]AccountQuota `json:"quotas,omitempty"`
}

// AccountQuota is how much of a paid month an account had left at a time.
type AccountQuota struct {
	Limited bool  `json:"limited"` // false: there is no bound, and Left means nothing
	Left    int64 `json:"left"`
}

// Finding is one made message that somebody should look at. Name and Text are
// not kept with it: they are read when it is shown.
type Finding struct {
	DeliveryID int64  `json:"delivery_id"`
	ContactID  int64  `json:"contact_id"`
	Name       string `json:"name,omitempty"` // the person's
	Variant    string `json:"variant,omitempty"`
	RenderID   string `json:"render_id,omitempty"`
	Characters int    `json:"characters"`
	Text       string `json:"text"` // the beginning of it
	Why        string `json:"why,omitempty"`
}

// Hit is a place that reads like promotion.
type Hit struct {
	Rule     string `json:"rule"`
	Language string `json:"language"`
	Weight   int    `json:"weight"`
	Found    string `json:"found"` // the words
	Text     string `json:"text"`  // with what stands around them
	Variant  string `json:"variant,omitempty"`
}

// RouteLock keeps an account from sending broadcasts of one intent until a
// person has looked at why and says so.
type RouteLock struct {
	ID         string
	BotID      string
	AccountID  string
	Intent     Intent
	Reason     string
	Hits       []Hit
	RunID      string
	LockedAt   time.Time
	UnlockedAt time.Time
	UnlockedBy string
	Note       string
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
