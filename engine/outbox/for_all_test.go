package outbox

import (
	"fmt"
	"slices"
	"testing"
)

// TestForAllForgets holds that what was seen in one revision says nothing of
// another, and that a bot's newest blocks are remembered.
func TestForAllForgets(t *testing.T) {
	t.Parallel()
	var f forAll
	f.note("b1", "news", 7)
	f.note("b1", "news", 7)
	if got := f.of("b1", 7); !slices.Equal(got, []string{"news"}) {
		t.Errorf("known %q", got)
	}
	if got := f.of("b1", 8); got != nil {
		t.Errorf("of another revision %q", got)
	}
	if got := f.of("b2", 7); got != nil {
		t.Errorf("of another bot %q", got)
	}
	for i := range 2 * keptForAll {
		f.note("b1", fmt.Sprint("block ", i), 8)
	}
	if got := f.of("b1", 8); len(got) != keptForAll || got[0] != fmt.Sprint("block ", 2*keptForAll-1) {
		t.Errorf("%d are known, the newest %q", len(got), got[0])
	}
}
