package lenient

import (
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
)

// HeaderDelivery names the delivery in the answers of all products.
const HeaderDelivery = "X-Delivery-Id"

// headerKey is the header that makes a repeated call safe. No vendor has it;
// all are served with it.
const headerKey = "Idempotency-Key"

// maxKey is the longest Idempotency-Key that is kept.
const maxKey = 255

// Key returns a call's Idempotency-Key, "" when it has none. One that cannot be
// kept is an *engine.Error.
func Key(c *fiber.Ctx) (string, error) {
	key := strings.TrimSpace(c.Get(headerKey))
	if len(key) > maxKey {
		return "", &engine.Error{Code: engine.Invalid, Field: headerKey, Message: fmt.Sprintf("the Idempotency-Key is longer than %d characters", maxKey)}
	}
	return key, nil
}

// PathParam is a part of the path, unescaped. Here + is itself.
func PathParam(c *fiber.Ctx, name string) string {
	return strings.TrimSpace(unescape(strings.ReplaceAll(c.Params(name), "+", "%2B")))
}
