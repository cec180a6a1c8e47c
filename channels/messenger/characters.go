package messenger

import (
	"strings"
	"unicode"

	"github.com/blockcast/blockcast/channels"
)

// cut shortens a text to at most limit units, the ellipsis included, between
// two of what a reader sees as characters.
func cut(s string, limit int) string {
	if len(s) <= limit || channels.Units(s) <= limit {
		return s
	}
	return strings.TrimRightFunc(s[:channels.Fit(s, limit-1)], unicode.IsSpace) + channels.Ellipsis
}

// clip keeps a warning readable.
func clip(s string) string { return cut(channels.Flat(s), 60) }
