package outbox_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// What a block needs and nobody brings is a warning; a strict order is refused
// and leaves nothing behind.
func TestStrictOrdersNeedWhatTheBlockNeeds(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.publish(`{"format": 1, "flow": "f", "attributes": {"order_id": "text", "total": "number"},
			"modules": [{"name": "shipped", "entry": {"needs": ["order_id", "total"]}, "steps": [{"type": "text", "text": "Order {{ order_id }}"}]}]}`)
		order := func(strict bool, attributes map[string]any) (*outbox.Accepted, error) {
			return h.Accept(t.Context(), outbox.Order{Bot: h.bot, Source: "api", To: outbox.Recipient{IdentityID: h.identity.ID}, Block: "shipped",
				Attributes: attributes, Intent: engine.IntentUtility, Strict: strict})
		}
		if a, err := order(false, nil); err != nil || a.Status != engine.Queued || len(a.Warnings) != 2 || !strings.Contains(a.Warnings[0], `"order_id"`) {
			t.Errorf("an order that is not strict: %+v, %v", a, err)
		}
		_, err := order(true, map[string]any{"order_id": "A1"})
		e, ok := errors.AsType[*engine.Error](err)
		if !ok || e.Code != engine.Invalid || e.Field != "attributes" || !strings.Contains(e.Message, `"total"`) || strings.Contains(e.Message, "order_id") {
			t.Errorf("a strict order without the total: %v", err)
		}
		if a, err := order(true, map[string]any{"order_id": "A1", "total": 5}); err != nil || len(a.Warnings) > 0 {
			t.Errorf("a strict order with all: %+v, %v", a, err)
		}
		must(t, h.db.PatchContact(t.Context(), h.bot.ID, h.identity.ContactID, h.identity.ID, engine.Deltas{Set: map[string]any{"total": 7.0}}, h.clock.Now()))
		if a, err := order(true, map[string]any{"order_id": "A1"}); err != nil || a.Status != engine.Queued {
			t.Errorf("a strict order of somebody whose total is known: %+v, %v", a, err)
		}
	})
}
