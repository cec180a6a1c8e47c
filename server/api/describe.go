package api

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/gofiber/fiber/v2"
)

// intro opens the description; the page shows it first.
const intro = `Send blocks to people and keep what they need: bots, accounts, flows, contacts, sends.

Every call but the public ones carries ` + "`Authorization: Bearer <token>`" + `. A token belongs to one bot and has scopes; another bot's id is as unknown as one that does not exist.

Errors are RFC 9457 problems with a ` + "`request_id`" + ` to ask about. Lists take ` + "`limit`" + ` and ` + "`cursor`" + ` and answer ` + "`items`" + ` and, when there is more, ` + "`next_cursor`" + `. Times are RFC 3339 in UTC; lengths of time are written 90s, 30m, 2h, 1d.`

// page shows the description in a browser. It is one file that loads nothing
// from elsewhere.
//
//go:embed page.html
var page []byte

// describe adds /openapi.json and /docs. The description is complete when all
// resources are registered; it is written when somebody first asks for it,
// because most commands that serve the API to themselves never do.
func (a *API) describe(r fiber.Router) {
	delete(a.huma.OpenAPI().Components.Schemas.Map(), "ErrorModel") // huma's own; every answer is a Problem
	delete(a.huma.OpenAPI().Components.Schemas.Map(), "ErrorDetail")
	a.spec = sync.OnceValue(func() json.RawMessage {
		spec, err := json.Marshal(a.huma.OpenAPI())
		if err != nil {
			panic(fmt.Sprintf("api: describe: %v", err))
		}
		return spec
	})
	r.Get("/openapi.json", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, "application/openapi+json")
		return c.Send(a.spec())
	})
	r.Get("/docs", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
		c.Set("Content-Security-Policy", "default-src 'none'; connect-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:")
		return c.Send(page)
	})
}
