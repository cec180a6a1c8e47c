package channels

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// replacement stands for what is no character, as encoding/json writes it.
const replacement = "\uFFFD"

// CleanText makes text from outside safe to store: it drops NUL, which
// Postgres takes neither as text nor in JSON, and replaces what is not UTF-8.
func CleanText(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, replacement), "\x00", "")
}

// CleanJSON does the same for a JSON document without reading it: escaped NULs
// are dropped, lone surrogates and bytes that are not UTF-8 replaced. What was
// valid JSON stays valid; what was not is for the parser to refuse. The given
// bytes are not changed; they are returned when there is nothing to clean.
func CleanJSON(data []byte) []byte {
	if utf8.Valid(data) && !bytes.Contains(data, []byte(`\u`)) {
		return data
	}
	out := make([]byte, 0, len(data))
	for i := 0; i < len(data); {
		var n int
		switch c := data[i]; {
		case c == '\\':
			out, n = cleanEscape(out, data[i:])
		case c < utf8.RuneSelf:
			out, n = append(out, c), 1
		default:
			out, n = cleanRune(out, data[i:])
		}
		i += n
	}
	return out
}

// cleanEscape copies the escape that data begins with and tells its length.
func cleanEscape(out, data []byte) ([]byte, int) {
	const length = len(`\uxxxx`)
	r, ok := escaped(data)
	switch {
	case !ok && len(data) > 1 && data[1] < utf8.RuneSelf: // another escape: both bytes belong together
		return append(out, data[:2]...), 2
	case !ok:
		return append(out, data[0]), 1
	case r == 0:
		return out, length
	case !utf16.IsSurrogate(r):
		return append(out, data[:length]...), length
	}
	if low, ok := escaped(data[length:]); ok && utf16.DecodeRune(r, low) != utf8.RuneError {
		return append(out, data[:2*length]...), 2 * length
	}
	return append(out, replacement...), length
}

// escaped reads the \uxxxx that data begins with.
func escaped(data []byte) (rune, bool) {
	if len(data) < 6 || data[0] != '\\' || data[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range data[2:6] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// cleanRune copies the character that data begins with and tells its length.
func cleanRune(out, data []byte) ([]byte, int) {
	r, n := utf8.DecodeRune(data)
	return utf8.AppendRune(out, r), n
}
