package blocks

import (
	"encoding/json"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
)

// Instruction is one compiled piece of a block. It is immutable and shared by
// every run of its flow version; all that changes lives behind Env.
type Instruction interface {
	Run(env Env) Next
}

// Env is all an instruction may ask of the run it is part of.
type Env interface {
	// Input is what the person did that resumed the run at this instruction,
	// nil when the run came here by itself. An instruction that follows a
	// Wait sees it once.
	Input() *Input
	// Text evaluates a template to text. locals may be nil.
	Text(t *expression.Template, locals map[string]any) (string, error)
	// Eval evaluates an expression to a value of the type it was checked for,
	// or a template that keeps the type of its only expression.
	Eval(e expression.Evaluator, locals map[string]any) (any, error)
	// Say adds a message to the turn.
	Say(m Message)
	// Do records a change that is committed with the turn.
	Do(c Change)
	// Fetch calls an author's URL. The engine adds the Idempotency-Key, the
	// guard against private networks, the time and the size limit.
	Fetch(r *Request) (*Response, error)
	// Report tells the flow's author something, such as expression:invalid.
	Report(code, text string)
	// Place says how values the person types or a system answers are read.
	Place() Place
}

// Place is where a run happens, as far as it changes how values are read. The
// zero value reads 30/12/2023 in UTC and phone numbers with their country code.
type Place struct {
	Region string            // of the bot, ISO 3166-1 alpha-2: how national phone numbers are read
	Locale expression.Locale // zone of the contact or the bot, and the bot's order of day and month
}

// Request is a call to an author's URL.
type Request struct {
	Method  string
	URL     string
	Headers map[string]string
	Body    []byte
	Timeout time.Duration // 0: ten seconds
}

// Response is the answer to a Request, its body read whole and cut at the
// engine's limit.
type Response struct {
	Status  int
	Headers map[string]string // names in lower case; the first value of each
	Body    []byte
}

// Next says where a run goes after an instruction. The set is sealed.
type Next interface{ next() }

type (
	// Continue goes to the following instruction.
	Continue struct{}
	// Jump goes to the instruction at PC of the same block.
	Jump struct{ PC int }
	// Goto leaves for the first instruction of the block with this id, in the
	// newest published version when it belongs to another flow.
	Goto struct{ Block string }
	// Include runs the module with this id and comes back.
	Include struct{ Block string }
	// Wait ends the turn. The run goes on at the following instruction when
	// the person answers (Reply) or when For has passed, whichever is first.
	Wait struct {
		Reply    bool          // a person's answer ends it
		For      time.Duration // 0: no end
		Keywords bool          // global keywords may interrupt
		Expect   string        // what kind of answer is awaited, for people to read
		// Undelivered is the id of the block that runs when the question could
		// not be delivered, "" for none.
		Undelivered string
	}
	// Stop ends the run.
	Stop struct{}
	// Fail ends the run: what it was about to say could not be made.
	Fail struct{ Err error }
)

func (Continue) next() {}
func (Jump) next()     {}
func (Goto) next()     {}
func (Include) next()  {}
func (Wait) next()     {}
func (Stop) next()     {}
func (Fail) next()     {}

// Change is an effect of a turn, committed in the turn's transaction. The set
// is sealed.
type Change interface{ change() }

type (
	// SetAttribute sets a contact's attribute or writable fact; Value nil
	// unsets it. Bot true means the bot's shared attribute of that name.
	SetAttribute struct {
		Name  string
		Value any
		Bot   bool
		Typed bool   // the person typed it: a phone number that is weaker than a known one
		Raw   string // what they typed, when Value is a normal form of it
	}
	// SetAnswer keeps what an ask heard, readable as answer.<name> for as long
	// as the session lives.
	SetAnswer struct {
		Name  string
		Value any
	}
	// Tag adds or removes one tag.
	Tag struct {
		Name   string
		Remove bool
	}
	// Consent subscribes the identity to broadcasts, or withdraws that.
	Consent struct{ Subscribed bool }
	// Handover gives the conversation to a person for a while.
	Handover struct {
		For  time.Duration // 0: half an hour
		Note string
	}
	// Typing shows that an answer is being written.
	Typing struct{ For time.Duration }
	// Schedule plans that a block is sent to the identity at another time.
	Schedule struct {
		Block         string           // id
		Key           string           // what was planned by it before is replaced; "" has no name
		For           time.Duration    `json:",omitzero"` // from now, where At is zero
		At            time.Time        `json:",omitzero"`
		EvenIfPast    bool             // send it at once when At has passed, else not at all
		UnlessReplied bool             // not when the person did something meanwhile
		Between       expression.Hours `json:",omitzero"` // by the person's clock; it waits for them
	}
	// Unschedule takes back what was planned by a key.
	Unschedule struct{ Key string }
	// Notify tells the bot's outgoing webhooks that something has happened.
	Notify struct {
		Event string
		Data  json.RawMessage // an object
	}
)

func (SetAttribute) change() {}
func (SetAnswer) change()    {}
func (Tag) change()          {}
func (Consent) change()      {}
func (Handover) change()     {}
func (Typing) change()       {}
func (Schedule) change()     {}
func (Unschedule) change()   {}
func (Notify) change()       {}

// Input kinds.
const (
	InputText     = "text"
	InputMedia    = "media"    // Media is set
	InputLocation = "location" // Location is set
	InputSticker  = "sticker"
	InputTap      = "tap"     // a button of ours: Tap is set
	InputPicked   = "picked"  // the platform's date or time picker: Text is RFC 3339 local
	InputTimeout  = "timeout" // the Wait's For has passed
)

// Input is what a person did, as a waiting instruction sees it.
type Input struct {
	Kind     string    `json:"kind"`
	Text     string    `json:"text,omitempty"`
	Media    *Received `json:"media,omitempty"`
	Location *Location `json:"location,omitempty"`
	Tap      *Button   `json:"tap,omitempty"` // the tapped button with its values
	Attempt  int       `json:"-"`             // 1 for the first answer to this question
}

// Received is a media file a person sent.
type Received struct {
	Type      string    `json:"type"` // Image, Video, Audio or File
	URL       string    `json:"url,omitempty"`
	ID        string    `json:"id,omitempty"` // the platform's id, where the file must be fetched by it
	Name      string    `json:"name,omitempty"`
	Size      int64     `json:"size,omitempty"`
	ExpiresAt time.Time `json:"expires_at,omitzero"`
}
