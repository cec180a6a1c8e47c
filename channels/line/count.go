package line

import (
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/clipperhouse/uax29/v2/graphemes"

	"github.com/blockcast/blockcast/channels"
)

const ellipsis = "…"

// units counts text as LINE counts most texts: in UTF-16.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r) // the decoder's U+FFFD counts one
	}
	return n
}

// letters counts text as LINE counts labels and templates: in grapheme
// clusters.
func letters(s string) int {
	n := 0
	for g := graphemes.FromString(s); g.Next(); {
		n++
	}
	return n
}

// cut shortens text to at most so many grapheme clusters and UTF-16 units, the
// ellipsis included. maxLetters 0 means no limit.
func cut(s string, maxLetters, maxUnits int) string {
	if len(s) <= maxUnits && (maxLetters == 0 || len(s) <= maxLetters) {
		return s // no text has more letters or units than bytes
	}
	var (
		n, size int
		keep    int // bytes of s that fit before an ellipsis
	)
	for g := graphemes.FromString(s); g.Next(); {
		n++
		size += units(g.Value())
		if size > maxUnits || maxLetters > 0 && n > maxLetters {
			return strings.TrimRightFunc(s[:keep], unicode.IsSpace) + ellipsis
		}
		if size < maxUnits && (maxLetters == 0 || n < maxLetters) {
			keep = g.End()
		}
	}
	return s
}

// split cuts a text into pieces of at most limit UTF-16 units: after a
// paragraph, a line, a sentence or a word where one ends in the second half,
// else between two letters. Only space at the cuts is lost.
func split(s string, limit int) []string {
	var pieces []string
	for len(s) > limit && units(s) > limit {
		n := breakAt(s, limit)
		piece := strings.TrimRightFunc(s[:n], unicode.IsSpace)
		if piece != "" {
			pieces = append(pieces, piece)
		}
		s = strings.TrimLeftFunc(s[n:], unicode.IsSpace)
	}
	if s != "" {
		pieces = append(pieces, s)
	}
	return pieces
}

// breakAt finds where to cut a text that is too long: a byte offset, never 0.
func breakAt(s string, limit int) int {
	head := s[:fit(s, limit)]
	for _, ends := range [][]string{
		{"\n\n"},
		{"\n"},
		{"。", "！", "？", ". ", "! ", "? "},
		{" ", "\u3000"},
	} {
		best := 0
		for _, end := range ends {
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

// fit is the length in bytes of the longest beginning of at most limit (2 or
// more) UTF-16 units that ends between two letters, or between two characters
// when already the first letter is longer.
func fit(s string, limit int) int {
	size, at := 0, 0
	for g := graphemes.FromString(s); g.Next(); {
		if size += units(g.Value()); size > limit {
			break
		}
		at = g.End()
	}
	if at > 0 {
		return at
	}
	size = 0
	for i, r := range s {
		if size += utf16.RuneLen(r); size > limit {
			return i
		}
	}
	return len(s)
}

// clean is text as LINE takes it, without control characters but the ends of
// lines and tabs, and without space around it.
func clean(s string) string {
	s = strings.ReplaceAll(channels.CleanText(s), "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s))
}

// flat is text in one line: for labels and notifications.
func flat(s string) string {
	return strings.Join(strings.FieldsFunc(channels.CleanText(s), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
}
