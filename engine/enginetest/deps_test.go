package enginetest_test

import (
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine/enginetest"
)

// TestDeps holds that two worlds are the same and that time in them moves only
// by being read.
func TestDeps(t *testing.T) {
	t.Parallel()
	a, b := enginetest.Deps(t), enginetest.Deps(t)
	last := enginetest.Began
	ids := map[string]bool{}
	for range 5 {
		now, id := a.Now(), a.NewID()
		if !now.After(last) || now.Location() != time.UTC || !now.Equal(now.Truncate(time.Microsecond)) {
			t.Errorf("%s follows %s", now, last)
		}
		if len(id) != 24 || ids[id] {
			t.Errorf("the id %q", id)
		}
		last, ids[id] = now, true
		if !b.Now().Equal(now) || b.NewID() != id || a.Rand() != b.Rand() {
			t.Error("two worlds differ")
		}
	}
}
