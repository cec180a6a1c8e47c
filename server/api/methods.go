package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"
)

// fixedPaths says of addresses that would else be read as the id of one of a
// list which method they take: fiber knows only that another route would match.
// It comes before all routes. Where such an address is a name that something may
// have, as a flow may be called check, it is not here.
func (a *API) fixedPaths(r fiber.Router) {
	for path, method := range map[string]string{
		exportPath: http.MethodGet, importPath: http.MethodPost, listFilePath: http.MethodPost, bulkPath: http.MethodPost, settlePath: http.MethodPost,
	} {
		r.Use("/v1/bots/:bot"+path, func(c *fiber.Ctx) error {
			if m := c.Method(); m == method || m == http.MethodHead && method == http.MethodGet {
				return c.Next()
			}
			c.Set(fiber.HeaderAllow, method)
			return fiber.ErrMethodNotAllowed
		})
	}
}
