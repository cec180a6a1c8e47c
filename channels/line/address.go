package line

import (
	"net/url"
	"strings"
)

// uri is an address LINE opens on a tap, "" when it would refuse the message
// for it.
func uri(s string) string {
	s = encodeURL(s)
	u, err := url.Parse(s)
	if err != nil || len(s) > maxActionURI {
		return ""
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		if !asciiHost(u) {
			return ""
		}
	case "line", "tel":
		if u.Host == "" && u.Opaque == "" && u.Path == "" {
			return ""
		}
	default:
		return ""
	}
	return s
}

// fileURL is the address of a picture, film or sound that LINE fetches, ""
// when it would refuse it: https only.
func fileURL(s string) string {
	s = encodeURL(s)
	u, err := url.Parse(s)
	if err != nil || len(s) > maxMediaURL || !strings.EqualFold(u.Scheme, "https") || !asciiHost(u) {
		return ""
	}
	return s
}

// asciiHost tells whether an address has a host as LINE takes it, an
// international one in its xn-- form.
func asciiHost(u *url.URL) bool {
	return u.Hostname() != "" && strings.IndexFunc(u.Host, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '%' }) < 0
}

// encodeURL writes an address in the characters of RFC 3986, others as their
// UTF-8 in percent signs. What is encoded already stays.
func encodeURL(s string) string {
	const unsafe = " \"<>\\^`{|}"
	s = strings.TrimSpace(s)
	host := hostEnd(s)
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case i < host:
			b.WriteByte(c) // a host cannot be encoded: it is refused instead
		case c <= ' ' || c >= 0x7f || strings.IndexByte(unsafe, c) >= 0 || c == '%' && !encoded(s[i:]):
			b.WriteByte('%')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

const hexDigits = "0123456789ABCDEF"

// encoded tells whether s begins with a percent sign and two hex digits.
func encoded(s string) bool {
	return len(s) >= 3 && s[0] == '%' && isHex(s[1]) && isHex(s[2])
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// hostEnd is where the host of an address ends, 0 when it has none.
func hostEnd(s string) int {
	i := strings.Index(s, "://")
	if i < 0 {
		return 0
	}
	i += len("://")
	if n := strings.IndexAny(s[i:], "/?#"); n >= 0 {
		return i + n
	}
	return len(s)
}

// tel is a phone number as a link, "" when it holds no digit. Numbers are
// dialled as written; only what people write between the digits is left out.
func tel(s string) string {
	var b strings.Builder
	digits := 0
	for _, r := range s {
		switch {
		case '0' <= r && r <= '9':
			digits++
			b.WriteRune(r)
		case '０' <= r && r <= '９':
			digits++
			b.WriteRune(r - '０' + '0')
		case r == '+' && b.Len() == 0, r == '*':
			b.WriteRune(r)
		case r == '#':
			b.WriteString("%23")
		}
	}
	if digits == 0 || b.Len() > maxActionURI-len("tel:") {
		return ""
	}
	return "tel:" + b.String()
}
