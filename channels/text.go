package channels

import (
	"strings"
	"unicode"
	"unicode/utf16"
)

// Ellipsis stands where something was cut, and where a platform demands a text
// and there is none.
const Ellipsis = "…"

// Units is the length of a text in UTF-16, as most platforms count.
func Units(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r) // the decoder's U+FFFD counts one
	}
	return n
}

// Clean is a text as platforms take it: without control characters, but the
// ends of lines and tabs, and without space around it.
func Clean(s string) string {
	s = strings.ReplaceAll(CleanText(s), "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s))
}

// Flat is a text in one line: for titles, labels and notifications.
func Flat(s string) string {
	return strings.Join(strings.FieldsFunc(CleanText(s), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
}

// Join joins what is not empty.
func Join(separator string, words ...string) string {
	var kept []string
	for _, w := range words {
		if w = strings.TrimSpace(w); w != "" {
			kept = append(kept, w)
		}
	}
	return strings.Join(kept, separator)
}
