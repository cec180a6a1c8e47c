package flows_test

import (
	"testing"

	"github.com/blockcast/blockcast/blocks/goldentest"
	"github.com/blockcast/blockcast/flows"
)

// TestSchema keeps schema.json, which editors read, equal to what the program
// says.
func TestSchema(t *testing.T) {
	t.Parallel()
	goldentest.Compare(t, "schema.json", flows.Schema())
}
