package ahachat

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/policy"
	"github.com/blockcast/blockcast/server/compat/lenient"
	"github.com/blockcast/blockcast/server/token"
)

// recipient reads who a call means.
type recipient func(c *fiber.Ctx, p *params) (outbox.Recipient, error)

// call serves one route of a product.
func (s *Sends) call(p product, to recipient) fiber.Handler {
	return func(c *fiber.Ctx) error {
		switch c.Method() {
		case fiber.MethodOptions:
			return preflight(c)
		case fiber.MethodPost:
		default:
			c.Set(fiber.HeaderAllow, "POST, OPTIONS")
			return s.Fail(c, fiber.StatusMethodNotAllowed, "use POST")
		}
		accepted, err := s.send(c, p, to)
		if err != nil {
			return s.refuse(c, err)
		}
		return s.answer(c, accepted)
	}
}

// send goes the order the callers know: token, bot, person, tag; then the
// outbox finds the block, reads the attributes and decides.
func (s *Sends) send(c *fiber.Ctx, p product, to recipient) (*outbox.Accepted, error) {
	given, bodyErr := readParams(lenient.Of(c))
	secret := given.own["token"]
	if secret == "" {
		secret = token.Bearer(c.Get(fiber.HeaderAuthorization))
	}
	if secret == "" && bodyErr != nil {
		return nil, bodyErr // the token may be in what cannot be read
	}
	bot, t, err := s.authenticate(c, p, secret)
	if err != nil {
		return nil, err
	}
	if bodyErr != nil {
		return nil, bodyErr
	}
	o := outbox.Order{Bot: bot, Source: p.name, Token: t, Tag: given.own["message_tag"], Block: block(given)}
	if o.Key, err = lenient.Key(c); err != nil {
		return nil, err
	}
	if o.To, err = to(c, given); err != nil {
		return nil, err
	}
	o.To.Only = !bot.Settings.AllChannels
	if err := s.tag(p, &o); err != nil {
		return nil, err
	}
	o.Tags, o.Attributes = given.takeTags(), given.attributes
	if err := record(&o); err != nil {
		return nil, err
	}
	return s.Outbox.Accept(c.UserContext(), o)
}

// authenticate finds the token and the bot. A bot that is not the token's is
// unknown, whether it exists or not.
func (s *Sends) authenticate(c *fiber.Ctx, p product, secret string) (*engine.Bot, *engine.Token, error) {
	if secret == "" {
		return nil, nil, lenient.Denied("the parameter " + p.prefix + "token is missing: take it from the bot's tokens")
	}
	t, err := token.Find(c.UserContext(), s.Tokens, secret, s.Now())
	if err != nil {
		return nil, nil, err
	}
	if t == nil {
		return nil, nil, lenient.Denied("the " + p.prefix + "token is unknown or revoked: make a new one among the bot's tokens")
	}
	id := lenient.PathParam(c, "bot")
	bot, err := lenient.Bot(c.UserContext(), s.Bots, t, id)
	if err != nil {
		return nil, nil, err
	}
	if bot == nil {
		return nil, nil, lenient.NotItsBot(t, "bot", id)
	}
	if !token.Allows(t, engine.ScopeSend) {
		return nil, nil, lenient.Denied("this token may not send: make one with the scope send")
	}
	return bot, t, nil
}

// toUser is the person named in the path.
func toUser(c *fiber.Ctx, _ *params) (outbox.Recipient, error) {
	user := lenient.PathParam(c, "user")
	if lenient.Absent(user) {
		return outbox.Recipient{}, invalid("user", "the user id in the address is empty: put the person's messenger_user_id there")
	}
	return outbox.Recipient{User: user, Prefer: string(channels.Messenger)}, nil
}

// toPhone is the person with a number. The number finds them and is not saved:
// the call proves nothing about it. A space before it stays, it may have been a
// plus.
func toPhone(_ *fiber.Ctx, p *params) (outbox.Recipient, error) {
	phone := p.take("phone")
	if strings.TrimSpace(phone) == "" {
		return outbox.Recipient{}, invalid("phone", "the parameter phone is missing: give the person's number, such as 0912345678 or +84912345678")
	}
	return outbox.Recipient{Phone: phone, Prefer: string(channels.Messenger)}, nil
}

// block is the one that is asked for, "" when the call only sets attributes. A
// name may hold an id: one client sends every id so. A flow starts where its
// name or id is an alias of a block.
func block(p *params) string {
	for _, name := range []string{"block_name", "block_id", "flow_name", "flow_id"} {
		if v := p.own[name]; v != "" {
			return v
		}
	}
	return ""
}

// tag turns the message tag into an intent.
func (s *Sends) tag(p product, o *outbox.Order) error {
	intent, inWindow, warning := policy.Tag(p.name, o.Tag, s.Now())
	if intent == engine.IntentAgent && !token.Allows(o.Token, engine.ScopeAgent) {
		return lenient.Denied("this token may not send as a person: use another message tag, or a token with the scope agent")
	}
	o.Intent, o.InWindow = intent, inWindow
	if warning != "" {
		o.Warnings = append(o.Warnings, warning)
	}
	return nil
}

// record writes down what was asked, without the token, and its hash: the same
// call in another form is the same call.
func record(o *outbox.Order) error {
	return lenient.Record(o, struct {
		User       string         `json:"user,omitempty"`
		Phone      string         `json:"phone,omitempty"`
		Block      string         `json:"block,omitempty"`
		Tag        string         `json:"message_tag,omitempty"`
		Tags       []string       `json:"tags,omitempty"`
		Attributes map[string]any `json:"attributes,omitempty"`
	}{o.To.User, o.To.Phone, o.Block, o.Tag, o.Tags, o.Attributes})
}

// answer tells what became of an order.
func (s *Sends) answer(c *fiber.Ctx, a *outbox.Accepted) error {
	lenient.Names(c, a)
	if a.Status == engine.Skipped || a.Status == engine.Failed {
		return s.Fail(c, fiber.StatusConflict, lenient.Refusal(a))
	}
	allowAll(c)
	return c.JSON(answer{Success: true, Result: "ok", DeliveryID: a.DeliveryID})
}

// refuse answers a mistake of the caller's; anything else goes to the server.
func (s *Sends) refuse(c *fiber.Ctx, err error) error {
	status, text, ok := lenient.Mistake(c, err)
	switch {
	case !ok:
		return err
	case status == fiber.StatusForbidden: // the products know no such answer
		status = fiber.StatusUnauthorized
	}
	return s.Fail(c, status, text)
}

func invalid(field, text string) error {
	return &engine.Error{Code: engine.Invalid, Field: field, Message: text}
}
