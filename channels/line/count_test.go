package line

import (
	"strings"
	"testing"

	"github.com/blockcast/blockcast/channels"
)

const family = "👨‍👩‍👧‍👦" // one letter to a reader, eleven UTF-16 units

func TestCounting(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ units, letters int }{
		"":             {0, 0},
		"abc":          {3, 3},
		"đơn hàng":     {8, 8},
		"訂單":           {2, 2},
		"👋":            {2, 1},
		"🇻🇳":           {4, 1},
		"👍🏽":           {4, 1},
		family:         {11, 1},
		"e\u0301":      {2, 1},
		"ใช่":          {3, 2},
		"a\r\nb":       {4, 3},
		"\u0e01\u0e33": {2, 1},
	} {
		if got := channels.Units(text); got != want.units {
			t.Errorf("%q has %d units, want %d", text, got, want.units)
		}
		if got := letters(text); got != want.letters {
			t.Errorf("%q has %d letters, want %d", text, got, want.letters)
		}
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text           string
		letters, units int
		want           string
	}{
		"fits":                    {"abcde", 5, 5, "abcde"},
		"a letter too long":       {"abcdef", 5, 99, "abcd…"},
		"a unit too long":         {"abcdef", 0, 5, "abcd…"},
		"space before the cut":    {"abc def", 5, 99, "abc…"},
		"families fit":            {strings.Repeat(family, 3), 3, 99, strings.Repeat(family, 3)},
		"families are not halved": {strings.Repeat(family, 3), 0, 30, strings.Repeat(family, 2) + "…"},
		"families by letters":     {strings.Repeat(family, 4), 3, 99, strings.Repeat(family, 2) + "…"},
		"bytes are not counted":   {"訂單訂單", 4, 4, "訂單訂單"},
		"nothing fits":            {family, 0, 5, "…"},
		"empty":                   {"", 5, 5, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := cut(c.text, c.letters, c.units); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
