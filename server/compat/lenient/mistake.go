package lenient

import (
	"context"
	"errors"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/token"
)

// MaxBody is far more than any call of these products carries.
const MaxBody = 1 << 20

// Denied is the error of a call whose token is missing or opens nothing. It is
// about the token, not about what is asked.
func Denied(text string) error { return &deniedError{text} }

// Judge says why a token is not good for a call that names no bot: nobody has
// it (nil), it is no bot's, or it lacks the scope.
func Judge(t *engine.Token, scope string) error {
	switch {
	case t == nil:
		return Denied(token.Unknown)
	case t.BotID == "":
		return &engine.Error{Code: engine.Forbidden, Message: "this token is no bot's: make one among the bot's tokens"}
	case !token.Allows(t, scope):
		return &engine.Error{Code: engine.Forbidden, Message: "this token lacks the scope " + scope + ": make one that has it"}
	}
	return nil
}

type deniedError struct{ text string }

func (e *deniedError) Error() string { return e.text }

// Mistake is what a caller is told of an error: an HTTP status, which a product
// may know by another number, and a sentence. ok is false for what is no
// mistake of the caller's; that is the server's to answer.
func Mistake(c *fiber.Ctx, err error) (status int, text string, ok bool) {
	var denied *deniedError
	if errors.As(err, &denied) {
		return fiber.StatusUnauthorized, denied.text, true
	}
	var e *engine.Error
	if !errors.As(err, &e) {
		return 0, "", false
	}
	if e.Code == engine.Unavailable {
		later(c)
	}
	return statusOf(e.Code), Sentence(e), true
}

func statusOf(code engine.ErrorCode) int {
	switch code {
	case engine.NotFound:
		return fiber.StatusNotFound
	case engine.Conflict:
		return fiber.StatusConflict
	case engine.Forbidden:
		return fiber.StatusForbidden
	case engine.Unavailable:
		return fiber.StatusServiceUnavailable
	}
	return fiber.StatusBadRequest
}

// Numbered adds the call's id to what is said of a fault of ours, so that who
// is told can ask for it.
func Numbered(c *fiber.Ctx, status int, text string) string {
	if status < fiber.StatusInternalServerError {
		return text
	}
	return text + " (request " + c.GetRespHeader(fiber.HeaderXRequestID) + ")"
}

// Bots finds bots by the ids their callers send.
type Bots interface {
	// BotByAlias finds the bot a foreign id means; its own id works too. nil
	// when it is unknown.
	BotByAlias(ctx context.Context, id string) (*engine.Bot, error)
}

// NotItsBot is the error of a call that names a bot which is not the token's, or
// none; where says where the id stands.
func NotItsBot(t *engine.Token, where, id string) error {
	e := &engine.Error{Code: engine.NotFound, Field: where, Message: fmt.Sprintf("this token's bot is not %q", id)}
	switch {
	case t.BotID == "":
		e.Message, e.Hint = "this token belongs to no bot", "take one that blockcast tokens create has made for the bot"
	case id == "":
		e.Hint = fmt.Sprintf("put its id there: %s", t.BotID)
	default:
		e.Hint = fmt.Sprintf("its id is %s; blockcast aliases set bot lets an old system's id mean it too", t.BotID)
	}
	return e
}

// Bot is the bot a call names, nil when it is not the token's, whether it exists
// or not.
func Bot(ctx context.Context, bots Bots, t *engine.Token, id string) (*engine.Bot, error) {
	bot, err := bots.BotByAlias(ctx, id)
	if err != nil && !engine.IsCode(err, engine.NotFound) {
		return nil, err
	}
	if bot == nil || t.BotID != bot.ID {
		return nil, nil
	}
	return bot, nil
}
