package enginetest

import (
	"encoding/json"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
)

// Script is a golden file: what a person and the systems around them do, and
// the turn the flows make of each.
type Script struct {
	Flows   []string `json:"flows"` // documents, relative to the script
	Contact *Person  `json:"contact,omitempty"`
	Channel string   `json:"channel,omitempty"` // line unless said
	Group   bool     `json:"group,omitempty"`
	Steps   []Step   `json:"steps"`
}

// Person is who talks.
type Person struct {
	Name       string         `json:"name,omitempty"`
	FirstName  string         `json:"first_name,omitempty"`
	TimeZone   string         `json:"time_zone,omitempty"`
	Phone      string         `json:"phone,omitempty"`
	Tags       []string       `json:"tags,omitempty"`
	Attributes map[string]any `json:"attributes,omitempty"`
}

// Step is one thing done and what came of it.
type Step struct {
	Do   Do    `json:"do"`
	Turn *Turn `json:"turn"` // null where nothing happened
}

// Do is exactly one thing that is done, beside Answers.
type Do struct {
	Text     *string          `json:"text,omitempty"`
	Tap      int              `json:"tap,omitempty"`  // the nth button, from 1, of
	Of       int              `json:"of,omitempty"`   // the nth step, from 1; else of the last step that said any
	Pick     string           `json:"pick,omitempty"` // by the picker that button Tap opens
	Location *blocks.Location `json:"location,omitempty"`
	Media    *blocks.Received `json:"media,omitempty"`
	Sticker  bool             `json:"sticker,omitempty"`
	Follow   bool             `json:"follow,omitempty"`
	Unfollow bool             `json:"unfollow,omitempty"`
	Referral *string          `json:"referral,omitempty"`
	Postback *string          `json:"postback,omitempty"`
	Wait     string           `json:"wait,omitempty"` // time passes, and the timer rings when its time has come
	Send     *SendBlock       `json:"send,omitempty"`
	HandOver string           `json:"hand_over,omitempty"` // a person takes the conversation for so long
	Publish  []string         `json:"publish,omitempty"`   // newer versions of the flows, by file

	Answers []Response `json:"answers,omitempty"` // of the URLs the flow calls
}

// SendBlock is a block given from outside.
type SendBlock struct {
	Block      string         `json:"block"`
	Attributes map[string]any `json:"attributes,omitempty"`
}

// Turn is a turn as a golden shows it.
type Turn struct {
	Outcome  string           `json:"outcome,omitempty"`
	Block    string           `json:"block,omitempty"` // its name
	Said     []blocks.Message `json:"said,omitempty"`
	Typing   string           `json:"typing,omitempty"`
	Changes  *Changes         `json:"changes,omitempty"`
	Planned  []Planned        `json:"planned,omitempty"`
	Canceled []string         `json:"canceled,omitempty"` // keys of what was planned before
	Told     []Told           `json:"told,omitempty"`
	Requests []Request        `json:"requests,omitempty"`
	Events   []engine.Event   `json:"events,omitempty"`
	Failed   string           `json:"failed,omitempty"`
	Session  json.RawMessage  `json:"session,omitempty"` // afterwards; left out when this turn did not touch it
}

// UnmarshalJSON reads nothing: a golden turn is compared as text with the one
// that was played.
func (t *Turn) UnmarshalJSON([]byte) error { return nil }

// Changes are a turn's deltas.
type Changes struct {
	Set       map[string]any `json:"set,omitempty"`
	Unset     []string       `json:"unset,omitempty"`
	Facts     map[string]any `json:"facts,omitempty"`
	Bot       map[string]any `json:"bot,omitempty"`
	AddTags   []string       `json:"add_tags,omitempty"`
	DropTags  []string       `json:"drop_tags,omitempty"`
	Phones    []string       `json:"phones,omitempty"` // number, what was written, who told it
	Subscribe *bool          `json:"subscribe,omitempty"`
	Handover  *Handover      `json:"handover,omitempty"`
}

// Planned is a block planned for another time.
type Planned struct {
	Key   string       `json:"key"`
	Block string       `json:"block"` // its name
	DueAt time.Time    `json:"due_at"`
	Timer engine.Timer `json:"timer"`
}

// Told is a notice to outgoing webhooks.
type Told struct {
	Topic string          `json:"topic"`
	Data  json.RawMessage `json:"data"`
}

// Handover is who leads the conversation afterwards.
type Handover struct {
	To    string    `json:"to"`
	Until time.Time `json:"until"`
	Note  string    `json:"note,omitempty"`
}
