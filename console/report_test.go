package console

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/blockcast/blockcast/engine/broadcast"
)

// Two buttons of one name are told apart, and who tapped is a dash where nobody
// knows, never 0.
func TestButtonsOfAReport(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		all  []broadcast.Click
		want []clickLine
	}{
		"one message": {[]broadcast.Click{{Place: "0.0.1", Title: "Shop", People: 9, Taps: 12}}, []clickLine{{Title: "Shop", People: "9", Taps: 12}}},
		"counted without telling who": {[]broadcast.Click{{Place: "0.0.1", Title: "Shop", Taps: 1200}},
			[]clickLine{{Title: "Shop", People: "–", Taps: 1200}}},
		"cards with the same button": {[]broadcast.Click{{Place: "1.0.1", Title: "Buy", People: 1, Taps: 1}, {Place: "1.2.1", Title: "Buy", People: 2, Taps: 3}, {Place: "0.0.1", Title: "Hi", People: 1, Taps: 1}},
			[]clickLine{{"Buy", "message 2, card 3", "2", 3}, {"Buy", "message 2, card 1", "1", 1}, {"Hi", "message 1", "1", 1}}},
		"without titles": {[]broadcast.Click{{Place: "0.0.0", People: 3, Taps: 3}, {Place: "0.0.2", People: 2, Taps: 2}, {People: 1, Taps: 1}},
			[]clickLine{{Title: "the card or picture itself", People: "3", Taps: 3}, {Title: "button 2", People: "2", Taps: 2}, {Title: "of a message that is gone", People: "1", Taps: 1}}},
	} {
		if d := cmp.Diff(c.want, clicks(c.all)); d != "" {
			t.Errorf("%s: -want +got\n%s", name, d)
		}
	}
}
