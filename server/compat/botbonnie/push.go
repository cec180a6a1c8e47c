package botbonnie

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/foreign"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/policy"
	"github.com/blockcast/blockcast/server/compat/lenient"
	"github.com/blockcast/blockcast/server/token"
)

// maxCategory is how many characters the vendor allows; not bytes.
const maxCategory = 20

// noCategory is where the vendor's report files what has no category.
const noCategory = "未知的類別"

// push serves the call.
func (p *Pushes) push(c *fiber.Ctx) error {
	if c.Method() != fiber.MethodPost {
		c.Set(fiber.HeaderAllow, fiber.MethodPost)
		return p.Fail(c, fiber.StatusMethodNotAllowed, "use POST")
	}
	accepted, err := p.send(c)
	if err != nil {
		return p.fault(c, err)
	}
	lenient.Names(c, accepted)
	if accepted.Status == engine.Skipped || accepted.Status == engine.Failed {
		return refuse(c, fiber.StatusOK, fiber.StatusConflict, lenient.Refusal(accepted))
	}
	return c.JSON(answer{Res: "ok", Status: fiber.StatusOK})
}

// send goes from the token over bot, page and person to what is said; then the
// outbox decides.
func (p *Pushes) send(c *fiber.Ctx) (*outbox.Accepted, error) {
	ctx := c.UserContext()
	t, err := p.authenticate(c)
	if err != nil {
		return nil, err
	}
	given, err := lenient.Read(lenient.Of(c))
	if err != nil {
		return nil, err
	}
	bot, err := p.bot(ctx, t, given)
	if err != nil {
		return nil, err
	}
	o := outbox.Order{Bot: bot, Source: policy.BotBonnie, Token: t}
	if o.Key, err = lenient.Key(c); err != nil {
		return nil, err
	}
	account, err := p.account(ctx, bot, given)
	if err != nil {
		return nil, err
	}
	if o.Category, err = category(given); err != nil {
		return nil, err
	}
	if err := p.intend(&o, account, given); err != nil {
		return nil, err
	}
	if err := p.content(ctx, &o, given); err != nil {
		return nil, err
	}
	if o.To, err = p.recipient(ctx, bot, account, given); err != nil {
		return nil, err
	}
	if err := record(&o, account, given); err != nil {
		return nil, err
	}
	return p.Outbox.Accept(ctx, o)
}

func (p *Pushes) authenticate(c *fiber.Ctx) (*engine.Token, error) {
	secret := token.Bearer(c.Get(fiber.HeaderAuthorization))
	if secret == "" {
		return nil, lenient.Denied(token.Missing)
	}
	t, err := token.Find(c.UserContext(), p.Tokens, secret, p.Now())
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, lenient.Denied(token.Unknown)
	}
	return t, nil
}

// bot finds the bot. One that is not the token's is unknown, whether it exists
// or not.
func (p *Pushes) bot(ctx context.Context, t *engine.Token, given lenient.Params) (*engine.Bot, error) {
	id := given.Text("bot_id")
	if id == "" {
		return nil, invalid("bot_id", "is missing")
	}
	bot, err := lenient.Bot(ctx, p.Bots, t, id)
	if err != nil {
		return nil, err
	}
	if bot == nil {
		return nil, lenient.NotItsBot(t, "bot_id", id)
	}
	if !token.Allows(t, engine.ScopeSend) {
		return nil, &engine.Error{Code: engine.Forbidden, Message: "this token may not send: make one with the scope send"}
	}
	return bot, nil
}

func category(given lenient.Params) (string, error) {
	s := given.Text("category")
	if n := utf8.RuneCountInString(s); n > maxCategory {
		return "", invalid("category", fmt.Sprintf("has %d characters: it may have %d", n, maxCategory))
	}
	if s == "" {
		return noCategory, nil
	}
	return s, nil
}

// intend turns the type into an intent. It is Messenger's: other platforms
// know no such thing, and there it is kept for the record alone.
func (p *Pushes) intend(o *outbox.Order, a *engine.Account, given lenient.Params) error {
	o.Tag, o.Intent = given.Text("type"), engine.IntentUtility
	if a.Channel != policy.Messenger {
		return nil
	}
	if o.Tag == "" {
		o.Tag = "UPDATE"
		o.Warnings = append(o.Warnings, "type_missing: on Messenger a push needs a type; it was taken as UPDATE, which goes out within 24 hours of what the person last wrote")
	}
	var warning string
	o.Intent, o.InWindow, warning = policy.Tag(policy.BotBonnie, o.Tag, p.Now())
	if warning != "" {
		o.Warnings = append(o.Warnings, warning)
	}
	if o.Intent == engine.IntentAgent && !token.Allows(o.Token, engine.ScopeAgent) {
		return &engine.Error{Code: engine.Forbidden, Field: "type", Message: "this token may not send as a person: use another type, or a token with the scope agent"}
	}
	return nil
}

// content is the module or the message that is sent: one of the two.
func (p *Pushes) content(ctx context.Context, o *outbox.Order, given lenient.Params) error {
	module, message := given.Text("bot_mid"), given["message"]
	switch {
	case module == "" && message == nil:
		return invalid("bot_mid", "or message is missing: say what to send")
	case module != "" && message != nil:
		return invalid("bot_mid", "and message exclude each other: give one of them")
	}
	library, err := p.Libraries.Library(ctx, o.Bot.ID)
	if err != nil {
		return err
	}
	find := func(name string) (string, error) {
		block, err := lenient.Block(ctx, p.Directory, library, name)
		var e *engine.Error
		switch {
		case errors.As(err, &e):
			return "", &engine.Error{Code: e.Code, Field: "bot_mid", Message: lenient.Sentence(e)}
		case err != nil:
			return "", err
		}
		return block.ID, nil
	}
	if module != "" {
		o.Block, err = find(module)
		return err
	}
	data, err := json.Marshal(message)
	if err != nil {
		return fmt.Errorf("read the message: %w", err)
	}
	m, err := foreign.BotBonnie(data, find)
	if err != nil {
		return err
	}
	o.Messages = []blocks.Message{m}
	return nil
}

// record writes down what was asked.
func record(o *outbox.Order, a *engine.Account, given lenient.Params) error {
	return lenient.Record(o, struct {
		Page     string `json:"bot_pid"`
		UID      string `json:"bot_uid,omitempty"`
		RawUID   string `json:"bot_raw_uid,omitempty"`
		Module   string `json:"bot_mid,omitempty"`
		Message  any    `json:"message,omitempty"`
		Type     string `json:"type,omitempty"`
		Category string `json:"category,omitempty"`
	}{a.ID, given.Text("bot_uid"), given.Text("bot_raw_uid"), given.Text("bot_mid"), given["message"], given.Text("type"), given.Text("category")})
}
