package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/problem"
	"github.com/blockcast/blockcast/server/token"
)

// caller is who calls, and about which bot.
type caller struct {
	token     *engine.Token
	bot       *engine.Bot // nil where the path names none
	requestID string
	key       string // Idempotency-Key
}

type callerKey struct{}

// callerOf returns who calls; the zero value outside of a call.
func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c
}

// botOf returns the bot of the path.
func botOf(ctx context.Context) *engine.Bot { return callerOf(ctx).bot }

// authorize lets a call through when its token reaches the bot in the path and
// carries the operation's scope. A bot that the token does not reach is as
// unknown as one that is not there.
func (a *API) authorize(c huma.Context, next func(huma.Context)) {
	rule := ruleOf(c.Operation())
	if rule.open {
		next(c)
		return
	}
	who, refused := a.judge(c, rule)
	if refused != nil {
		a.refuse(c, refused)
		return
	}
	c = huma.WithValue(c, callerKey{}, who)
	if who.key != "" && c.Method() == http.MethodPost && !rule.keyed {
		a.once(c, who, next)
		return
	}
	next(c)
}

func (a *API) judge(c huma.Context, rule rule) (caller, *problem.Problem) {
	who := caller{requestID: responseID(c), key: c.Header(keyHeader)}
	secret := token.Bearer(c.Header("Authorization"))
	t, err := token.Find(c.Context(), a.Tokens, secret, a.Now())
	switch {
	case err != nil:
		return who, a.internal(c, err)
	case secret == "":
		return who, problem.New(http.StatusUnauthorized, token.Missing)
	case t == nil:
		return who, problem.New(http.StatusUnauthorized, token.Unknown)
	}
	who.token = t
	if id := c.Param("bot"); id != "" {
		bot, err := a.reached(c.Context(), t, id)
		if err != nil {
			return who, a.internal(c, err)
		}
		if bot == nil {
			return who, problem.New(http.StatusNotFound, "this token reaches no bot of this id")
		}
		who.bot = bot
	}
	if rule.scope != "" && !token.Allows(t, rule.scope) {
		return who, problem.New(http.StatusForbidden, "this token lacks the scope "+rule.scope)
	}
	return who, nil
}

// reached finds the bot when the token reaches it, nil when not.
func (a *API) reached(ctx context.Context, t *engine.Token, id string) (*engine.Bot, error) {
	if !token.Reaches(t, id) {
		return nil, nil
	}
	bot, err := a.Store.Bot(ctx, id)
	if engine.IsCode(err, engine.NotFound) {
		return nil, nil
	}
	return bot, err
}

func (a *API) internal(c huma.Context, err error) *problem.Problem {
	p := a.fallen(err)
	if p.Status != http.StatusTooManyRequests {
		a.Log.Error("api call failed", "request_id", responseID(c), "operation", c.Operation().OperationID, "error", err)
	}
	return p
}

// refuse answers before huma has seen the call.
func (a *API) refuse(c huma.Context, p *problem.Problem) {
	if p.Status == http.StatusUnauthorized {
		c.SetHeader("WWW-Authenticate", "Bearer")
	}
	c.SetHeader("Content-Type", problem.ContentType)
	for name := range p.GetHeaders() {
		c.SetHeader(name, p.GetHeaders().Get(name))
	}
	c.SetStatus(p.Status)
	if err := writeJSON(c.BodyWriter(), p.Fill(responseID(c))); err != nil {
		a.Log.Error("write answer", "request_id", responseID(c), "error", err)
	}
}

// responseID is the call's id, which the server has put into the answer.
func responseID(c huma.Context) string {
	return humafiber.Unwrap(c).GetRespHeader(fiber.HeaderXRequestID)
}
