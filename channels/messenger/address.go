package messenger

import (
	"net/url"
	"strings"
)

// webURL is an address Messenger opens, shows or fetches, "" when it would
// refuse the message for it: absolute and of http or https.
func webURL(s string) string {
	s = escapeURL(strings.TrimSpace(s))
	u, err := url.Parse(s)
	if err != nil || len(s) > maxURL || u.Hostname() == "" {
		return ""
	}
	if scheme := strings.ToLower(u.Scheme); scheme != "http" && scheme != "https" {
		return ""
	}
	if strings.IndexFunc(u.Host, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '%' }) >= 0 {
		return "" // an international host has to come in its xn-- form
	}
	return s
}

// escapeURL writes what may not stand in an address as its UTF-8 in percent
// signs, behind the host: that cannot be escaped. What is escaped stays.
func escapeURL(s string) string {
	const hex = "0123456789ABCDEF"
	start := pathStart(s)
	var b strings.Builder
	b.WriteString(s[:start])
	for i := start; i < len(s); i++ {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 || c == '%' && !escaped(s[i:]) {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// pathStart is where an address goes on behind its host.
func pathStart(s string) int {
	_, rest, ok := strings.Cut(s, "://")
	if !ok {
		return 0
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		return len(s) - len(rest) + i
	}
	return len(s)
}

// escaped tells whether s begins with a percent sign and two hex digits.
func escaped(s string) bool {
	const hex = "0123456789ABCDEFabcdef"
	return len(s) >= 3 && strings.IndexByte(hex, s[1]) >= 0 && strings.IndexByte(hex, s[2]) >= 0
}

// phone is a number Messenger dials, "" when it would refuse it: it wants the
// country, so a national number is none.
func phone(s string) string {
	s = strings.TrimSpace(s)
	var b strings.Builder
	for _, r := range s {
		switch {
		case '0' <= r && r <= '9':
			b.WriteRune(r)
		case '０' <= r && r <= '９':
			b.WriteRune(r - '０' + '0')
		case (r == '+' || r == '＋') && b.Len() == 0:
			b.WriteByte('+')
		}
	}
	number := b.String()
	if !strings.HasPrefix(number, "+") || len(number) < len("+12345") || len(number) > maxPhone {
		return ""
	}
	return number
}
