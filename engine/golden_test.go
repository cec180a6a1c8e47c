package engine_test

import (
	"testing"

	"github.com/blockcast/blockcast/engine/enginetest"
)

// TestFlows plays every script of testdata: what people do and the golden turn
// that follows.
func TestFlows(t *testing.T) {
	t.Parallel()
	enginetest.Goldens(t, "testdata")
}
