package channels

import (
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// Split cuts a text into pieces of at most limit UTF-16 units, 2 or more: after
// a paragraph, a line, a sentence or a word where one ends in the second half,
// else between two letters. Only space at the cuts is lost.
func Split(s string, limit int) []string {
	var pieces []string
	for len(s) > limit && Units(s) > limit {
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
	at := Fit(s, limit)
	if at == 0 { // one letter, of very many code points, is too long by itself
		return part(s, limit)
	}
	head := s[:at]
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

// Fit is how many bytes of a text fit into limit UTF-16 units, up to the end of
// a letter as a reader sees it; 0 when already the first is longer.
func Fit(s string, limit int) int {
	size, end := 0, 0
	for g := graphemes.FromString(s); g.Next(); {
		if size += Units(g.Value()); size > limit {
			break
		}
		end = g.End()
	}
	return end
}

// part is how much of a letter that is too long by itself goes first.
func part(s string, limit int) int {
	size := 0
	for i, r := range s {
		if size += utf16.RuneLen(r); size > limit && i > 0 {
			return i
		}
	}
	return len(s)
}
