package channels_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/blockcast/blockcast/channels"
)

const family = "👨‍👩‍👧‍👦" // one letter to a reader, eleven UTF-16 units

func TestSplit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"fits":                {"0123456789", []string{"0123456789"}},
		"at a paragraph":      {"012345\n\n78 ABCDEF", []string{"012345", "78 ABCDEF"}},
		"at a line":           {"012345\n7 9ABCDEF", []string{"012345", "7 9ABCDEF"}},
		"at a sentence":       {"01234. 7 9ABCDEF", []string{"01234.", "7 9ABCDEF"}},
		"at a CJK sentence":   {"零一二三四五。七 九十甲乙", []string{"零一二三四五。", "七 九十甲乙"}},
		"at a word":           {"0123456 89ABCDEF", []string{"0123456", "89ABCDEF"}},
		"not at an early one": {"0\n23456789ABCDEF", []string{"0\n23456789", "ABCDEF"}},
		"between letters":     {"訂單訂單訂單訂單訂單訂單", []string{"訂單訂單訂單訂單訂單", "訂單"}},
		"around a family":     {"0123" + family, []string{"0123", family[:strings.Index(family, "👦")], "👦"}},
		"only space":          {strings.Repeat(" ", 25), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := channels.Split(c.text, 10)
			if strings.Join(got, "|") != strings.Join(c.want, "|") {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// Every piece fits, is text, and nothing but space is lost.
func FuzzSplit(f *testing.F) {
	f.Add("0123456 89ABCDEF", 10)
	f.Add(strings.Repeat(family, 9), 25)
	f.Add("e"+strings.Repeat("\u0301", 90), 10)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		if limit < 2 || limit > 5000 || !utf8.ValidString(text) {
			return
		}
		pieces := channels.Split(text, limit)
		for _, piece := range pieces {
			if piece == "" || channels.Units(piece) > limit || !utf8.ValidString(piece) {
				t.Fatalf("a piece of %d units, at most %d allowed: %q", channels.Units(piece), limit, piece)
			}
		}
		if spaceless(strings.Join(pieces, "")) != spaceless(text) {
			t.Fatalf("%q became %q", text, pieces)
		}
	})
}

func spaceless(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}
