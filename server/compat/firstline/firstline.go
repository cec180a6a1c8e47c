// Package firstline serves FIRST LINE's push call, and the search that finds
// whom to push to, so that its callers go on working when they change the host
// alone. It translates a call into an order and the outcome into the vendor's
// answer; what may be sent is the outbox's to say.
//
//	GET  /api/v1/contact?line_uid=U4af4…
//	POST /api/v1/message/push
//	{"contactable_type": "App\\LineContact", "contactable_id": 7, "type": "text", "message": "您的訂單已出貨"}
//
// The token comes as Authorization: Bearer, or in the query as token.
package firstline

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/server/compat/lenient"
	"github.com/blockcast/blockcast/server/token"
)

// source names the product in the ledger.
const source = "firstline"

// Where the product's calls are.
const (
	mount       = "/api/v1/"
	mountSocial = "/api/social-media-contact/"
)

// Bots finds the bot of a token.
type Bots interface {
	Bot(ctx context.Context, id string) (*engine.Bot, error)
}

// Directory finds accounts and people on them.
type Directory interface {
	Account(ctx context.Context, id string) (*engine.Account, error)
	Accounts(ctx context.Context, botID string) ([]engine.Account, error)
	// Identity returns one of the bot's identities, nil when it is unknown.
	Identity(ctx context.Context, botID string, id int64) (*engine.Identity, error)
	// IdentityByExternal finds a person by a platform's id; nil when unknown.
	IdentityByExternal(ctx context.Context, accountID, externalID string) (*engine.Identity, error)
	IdentitiesOf(ctx context.Context, botID string, contactIDs []int64) ([]engine.Identity, error)
	// Alias returns our id behind a foreign one, "" when it is unknown.
	Alias(ctx context.Context, botID, kind, foreign string) (string, error)
}

// Contacts finds people.
type Contacts interface {
	// Contact returns a contact, nil when the bot does not have it.
	Contact(ctx context.Context, botID string, id int64) (*engine.Contact, error)
	ContactByExternalID(ctx context.Context, botID, externalID string) (int64, error) // 0: unknown
	ContactsByPhone(ctx context.Context, botID, e164 string) ([]outbox.PhoneClaim, error)
	// ListContacts returns contacts, newest first.
	ListContacts(ctx context.Context, botID, search string, p engine.Page) (items []engine.Contact, next string, err error)
}

// Outbox takes orders. A refusal by policy is no error but a status.
type Outbox interface {
	Accept(ctx context.Context, o outbox.Order) (*outbox.Accepted, error)
}

var _ Outbox = (*outbox.Outbox)(nil)

// Deliveries tells how far a delivery is.
type Deliveries interface {
	Delivery(ctx context.Context, botID string, id int64) (*engine.Delivery, error)
}

// Config is what the calls are served with. Only Log and Wait may be nil.
type Config struct {
	Bots       Bots
	Tokens     token.Finder
	Directory  Directory
	Contacts   Contacts
	Outbox     Outbox
	Deliveries Deliveries
	Now        func() time.Time
	// Wait lets a while pass, or less when the context ends. nil: on the clock
	// on the wall.
	Wait func(ctx context.Context, d time.Duration) error
	Log  *slog.Logger
}

// Surface is the part of the product that is served.
type Surface struct{ Config }

// New returns the surface, whose routes Mount adds.
func New(c Config) *Surface {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Wait == nil {
		c.Wait = pass
	}
	return &Surface{c}
}

// Mount adds the routes.
func (s *Surface) Mount(r fiber.Router) {
	r.All(mount+"message/push", s.push)
	r.All(mount+"contact", s.contacts)
}

// Owns reports whether a path is one of the product's.
func (s *Surface) Owns(path string) bool {
	return strings.HasPrefix(path, mount) || strings.HasPrefix(path, mountSocial)
}

// MaxBody is the most a call may carry.
func (s *Surface) MaxBody(string) int { return lenient.MaxBody }

// Fail answers in the product's form.
func (s *Surface) Fail(c *fiber.Ctx, status int, text string) error {
	return c.Status(status).JSON(refusal{Message: lenient.Numbered(c, status, text)})
}

// refusal is the body of every answer that is not a success.
type refusal struct {
	Message string              `json:"message"`
	Errors  map[string][]string `json:"errors,omitempty"` // by field
}
