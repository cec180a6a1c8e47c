package engine_test

import (
	"testing"

	"github.com/blockcast/blockcast/engine"
)

// A link sends people's browsers on: to the web and to nothing else.
func TestTrackable(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"https://shop.example.com/a?b=c#d":          true,
		"http://shop.example.com":                   true,
		" HTTPS://shop.example.com/ ":               true,
		"https://127.0.0.1/":                        true, // the person's own browser goes there, and not this program
		"javascript:alert(1)":                       false,
		"JavaScript://shop.example.com/%0aalert(1)": false,
		"data:text/html,<script>alert(1)</script>":  false,
		"vbscript:x":                                false,
		"file:///etc/passwd":                        false,
		"intent://scan/#Intent;end":                 false,
		"tel:+84912345678":                          false,
		"line://nv/chat":                            false,
		"//evil.example.com/":                       false,
		"/relative":                                 false,
		"https:///no-host":                          false,
		"https://":                                  false,
		"https://shop.example.com\r\nX: y/":         false,
		"https://shop%2eexample.com/":               false,
		"https://日日.example/":                       false,
		"":                                          false,
	} {
		if got := engine.Trackable(address); got != want {
			t.Errorf("%q: %v, want %v", address, got, want)
		}
	}
}
