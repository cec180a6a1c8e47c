package lenient

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// retryAfter is when a caller may try again what could not be stored.
const retryAfter = time.Second

// Record writes down in an order what was asked, and its hash: the same call in
// another form is the same call. call must hold no secret.
func Record(o *outbox.Order, call any) error {
	request, err := json.Marshal(call)
	if err != nil {
		return fmt.Errorf("record the call: %w", err)
	}
	sum := sha256.Sum256(append([]byte(o.Source+"\n"), request...))
	o.Request, o.BodyHash = request, hex.EncodeToString(sum[:])
	return nil
}

// Names tells in the answer's header which delivery it is about. Where only
// attributes were saved there is none, but a call that can be looked up.
func Names(c *fiber.Ctx, a *outbox.Accepted) {
	if a.DeliveryID != 0 {
		c.Set(HeaderDelivery, strconv.FormatInt(a.DeliveryID, 10))
	} else if a.SendID != "" {
		c.Set(HeaderDelivery, a.SendID)
	}
}

// Refusal says why nothing goes out, and where it stands.
func Refusal(a *outbox.Accepted) string {
	why := a.Explanation
	if why == "" {
		why = "not sent: " + a.Reason
	}
	return fmt.Sprintf("%s (delivery %d)", strings.TrimSuffix(why, "."), a.DeliveryID)
}

// Sentence is a caller's mistake with its hint.
func Sentence(e *engine.Error) string {
	if e.Hint == "" {
		return e.Message
	}
	return e.Message + "; " + e.Hint
}

// later tells the caller in a header when to try again.
func later(c *fiber.Ctx) {
	c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(retryAfter/time.Second)))
}
