package outbox

import (
	"testing"

	"github.com/blockcast/blockcast/engine"
)

// TestPayloadsAreReadOnceAVisit holds that the rows of a visit share what their
// render holds, and that a row alone reads its own.
func TestPayloadsAreReadOnceAVisit(t *testing.T) {
	t.Parallel()
	r := &engine.Render{ID: "r1", Payloads: []byte(`[{"body": "Hello", "messages": 1}]`)}
	for name, c := range map[string]struct {
		told   *alike
		shared bool
	}{"rows of a visit": {newAlike(), true}, "a row alone": {nil, false}} {
		first, err := c.told.read(r)
		if err != nil || len(first) != 1 || first[0].Messages != 1 {
			t.Fatalf("%s: %+v, %v", name, first, err)
		}
		again, err := c.told.read(r)
		if err != nil || len(again) != 1 || (&first[0] == &again[0]) != c.shared {
			t.Errorf("%s: read again %+v, %v", name, again, err)
		}
	}
}
