package firstline

import (
	"bytes"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/compat/lenient"
	"github.com/blockcast/blockcast/server/token"
)

// caller is who calls, with what the call brings.
type caller struct {
	token *engine.Token
	bot   *engine.Bot
	given lenient.Params
	empty []string // parameters that are there and mean nothing
}

// read reads a call and finds out whose it is. The token may do what the scope
// says; the bot is the token's.
func (s *Surface) read(c *fiber.Ctx, scope string) (*caller, error) {
	var empty []string
	r := lenient.Of(c)
	r.Empty = func(name string) { empty = append(empty, name) }
	given, bodyErr := lenient.Read(r)
	secret := token.Bearer(c.Get(fiber.HeaderAuthorization))
	if secret == "" {
		secret = given.Text("token")
	}
	delete(given, "token")
	if secret == "" {
		return nil, lenient.Denied(token.Missing + ", or in the query as token")
	}
	t, err := token.Find(c.UserContext(), s.Tokens, secret, s.Now())
	if err == nil {
		err = lenient.Judge(t, scope)
	}
	switch {
	case err != nil:
		return nil, err
	case bodyErr != nil:
		return nil, explained(bodyErr, c.Request().Body())
	}
	bot, err := s.Bots.Bot(c.UserContext(), t.BotID)
	if err != nil {
		return nil, err
	}
	return &caller{t, bot, given, empty}, nil
}

// singleBackslash is how a contactable_type is written by who does not know
// that JSON wants two.
var singleBackslash = regexp.MustCompile(`"App\\[A-Z]`)

// explained adds the commonest reason why a body is no JSON.
func explained(err error, body []byte) error {
	var e *engine.Error
	if errors.As(err, &e) && singleBackslash.Match(body) {
		return &engine.Error{Code: e.Code, Field: e.Field, Message: `the body is not valid JSON: in JSON a backslash is written twice, as in "App\\LineContact"`}
	}
	return err
}

// paramMethod is how a form names another method than POST.
const paramMethod = "_method"

// takes reports whether a call comes by one of the methods; where it does not,
// it is answered.
func (s *Surface) takes(c *fiber.Ctx, methods ...string) (bool, error) {
	method := c.Method()
	if r := lenient.Of(c); method == fiber.MethodPost && (bytes.Contains(r.Body, []byte(paramMethod)) || strings.Contains(r.Query, paramMethod)) {
		if given, err := lenient.Read(r); err == nil && given.Text(paramMethod) != "" {
			method = strings.ToUpper(given.Text(paramMethod))
		}
	}
	if slices.Contains(methods, method) {
		return true, nil
	}
	c.Set(fiber.HeaderAllow, strings.Join(methods, ", "))
	return false, s.Fail(c, fiber.StatusMethodNotAllowed, "use "+methods[0])
}
