package engine

import "unicode/utf8"

// WordAt reports whether text[from:to] may be a keyword there.
func WordAt(text string, from, to int) bool {
	first, _ := utf8.DecodeRuneInString(text[from:])
	before, _ := utf8.DecodeLastRuneInString(text[:from])
	return !(from > 0 && spaced(before) && spaced(first)) && endsWord(text, to)
}
