package broadcast_test

import (
	"encoding/json"
	"testing"

	"github.com/blockcast/blockcast/engine"
)

// What variants cost is the sum over all of their people, each by the messages
// their variant has.
func TestTheCostOfVariants(t *testing.T) {
	each(t, func(t *testing.T, h *harness) {
		h.people(12)
		h.rules(engine.BroadcastSettings{Prices: []engine.Price{{AccountID: h.account.ID, Route: "push", Amount: 1, Currency: "TWD"}}})
		one := engine.Content{Block: "hello"}
		for name, p := range map[string]engine.Plan{
			"of one message each": {Variants: []engine.Variant{{Name: "a", Weight: 1, Content: one}, {Name: "b", Weight: 1, Content: one}}},
			"of one and of two": {Variants: []engine.Variant{{Name: "a", Weight: 1, Content: one},
				{Name: "b", Weight: 1, Content: engine.Content{Messages: json.RawMessage(`[{"type":"text","text":"Hi"},{"type":"text","text":"again"}]`)}}}},
		} {
			p.Subject, p.Audience = name, engine.Audience{All: true}
			_, f := h.prepared(p)
			calls := int64(0)
			for _, q := range f.Quotas {
				calls += q.Needed
			}
			if len(f.Variants) != 2 || len(f.Cost) != 1 || f.Cost[0].Amount != float64(calls) || calls < f.Reachable {
				t.Errorf("%s: %+v for %d messages to %d people, variants %v", name, f.Cost, calls, f.Reachable, f.Variants)
			}
		}
	})
}
