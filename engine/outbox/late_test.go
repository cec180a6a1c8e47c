package outbox_test

import (
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// However slow the platform is, nobody else takes a row whose next call is under
// way: each call holds it anew.
func TestSlowCallsKeepTheirRow(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.platform.Keys = false
		id := h.accepts(h.order(30)).DeliveryID
		h.platform.During = func() {
			h.clock.Pass(20 * time.Second)
			other, err := h.db.Claim(t.Context(), id, outbox.Claim{AttemptID: "other", Now: h.clock.Now(), LeaseUntil: h.clock.Now().Add(time.Minute)})
			if err != nil || other != nil {
				t.Errorf("another took the row: %+v, %v", other, err)
			}
		}
		h.works(id)
		h.is(id, engine.SentOut)
		h.calls(6)
	})
}
