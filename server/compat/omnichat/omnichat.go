// Package omnichat serves Omnichat's Open API as far as it sends: broadcasts
// with their figures and people, messages to one person, and those both name, so
// that its callers go on working when they change the host alone. It translates
// calls into broadcasts and orders, and their outcomes into the vendor's
// answers.
//
//	POST /v1/broadcast
//	{"platform": "line", "channelId": "1657703186", "subject": "Autumn", "to": ["U2bd5…"], "messages": [{"type": "text", "text": "…"}]}
//	GET  /v1/broadcast/{id}
//	POST /v1/direct-messages
//
// The token comes as Authorization: Bearer; its bot is the vendor's team.
package omnichat

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/server/compat/lenient"
	"github.com/blockcast/blockcast/server/token"
)

// source names the product in the ledger and in broadcasts.
const source = "omnichat"

// PerSecond is how many calls a second the product takes of a team, by all its
// tokens, before it answers 429: its callers are written for that.
const PerSecond = 40

// mount is where all calls are. Our own API lives there too, under other names.
const mount = "/v1/"

// served lists the calls, as callers are told who make another.
const served = "POST and GET /v1/broadcast, GET /v1/broadcast/{id}, …/recipients and …/buttons, GET /v1/channels, GET /v1/chatbots, …/{id}/message-blocks, GET /v1/contacts, PUT /v1/contacts/{platform}, POST /v1/direct-messages"

// nouns begin the vendor's paths; some are not served.
func nouns() []string {
	return []string{"broadcast", "channels", "chatbots", "contacts", "direct-messages", "messages", "notification-messages", "rich-menus", "rooms", "tagging-logs", "whatsapp-message-templates"}
}

// Bots finds the bot of a token.
type Bots interface {
	Bot(ctx context.Context, id string) (*engine.Bot, error)
}

// Directory finds accounts and people on them.
type Directory interface {
	lenient.Accounts
	Accounts(ctx context.Context, botID string) ([]engine.Account, error)
	// ListAliases returns a bot's aliases of one kind.
	ListAliases(ctx context.Context, botID, kind string, p engine.Page) (items []engine.Alias, next string, err error)
	// Identity returns one of the bot's identities, nil when it is unknown.
	Identity(ctx context.Context, botID string, id int64) (*engine.Identity, error)
	// IdentityByExternal finds a person by a platform's id; nil when unknown.
	IdentityByExternal(ctx context.Context, accountID, externalID string) (*engine.Identity, error)
}

// Libraries know what a bot has published.
type Libraries interface {
	Library(ctx context.Context, botID string) (*engine.Library, error)
}

// Outbox takes orders and reads what they bring.
type Outbox interface {
	// Accept takes an order. A refusal by policy is no error but a status.
	Accept(ctx context.Context, o outbox.Order) (*outbox.Accepted, error)
	// ReadAttributes makes values what their attributes are declared to be.
	ReadAttributes(ctx context.Context, bot *engine.Bot, given map[string]any) (engine.Deltas, []string, error)
}

var _ Outbox = (*outbox.Outbox)(nil)

// Broadcasts plans what goes to many, and counts what became of it.
type Broadcasts interface {
	Create(ctx context.Context, botID string, p engine.Plan) (*engine.Broadcast, error)
	// Delete forgets one that never ran.
	Delete(ctx context.Context, botID, id string) error
	Schedule(ctx context.Context, botID, id string) (*engine.Broadcast, error)
	Begin(ctx context.Context, botID, id string, how broadcast.Beginning) (*engine.Run, error)
	// Report counts the newest run.
	Report(ctx context.Context, botID, id, runID string) (*broadcast.Report, error)
}

var _ Broadcasts = (*broadcast.Broadcasts)(nil)

// Kept reads broadcasts and their people by pages.
type Kept interface {
	Broadcast(ctx context.Context, botID, id string) (*engine.Broadcast, error)
	// BroadcastsAt returns broadcasts after the first offset of those a filter
	// takes, the newest first, and how many it takes.
	BroadcastsAt(ctx context.Context, botID string, f engine.BroadcastFilter, offset, limit int) ([]engine.Broadcast, int64, error)
	// ListRuns returns a broadcast's runs, the newest first.
	ListRuns(ctx context.Context, botID, broadcastID string) ([]engine.Run, error)
	RecipientsAt(ctx context.Context, r *engine.Run, f broadcast.Filter, offset, limit int) ([]broadcast.Recipient, int64, error)
}

// Lists keep people that are named one by one.
type Lists interface {
	CreateList(ctx context.Context, l engine.PeopleList) error
	AddToList(ctx context.Context, botID, listID string, rows []engine.ListRow) (*engine.ListAdded, error)
	List(ctx context.Context, botID, id string) (*engine.PeopleList, error)
	// ListRefusals returns the rows that mean nobody, in their order.
	ListRefusals(ctx context.Context, botID, id string, p engine.Page) (items []engine.RefusedRow, next string, err error)
	DeleteList(ctx context.Context, botID, id string) error
}

// Config is what the calls are served with. Only Log may be nil.
type Config struct {
	Bots       Bots
	Tokens     token.Finder
	Directory  Directory
	Libraries  Libraries
	Outbox     Outbox
	Broadcasts Broadcasts
	Kept       Kept
	Lists      Lists
	Contacts   Contacts
	Answers    Answers
	Channels   map[string]channels.Channel // by kind
	Now        func() time.Time
	NewID      func() string
	Log        *slog.Logger
}

// Surface is the part of the product that is served.
type Surface struct{ Config }

// New returns the surface, whose routes Mount adds.
func New(c Config) *Surface {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Surface{c}
}

// Mount adds the routes. It goes before our own API.
func (s *Surface) Mount(r fiber.Router) {
	s.route(r, "broadcast", verbs{http.MethodPost: s.createBroadcast, http.MethodGet: s.listBroadcasts})
	s.route(r, "broadcast/:id", verbs{http.MethodGet: s.showBroadcast})
	s.route(r, "broadcast/:id/recipients", verbs{http.MethodGet: s.recipients})
	s.route(r, "broadcast/:id/buttons", verbs{http.MethodGet: s.buttons})
	s.route(r, "channels", verbs{http.MethodGet: s.channels})
	s.route(r, "chatbots", verbs{http.MethodGet: s.chatbots})
	s.route(r, "chatbots/:id/message-blocks", verbs{http.MethodGet: s.messageBlocks})
	s.route(r, "contacts", verbs{http.MethodGet: s.contacts})
	s.route(r, "contacts/:platform", verbs{http.MethodPut: s.putContact, http.MethodPost: s.putContact})
	s.route(r, "direct-messages", verbs{http.MethodPost: s.directMessage})
}

// verbs are what an address takes, by method. A call returns nil for an answer
// without a body.
type verbs map[string]func(c *fiber.Ctx, who *caller) (any, error)

// scopeOf is the scope of a token that a call wants.
func scopeOf(method, path string) string {
	switch {
	case method == http.MethodGet:
		return engine.ScopeRead
	case strings.HasPrefix(path, "broadcast"):
		return engine.ScopeBroadcasts
	case strings.HasPrefix(path, "contacts"):
		return engine.ScopeContacts
	}
	return engine.ScopeSend
}

// route serves one address: it finds the caller, answers 200 with what the call
// returns, or 204 with nothing, and refuses other methods.
func (s *Surface) route(r fiber.Router, path string, v verbs) {
	var allow []string
	for method := range v {
		allow = append(allow, method)
	}
	slices.Sort(allow)
	r.All(mount+path, func(c *fiber.Ctx) error {
		method := c.Method()
		if method == http.MethodHead {
			method = http.MethodGet
		}
		call, ok := v[method]
		if !ok {
			c.Set(fiber.HeaderAllow, strings.Join(allow, ", "))
			return s.Fail(c, fiber.StatusMethodNotAllowed, "this address takes "+strings.Join(allow, " and "))
		}
		who, err := s.caller(c, scopeOf(method, path))
		if err != nil {
			return s.fault(c, err)
		}
		answer, err := call(c, who)
		switch {
		case err != nil:
			return s.fault(c, err)
		case answer == nil:
			return c.Status(fiber.StatusNoContent).Send(nil)
		}
		return c.JSON(answer)
	})
}

// Owns reports whether a path is one of the product's, also of what is not
// served.
func (s *Surface) Owns(path string) bool {
	rest, ok := strings.CutPrefix(path, mount)
	noun, _, _ := strings.Cut(rest, "/")
	return ok && slices.Contains(nouns(), noun)
}

// MaxBody is the most a call may carry.
func (s *Surface) MaxBody(string) int { return lenient.MaxBody }

// Fail answers in the product's form.
func (s *Surface) Fail(c *fiber.Ctx, status int, text string) error {
	if status == fiber.StatusNotFound {
		text += "; of Omnichat's calls there are " + served
	}
	return c.Status(status).JSON(refusal{codeOf(status), lenient.Numbered(c, status, text)})
}

// list is what the vendor wraps lists in.
type list[T any] struct {
	Content []T `json:"content"`
}

// page is a list of which there is more.
type page[T any] struct {
	Content []T   `json:"content"`
	Total   int64 `json:"totalElements"`
}
