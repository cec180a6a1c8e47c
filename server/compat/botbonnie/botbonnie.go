// Package botbonnie serves BotBonnie's push call, so that its callers go on
// working when they change the host alone. It translates a call into an order
// and the outcome into the vendor's answer; who is meant, what is said and
// whether it may be is the outbox's.
//
//	POST /v1/api/message/push
//	Authorization: Bearer …
//
//	{"bot_id": "bot-8Xh2kQ", "bot_raw_uid": "U4af4…", "bot_pid": "@shop", "bot_channel": 1, "bot_mid": "module-9Kd1"}
//
// What concerns the person is answered with HTTP 200 and the status in the
// body: real clients read the answer's res unguarded. What the caller can mend
// is an HTTP error with the same body.
package botbonnie

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/blocks/foreign"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/server/compat/lenient"
	"github.com/blockcast/blockcast/server/token"
)

// mount is where all calls of the first version are.
const mount = "/v1/api/"

// Directory finds accounts and people.
type Directory interface {
	lenient.Accounts
	// Identity returns one of the bot's identities, nil when it is unknown.
	Identity(ctx context.Context, botID string, id int64) (*engine.Identity, error)
}

// Libraries know what a bot has published.
type Libraries interface {
	Library(ctx context.Context, botID string) (*engine.Library, error)
}

// Outbox takes orders. A refusal by policy is no error but a status.
type Outbox interface {
	Accept(ctx context.Context, o outbox.Order) (*outbox.Accepted, error)
}

var _ Outbox = (*outbox.Outbox)(nil)

// Config is what the call is served with. None may be nil.
type Config struct {
	Bots      lenient.Bots
	Tokens    token.Finder
	Directory Directory
	Libraries Libraries
	Outbox    Outbox
	Now       func() time.Time
}

// Pushes serves the push call. It is a server.Surface.
type Pushes struct{ Config }

// New returns the surface, whose routes Mount adds.
func New(c Config) *Pushes { return &Pushes{c} }

// Mount adds the routes.
func (p *Pushes) Mount(r fiber.Router) {
	r.All(mount+"message/push", p.push)
}

// Owns reports whether a path is one of the product's.
func (p *Pushes) Owns(path string) bool { return strings.HasPrefix(path, mount) }

// MaxBody is the most a call may carry.
func (p *Pushes) MaxBody(string) int { return lenient.MaxBody }

// Fail answers in the product's form.
func (p *Pushes) Fail(c *fiber.Ctx, status int, text string) error {
	return refuse(c, status, status, lenient.Numbered(c, status, text))
}

// answer is the body of every answer. res is there in each.
type answer struct {
	Res          any    `json:"res"`
	Status       int    `json:"status"`
	ErrorMessage string `json:"errorMessage,omitempty"`
	ErrorCode    int    `json:"errorCode,omitempty"`
}

// refuse answers with an HTTP status, and with one in the body that may differ.
func refuse(c *fiber.Ctx, http, inBody int, text string) error {
	return c.Status(http).JSON(answer{Status: inBody, ErrorMessage: text, ErrorCode: inBody})
}

// fault answers a mistake of the caller's; anything else goes to the server.
func (p *Pushes) fault(c *fiber.Ctx, err error) error {
	var faults foreign.Faults
	if errors.As(err, &faults) {
		return p.Fail(c, statusOf(faults), faults.Error())
	}
	status, text, ok := lenient.Mistake(c, err)
	if !ok {
		return err
	}
	var e *engine.Error
	if errors.As(err, &e) && e.Code == engine.NotFound && e.Field == fieldUser {
		return refuse(c, fiber.StatusOK, status, text)
	}
	return p.Fail(c, status, text)
}

// statusOf is 404 where nothing is wrong with a message but modules that are
// not there.
func statusOf(faults foreign.Faults) int {
	for _, f := range faults {
		if !engine.IsCode(f.Err, engine.NotFound) {
			return fiber.StatusBadRequest
		}
	}
	return fiber.StatusNotFound
}

func invalid(field, text string) error {
	return &engine.Error{Code: engine.Invalid, Field: field, Message: field + " " + text}
}

func unknown(field, text string) error {
	return &engine.Error{Code: engine.NotFound, Field: field, Message: text}
}
