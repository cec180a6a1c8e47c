package blocks

import (
	"fmt"
	"slices"
	"testing"
)

// TestListed checks that a kind listed twice, or under a wrong name, stops the
// program at its start.
func TestListed(t *testing.T) {
	t.Parallel()
	stop := Kind{Name: KindStop, New: func() Step { return new(StopStep) }}
	for want, kinds := range map[string][]Kind{
		"<nil>":                          {stop},
		"blocks: kind stop listed twice": {stop, stop},
		"blocks: kind end makes a stop":  {{Name: "end", New: stop.New}},
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}()
			listed(kinds)
		}()
	}
	for _, k := range Kinds() {
		if slices.Contains(Later(), k.Name) {
			t.Errorf("%s is listed as not available yet", k.Name)
		}
		if k.Speaks != (k.Name == KindModule || isSpeaker(k.New())) {
			t.Errorf("%s speaks: %t", k.Name, k.Speaks)
		}
	}
}

func isSpeaker(s Step) bool {
	_, speaks := s.(speaker)
	_, raw := s.(*RawStep) // on its own channel
	return speaks || raw
}
