package engine_test

import (
	"flag"
	"testing"

	"github.com/blockcast/blockcast/engine/enginetest"
)

var update = flag.Bool("update", false, "write the turns into the scripts")

// TestFlows plays every script of testdata: what people do and the golden turn
// that follows.
func TestFlows(t *testing.T) {
	t.Parallel()
	enginetest.Goldens(t, "testdata", *update)
}
