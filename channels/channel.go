// Package channels is the seam to messaging platforms. It knows messages, not
// flows: a channel reads a platform's webhooks, turns messages into the
// platform's bytes and sends them. What to say, to whom and whether it may be
// said is decided elsewhere.
package channels

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/blockcast/blockcast/blocks"
)

// Kind names a platform, as in "line".
type Kind string

const (
	LINE      Kind = "line"
	Messenger Kind = "messenger"
)

// Name is the platform's name as people write it.
func (k Kind) Name() string {
	switch k {
	case LINE:
		return "LINE"
	case Messenger:
		return "Messenger"
	}
	return string(k)
}

// Account is one connection to a platform, as far as a channel needs it.
type Account struct {
	ID         string            // ours
	ExternalID string            // the platform's own id of the page, bot or number
	Secrets    map[string]string // by the names the channel's Fields list, decrypted
}

// Channel is one platform. Implementations hold no state of an account and
// are safe for concurrent use.
type Channel interface {
	Kind() Kind
	// Receive verifies and parses a webhook request. It is pure. A wrong or
	// missing signature is ErrSignature; a body that cannot be read is an
	// error that says why. What a platform may add at any time is ignored.
	Receive(a Account, r *Request) (*Received, error)
	// Render turns messages into the payloads of as few calls as the platform
	// allows, without recipient or route, so that equal payloads can be
	// grouped. It is pure and cannot fail: what a platform cannot show becomes
	// text plus a warning.
	Render(messages []blocks.Message) []Payload
	// Send gives one payload to one recipient. An error is always *SendError.
	Send(ctx context.Context, to Target, p Payload, key Key) (*Sent, error)
	// Limits tells what the platform allows of an account.
	Limits() Limits
}

// Request is a webhook call as it came in. Its headers are read by Value.
type Request struct {
	Method string
	Header http.Header
	Find   func(header string) string // instead of Header, where that would have to be made first
	Query  map[string]string
	Body   []byte
}

// Received is what a webhook request held.
type Received struct {
	Updates  []Update
	Receipts []Receipt
	Notices  []Notice  // for who runs the account
	Ignored  int       // events of kinds that mean nothing to us
	Answer   *Response // what to answer instead of an empty 200
}

// Notice is a platform's word to who runs an account, as that it was barred.
type Notice struct {
	Account string // the platform's id of the account
	Code    string // such as policy_enforcement
	Message string // the platform's own words
	Barred  bool   // the account can send nothing any more
	At      time.Time
}

// Response is an answer a platform expects to a webhook call.
type Response struct {
	Status      int
	ContentType string
	Body        []byte
}

// UpdateKind says what a person did.
type UpdateKind string

const (
	Message      UpdateKind = "message"  // Text
	MediaMessage UpdateKind = "media"    // Media
	LocationSent UpdateKind = "location" // Location
	StickerSent  UpdateKind = "sticker"  // Text holds its keywords, if any
	Postback     UpdateKind = "postback" // Data, perhaps Picked
	Follow       UpdateKind = "follow"   // they added the account, or unblocked it
	Unfollow     UpdateKind = "unfollow" // they blocked the account
	Joined       UpdateKind = "joined"   // the bot came into a group
	Left         UpdateKind = "left"     // the bot left a group
	Unsent       UpdateKind = "unsent"   // they withdrew the message Key names
	Edited       UpdateKind = "edited"   // they edited a message
	Referral     UpdateKind = "referral" // Data is the ref
	OtherEvent   UpdateKind = "other"    // kept for the history, starts nothing
)

// Update is one thing a person did.
type Update struct {
	Account    string // the platform's id of the account it is for
	Key        string // unique per account: what makes a redelivery known
	Kind       UpdateKind
	From       string    // the platform's id of the person, or of the group
	Group      bool      // From is a group or room
	At         time.Time // when it happened, UTC
	ReplyToken string    // "" when it cannot be replied to
	Opens      bool      // of an OtherEvent: the platform lets the account write for a while after it, as after a message
	Standby    bool      // another application leads this conversation: do not answer
	MessageID  string    // the platform's id of the message, if it has one
	Text       string
	Data       string // a postback's data
	Picked     string // what a date or time picker gave, RFC 3339 local
	Media      *blocks.Received
	Location   *blocks.Location
}

// ReceiptKind is a platform's word about one of our messages.
type ReceiptKind string

const (
	Delivered ReceiptKind = "delivered" // it is on the person's device
	Read      ReceiptKind = "read"      // they have seen it
	Echo      ReceiptKind = "echo"      // the platform shows us a message of the account
	Failed    ReceiptKind = "failed"    // it was accepted and did not arrive
)

// Receipt is a platform's word about one or more of our messages.
type Receipt struct {
	Account   string
	Kind      ReceiptKind
	To        string    // the person the message was for
	MessageID string    // the platform's id of the message, or
	Watermark time.Time // everything up to this moment
	Metadata  string    // what our send carried
	Foreign   bool      // an echo of somebody else's message
	At        time.Time
	Error     *SendError
}

// Payload is the bytes of one call, free of recipient and route.
type Payload struct {
	Body     json.RawMessage `json:"body"`
	Messages int             `json:"messages"`           // how many of the platform's messages it holds
	Template bool            `json:"template,omitempty"` // what the platform approved beforehand: it goes out by RouteTemplate
	Warnings []Warning       `json:"warnings,omitempty"`
}

// Warning tells what a platform could not show as written.
type Warning struct {
	Code    string `json:"code"` // such as card:too_many_buttons
	Message string `json:"message"`
}

// RouteKind is a way a platform lets a message go out.
type RouteKind string

const (
	RouteReply    RouteKind = "reply"    // answers one event with its token; free
	RoutePush     RouteKind = "push"     // at any time; often paid
	RouteTemplate RouteKind = "template" // an approved template
)

// Target is where one payload goes.
type Target struct {
	Account    Account
	To         string // the recipient's id on the platform
	Route      RouteKind
	ReplyToken string // for RouteReply
	Answer     bool   // it answers what the person did, where a platform wants to know
	Tag        string // the platform's own tag the route needs, such as HUMAN_AGENT
}

// Key makes a repeated call safe, where the platform can tell.
type Key struct {
	Retry    string // a UUID; the same for every repeat of the same bytes
	Metadata string // comes back in echoes and receipts
}

// Sent is a platform's acceptance.
type Sent struct {
	MessageIDs []string // where receipts name messages (Limits.Receipts)
	RequestID  string   // the platform's id of the call, for its support
	Repeated   bool     // an earlier attempt with the same key had been accepted
}

// Limits is what a platform allows of one account.
type Limits struct {
	PushPerSecond      int  // calls
	MulticastSize      int  // people in one call; 0: no multicast
	MulticastPerSecond int  // calls
	RetryKeys          bool // Key.Retry makes repeats safe
	InFlight           int  // calls at once
	Paid               bool // a push costs money
	CallMessages       int  // messages that one call holds, and that are paid as one; 0: one
	Templates          bool // messages it approved beforehand go out by RouteTemplate
	Receipts           bool // it tells what was delivered and what was read
}

// Charged is how many messages to one person are paid as one by a route; 0
// where it costs nothing.
func (l Limits) Charged(route string) int {
	if !l.Paid || route == string(RouteReply) {
		return 0
	}
	return max(l.CallMessages, 1)
}

// Multicaster sends one payload to many people by one call, all or nothing.
type Multicaster interface {
	Multicast(ctx context.Context, a Account, to []string, p Payload, key Key) (*Sent, error)
}

// Profile is what a platform tells about a person.
type Profile struct {
	Name, FirstName, LastName string
	Language                  string // BCP 47
	PictureURL                string
	Gender, TimeZone          string
}

// Profiler asks a platform who a person is. An unknown person, or one the
// platform will not tell about, is *SendError with KindBlocked.
type Profiler interface {
	Profile(ctx context.Context, a Account, id string) (*Profile, error)
}

// Recognizer tells by its form whether an id can be one of the platform's. No
// means that it is another platform's for certain, and nobody is asked.
type Recognizer interface {
	Recognizes(id string) bool
}

// Typer shows that an answer is being written.
type Typer interface {
	Typing(ctx context.Context, a Account, to string, seconds int) error
}

// Quota is how much of a paid month is left.
type Quota struct {
	Limited     bool
	Limit, Used int64
}

// Quoter reads the month's quota.
type Quoter interface {
	Quota(ctx context.Context, a Account) (*Quota, error)
}

// Field is one credential or setting an account is connected with.
type Field struct {
	Name   string // as in the API and the CLI
	Help   string
	Secret bool
}

// Identified is what a platform says about an account's credentials.
type Identified struct {
	ExternalID string
	Name       string
	App        string   // fingerprint of the application behind it: accounts sharing it share webhooks
	Aliases    []string // other ids the account is known by
}

// Connector connects accounts: it proves the credentials and points the
// platform's webhook at us.
type Connector interface {
	Fields() []Field
	// Identify asks the platform whose credentials these are.
	Identify(ctx context.Context, a Account) (*Identified, error)
	// SetWebhook points the platform at url and has it tested.
	SetWebhook(ctx context.Context, a Account, url string) error
}

// Guide tells people what connecting an account does, and what is left to them.
type Guide interface {
	// Checks says what connecting tries and sets, in a sentence or two.
	Checks() string
	// Paste lists what stands where on the platform's own pages once the account
	// is connected: to set it there by hand where that was refused, and what no
	// call can set.
	Paste(webhook string) []string
}
