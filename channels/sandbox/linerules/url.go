package linerules

import (
	"net/url"
	"slices"
	"strings"
)

const (
	maxURL       = 2000 // of media
	maxActionURI = 1000
)

// media checks the URL of something LINE fetches: https, at most 2,000
// characters, and everything outside ASCII percent-encoded.
func (c *checker) media(o object, key string, required bool) {
	c.uri(o, key, required, maxURL, "https")
}

func (c *checker) uri(o object, key string, required bool, longest int, schemes ...string) {
	low := 0
	if required {
		low = 1
	}
	s := c.text(o, key, low, longest, UTF16)
	if s == "" {
		return
	}
	if message := uriFault(s, schemes); message != "" {
		c.fault(o.at(key), message)
	}
}

func uriFault(s string, schemes []string) string {
	u, err := url.Parse(s)
	switch {
	case err != nil || strings.ContainsFunc(s, notInURI):
		return "invalid uri"
	case !slices.Contains(schemes, strings.ToLower(u.Scheme)):
		return "invalid uri scheme"
	case (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() == "":
		return "invalid uri"
	}
	return ""
}

func notInURI(r rune) bool {
	return r <= ' ' || r >= 0x7F || strings.ContainsRune("\"<>\\^`{|}", r)
}
