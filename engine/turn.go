package engine

import (
	"context"
	"time"

	"github.com/blockcast/blockcast/blocks"
)

// Situation is all a turn starts from. The engine changes none of it.
type Situation struct {
	Bot       *Bot
	BotValues map[string]any // the bot's shared attributes
	Account   *Account
	Contact   *Contact
	Identity  *Identity
	Session   *Session // nil when none is open
	Library   *Library
	Secrets   func(name string) (string, bool)
	// BeforeFetch is called before each call to an author's URL; its error ends
	// the turn, whose commit would be refused. nil: nothing to do.
	BeforeFetch func(context.Context) error
}

// Start is the order to run a block from its beginning.
type Start struct {
	Block      string         // id
	Attributes map[string]any // the send's own; they stay over the contact's for the whole session
	SendID     string
	DeliveryID int64
	Seed       uint64
}

// Turn is all that one input, or one send, produced. Nothing of it has
// happened yet.
type Turn struct {
	Messages []blocks.Message
	Deltas   Deltas
	Answers  map[string]any
	Events   []Event
	Session  *Session      // the session afterwards; nil when none is open
	Touched  bool          // the session was started, moved or ended by this turn
	Timers   []Timer       // deliveries planned; each replaces what the identity had by its key
	Canceled []string      // keys of what was planned and is not wanted any more
	Notices  []Notice      // what outgoing webhooks are told
	Typing   time.Duration // show that an answer is being written
	Block    string        // id of the block that began to run, "" when none did
	Version  int64
	Failed   error  // what was to be said could not be made
	Outcome  string // for the interaction: answered, silent, handed_over, no_match …
	// ForAll says of a start that anybody is told the same by it: nothing of the
	// person was asked, and nothing but messages came of it.
	ForAll bool
}
