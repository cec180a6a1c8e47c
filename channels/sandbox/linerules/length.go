package linerules

import "github.com/clipperhouse/uax29/v2/graphemes"

// UTF16 counts a text as LINE counts message texts: in UTF-16 code units, so
// that an emoji outside the basic plane is two.
// https://developers.line.biz/en/docs/messaging-api/text-character-count/
func UTF16(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// Graphemes counts a text as LINE counts labels, display texts and the texts
// of templates: in what a reader sees as one character.
func Graphemes(s string) int {
	n := 0
	for it := graphemes.FromString(s); it.Next(); {
		n++
	}
	return n
}
