package lenient

import (
	"strings"

	"github.com/blockcast/blockcast/channels"
)

// eachPair calls f for the pairs of a query or form, unescaped. It reads what
// callers really send: raw UTF-8, raw spaces, + and %20, a percent sign that
// escapes nothing, and a second question mark where an ampersand is meant.
func (r Request) eachPair(text string, f func(name string, value any)) {
	for chunk := range strings.SplitSeq(text, "&") {
		for chunk != "" {
			name, value, ok := strings.Cut(chunk, "=")
			name = name[strings.LastIndexByte(name, '?')+1:]
			if !ok {
				f(unescape(name), "")
				break
			}
			value, chunk = r.cutSecondQuery(value)
			f(unescape(name), unescape(value))
		}
	}
}

// cutSecondQuery cuts a value at a question mark that begins another pair, as
// of a caller that adds "?a=b" to an address that has a query. One inside text
// ("How are you?") or inside an address is left, the latter unless one of the
// product's own parameters follows.
func (r Request) cutSecondQuery(value string) (first, rest string) {
	for from := 0; ; {
		i := strings.IndexByte(value[from:], '?')
		if i < 0 {
			return value, ""
		}
		at := from + i
		name, _, ok := strings.Cut(value[at+1:], "=")
		own := r.Own != nil && r.Own(name)
		if ok && isIdentifier(name) && (own || !strings.Contains(value[:at], "://")) {
			return value[:at], value[at+1:]
		}
		from = at + 1
	}
}

func isIdentifier(s string) bool {
	for _, c := range []byte(s) {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_') {
			return false
		}
	}
	return s != ""
}

// unescape decodes what can be decoded and leaves the rest as it is.
func unescape(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return channels.CleanText(s)
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '+':
			b = append(b, ' ')
		case c == '%' && i+2 < len(s) && nibble(s[i+1]) >= 0 && nibble(s[i+2]) >= 0:
			b = append(b, byte(nibble(s[i+1])<<4|nibble(s[i+2])))
			i += 2
		default:
			b = append(b, c)
		}
	}
	return channels.CleanText(string(b))
}

// nibble is the value of a hex digit, negative when c is none.
func nibble(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
