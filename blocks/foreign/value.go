package foreign

import (
	"net/url"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/blocks"
)

// link is an address that a button opens.
func (n node) link() string {
	return n.address("https", "http", "tel", "mailto", "line")
}

// media is the address of a picture, a film or a sound. One that is not secure
// is taken: a channel that cannot show it says so.
func (n node) media() string { return n.address("https", "http") }

// address is one that begins with one of the schemes.
func (n node) address(schemes ...string) string {
	before := len(n.faults)
	s := strings.TrimSpace(n.needed())
	if len(n.faults) > before {
		return ""
	}
	u, err := url.Parse(s)
	web := err == nil && (u.Scheme == "https" || u.Scheme == "http")
	switch {
	case err != nil || strings.ContainsAny(s, " \t\r\n"):
		n.fault("is not an address")
	case !slices.Contains(schemes, u.Scheme):
		n.fault("must begin with https://")
	case web && u.Host == "":
		n.fault("names no host")
	case len(s) > blocks.MaxURL:
		n.fault("is longer than %d characters", blocks.MaxURL)
	}
	return s
}

// color is a colour in hex digits, with or without #, in its short form too, as
// #rrggbb; "" when it is absent.
func (n node) color() string {
	s := strings.ToLower(strings.TrimPrefix(n.word(), "#"))
	hex := strings.Trim(s, "0123456789abcdef") == ""
	switch {
	case s == "":
		return ""
	case hex && len(s) == 3:
		return "#" + string([]byte{s[0], s[0], s[1], s[1], s[2], s[2]})
	case hex && len(s) == 6:
		return "#" + s
	}
	n.fault("must be a colour in hex digits, such as #06c755")
	return ""
}
