package line

import (
	"strings"
	"unicode"

	"github.com/clipperhouse/uax29/v2/graphemes"

	"github.com/blockcast/blockcast/channels"
)

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
		size += channels.Units(g.Value())
		if size > maxUnits || maxLetters > 0 && n > maxLetters {
			return strings.TrimRightFunc(s[:keep], unicode.IsSpace) + channels.Ellipsis
		}
		if size < maxUnits && (maxLetters == 0 || n < maxLetters) {
			keep = g.End()
		}
	}
	return s
}
