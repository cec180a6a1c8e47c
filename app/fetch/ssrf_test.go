package fetch

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/blocks"
)

// Every way an author, or a value in an author's URL, can spell this machine or
// what stands beside it, and every scheme that is none of ours. Nothing is
// called; what the operator has opened is opened for its port alone.
func TestNoSpellingReachesThisMachine(t *testing.T) {
	t.Parallel()
	inner := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s was called", r.Host) }))
	t.Cleanup(inner.Close)
	_, port, err := net.SplitHostPort(host(t, inner.URL))
	if err != nil {
		t.Fatal(err)
	}
	urls := map[string]string{
		"loopback":             "http://127.0.0.1:" + port,
		"another loopback":     "http://127.9.8.7:" + port,
		"a short one":          "http://127.1:" + port,
		"zero":                 "http://0:" + port,
		"decimal":              "http://2130706433:" + port,
		"octal":                "http://0177.0.0.1:" + port,
		"hexadecimal":          "http://0x7f000001:" + port,
		"hexadecimal parts":    "http://0x7f.0x0.0x0.0x1:" + port,
		"full width digits":    "http://１２７.０.０.１:" + port,
		"full width dots":      "http://127。0。0。1:" + port,
		"circled digits":       "http://①②⑦.⓪.⓪.①:" + port,
		"a name":               "http://localhost:" + port,
		"a name with a dot":    "http://localhost.:" + port,
		"in capitals":          "http://LOCALHOST:" + port,
		"anywhere":             "http://0.0.0.0:" + port,
		"IPv6 loopback":        "http://[::1]:" + port,
		"IPv6 written out":     "http://[0:0:0:0:0:0:0:1]:" + port,
		"IPv6 anywhere":        "http://[::]:" + port,
		"mapped":               "http://[::ffff:127.0.0.1]:" + port,
		"mapped, hexadecimal":  "http://[::ffff:7f00:1]:" + port,
		"compatible":           "http://[::127.0.0.1]:" + port,
		"NAT64":                "http://[64:ff9b::127.0.0.1]:" + port,
		"6to4":                 "http://[2002:7f00:1::]:" + port,
		"with a zone":          "http://[fe80::1%25lo]:" + port,
		"behind a user":        "http://shop.example@127.0.0.1:" + port,
		"behind a password":    "http://shop.example:443@127.0.0.1:" + port,
		"after a backslash":    `http://shop.example\@127.0.0.1:` + port,
		"an escaped dot":       "http://127%2e0.0.1:" + port,
		"an escaped host":      "http://%31%32%37.0.0.1:" + port,
		"a tab":                "http://127.0.0.1\t:" + port,
		"a line end":           "http://127.0.0.1:" + port + "/\r\nHost: shop.example",
		"a cloud's metadata":   "http://169.254.169.254/latest/meta-data/",
		"the same, IPv6":       "http://[fd00:ec2::254]/latest/meta-data/",
		"a router":             "http://192.168.0.1/",
		"carrier's NAT":        "http://100.100.100.200/",
		"a file":               "file:///etc/passwd",
		"another scheme":       "gopher://127.0.0.1:" + port + "/_GET",
		"no scheme":            "//127.0.0.1:" + port,
		"a scheme in capitals": "HTTP://127.0.0.1:" + port,
		"nothing":              "",
	}
	c := New(Config{Allow: []string{"127.0.0.1:1", "crm.internal"}})
	for name, address := range urls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer, err := c.Fetch(t.Context(), &blocks.Request{Method: "GET", URL: address, Headers: map[string]string{"Authorization": "Bearer hush"}})
			if err == nil {
				t.Fatalf("%s answered %d", address, answer.Status)
			}
			if strings.Contains(err.Error(), "hush") {
				t.Errorf("the error tells a header: %v", err)
			}
			if file, err := c.Open(t.Context(), address); err == nil {
				file.Body.Close()
				t.Errorf("%s was opened as a file", address)
			}
		})
	}
}
