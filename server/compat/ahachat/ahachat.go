// Package ahachat serves the send calls of AhaChat and of Chatfuel, from which
// AhaChat's are copied, so that their callers go on working when they change
// the host alone. It translates a call into an order and the outcome into the
// vendors' answer; who is meant, what is said and whether it may be is the
// outbox's.
//
// AhaChat:
//
//	POST /api/bots/{bot}/users/{user}/send?ahachat_token=…&ahachat_block_name=…&order_id=A1024
//	POST /api/bots/{bot}/phones/send?ahachat_token=…&ahachat_block_name=…&phone=0912345678&order_id=A1024
//
// Chatfuel:
//
//	POST /bots/{bot}/users/{user}/send?chatfuel_token=…&chatfuel_block_name=…&order_id=A1024
package ahachat

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/policy"
	"github.com/blockcast/blockcast/server/compat/lenient"
	"github.com/blockcast/blockcast/server/token"
)

// Outbox takes orders. A refusal by policy is no error but a status.
type Outbox interface {
	Accept(ctx context.Context, o outbox.Order) (*outbox.Accepted, error)
}

var _ Outbox = (*outbox.Outbox)(nil)

// Config is what the calls are served with. Only Log may be nil.
type Config struct {
	Bots   lenient.Bots
	Tokens token.Finder
	Outbox Outbox
	Now    func() time.Time
	Log    *slog.Logger
}

// Sends is the surface of both products.
type Sends struct{ Config }

// New returns the surface, whose routes Mount adds.
func New(c Config) *Sends {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Sends{c}
}

// product is one of the two.
type product struct {
	name   string // source of its sends, and whose message tags count
	mount  string
	prefix string // of the parameters that are not attributes
}

func ahaChat() product  { return product{policy.AhaChat, "/api/bots/", "ahachat_"} }
func chatfuel() product { return product{policy.Chatfuel, "/bots/", "chatfuel_"} }

// Mount adds the routes.
func (s *Sends) Mount(r fiber.Router) {
	for _, p := range []product{ahaChat(), chatfuel()} {
		r.All(p.mount+":bot/users/:user/send", s.call(p, toUser))
	}
	p := ahaChat()
	r.All(p.mount+":bot/phones/send", s.call(p, toPhone))
	for _, p := range []product{ahaChat(), chatfuel()} {
		r.All(p.mount+"*", s.nothing(p))
	}
}

// nothing names the calls there are to who calls another address.
func (s *Sends) nothing(p product) fiber.Handler {
	text := "there is nothing at this address: calls are POST " + p.mount + "BOT/users/USER/send"
	if p.name == policy.AhaChat {
		text += " and POST " + p.mount + "BOT/phones/send"
	}
	return func(c *fiber.Ctx) error { return s.Fail(c, fiber.StatusNotFound, text) }
}

// Owns reports whether a path is one of the products'.
func (s *Sends) Owns(path string) bool {
	return strings.HasPrefix(path, ahaChat().mount) || strings.HasPrefix(path, chatfuel().mount)
}

// MaxBody is the most a call may carry.
func (s *Sends) MaxBody(string) int { return lenient.MaxBody }

// Fail answers in the products' form.
func (s *Sends) Fail(c *fiber.Ctx, status int, text string) error {
	allowAll(c)
	return c.Status(status).JSON(answer{Result: lenient.Numbered(c, status, text)})
}

// answer is the body of every answer.
type answer struct {
	Success    bool   `json:"success"`
	Result     string `json:"result"`
	DeliveryID int64  `json:"delivery_id,omitempty"`
}

// allowAll opens these paths to web pages: the products' callers include
// snippets in them. It also means that such a page shows its token to all who
// look; the documentation says so.
func allowAll(c *fiber.Ctx) {
	c.Set(fiber.HeaderAccessControlAllowOrigin, "*")
	c.Set(fiber.HeaderAccessControlExposeHeaders, lenient.HeaderDelivery+", X-Request-Id")
}

// preflight answers a browser that asks before it calls.
func preflight(c *fiber.Ctx) error {
	allowAll(c)
	c.Set(fiber.HeaderAccessControlAllowMethods, "POST, OPTIONS")
	c.Set(fiber.HeaderAccessControlAllowHeaders, "Content-Type, Authorization, Idempotency-Key, X-Request-Id, X-Requested-With")
	c.Set(fiber.HeaderAccessControlMaxAge, "86400")
	return c.SendStatus(fiber.StatusNoContent)
}
