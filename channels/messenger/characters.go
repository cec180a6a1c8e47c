package messenger

import (
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/clipperhouse/uax29/v2/graphemes"

	"github.com/blockcast/blockcast/channels"
)

// ellipsis stands where something was cut, and where Messenger demands a text
// and there is none.
const ellipsis = "…"

// units is the length of a text in UTF-16.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r) // the decoder's U+FFFD counts one
	}
	return n
}

// cut shortens a text to at most limit units, the ellipsis included, between
// two of what a reader sees as characters.
func cut(s string, limit int) string {
	if len(s) <= limit || units(s) <= limit {
		return s
	}
	return strings.TrimRightFunc(s[:fit(s, limit-1)], unicode.IsSpace) + ellipsis
}

// fit is how many bytes of a text fit into limit units, up to the end of a
// character as a reader sees it.
func fit(s string, limit int) int {
	size, end := 0, 0
	for g := graphemes.FromString(s); g.Next(); {
		if size += units(g.Value()); size > limit {
			break
		}
		end = g.End()
	}
	return end
}

// split cuts a text into pieces of at most limit units, in good places; only
// space at the cuts is lost.
func split(s string, limit int) []string {
	var pieces []string
	for len(s) > limit && units(s) > limit {
		at := breakAt(s, limit)
		if piece := strings.TrimRightFunc(s[:at], unicode.IsSpace); piece != "" {
			pieces = append(pieces, piece)
		}
		s = strings.TrimLeftFunc(s[at:], unicode.IsSpace)
	}
	if s != "" {
		pieces = append(pieces, s)
	}
	return pieces
}

// ends lists after what a text is best cut, best first.
var ends = [...][]string{
	{"\n\n"},
	{"\n"},
	{"。", "！", "？", ". ", "! ", "? "},
	{" ", "\u3000"},
}

// breakAt is where to cut a text that is too long: never at 0. A good place in
// the first half is none, as it would make one message too many.
func breakAt(s string, limit int) int {
	head := s[:fit(s, limit)]
	if head == "" { // one character, of very many code points, is too long by itself
		return len(oversized(s, limit))
	}
	for _, list := range ends {
		best := 0
		for _, end := range list {
			if i := strings.LastIndex(head, end); i >= 0 {
				best = max(best, i+len(end))
			}
		}
		if best > len(head)/2 {
			return best
		}
	}
	return len(head)
}

// oversized is the beginning of a character that does not fit as a whole.
func oversized(s string, limit int) string {
	size := 0
	for i, r := range s {
		if size += utf16.RuneLen(r); size > limit && i > 0 {
			return s[:i]
		}
	}
	return s
}

// clean is a text without control characters, but the ends of lines and tabs,
// and without space around it.
func clean(s string) string {
	s = strings.ReplaceAll(channels.CleanText(s), "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s))
}

// flat is a text in one line: for titles.
func flat(s string) string {
	return strings.Join(strings.FieldsFunc(channels.CleanText(s), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
}

// join joins what is not empty.
func join(separator string, words ...string) string {
	var kept []string
	for _, w := range words {
		if w = strings.TrimSpace(w); w != "" {
			kept = append(kept, w)
		}
	}
	return strings.Join(kept, separator)
}

// clip keeps a warning readable.
func clip(s string) string { return cut(flat(s), 60) }
