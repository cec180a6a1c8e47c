package clicks_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/blockcast/blockcast/engine"
	kept "github.com/blockcast/blockcast/engine/clicks"
	"github.com/blockcast/blockcast/server"
	"github.com/blockcast/blockcast/server/clicks"
)

// phone is what a person's browser says, here the one inside LINE.
const phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Safari Line/14.19.1"

// links knows one address, and what was counted.
type links struct {
	target  string
	err     error
	counted int
}

func (l *links) Open(_ context.Context, token string) (*kept.Opened, error) {
	if l.err != nil || token != "known" {
		return nil, l.err
	}
	return &kept.Opened{Link: &engine.Link{Target: l.target}}, nil
}

func (l *links) Count(context.Context, *kept.Opened) { l.counted++ }

// surface serves links; opened asks it for an address.
func surface(t *testing.T, l *links) (opened func(method, path string, header ...string) (*http.Response, string), registry *prometheus.Registry) {
	t.Helper()
	registry = prometheus.NewRegistry()
	s := server.New(server.Config{NewID: func() string { return "1" }, Surfaces: []server.Surface{clicks.New(clicks.Config{Links: l, Registry: registry})}})
	return func(method, path string, header ...string) (*http.Response, string) {
		r, err := http.NewRequest(method, "http://localhost"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("User-Agent", phone)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		res, err := s.Test(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res, string(text)
	}, registry
}

func TestATapIsSentOnAndCounted(t *testing.T) {
	t.Parallel()
	l := &links{target: "https://shop.example.com/a?b=c&d=%20e#f"}
	opened, _ := surface(t, l)
	res, _ := opened(http.MethodGet, "/c/known?fbclid=x&url=https://elsewhere.example.com")
	if res.StatusCode != http.StatusFound || res.Header.Get("Location") != l.target || l.counted != 1 {
		t.Errorf("%d to %q, %d counted", res.StatusCode, res.Header.Get("Location"), l.counted)
	}
	for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// A target is sent as headers take it, whatever its author wrote.
func TestTargetsAreWrittenInASCII(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{
		" https://shop.example.com/商品?q=áo dài ": "https://shop.example.com/%E5%95%86%E5%93%81?q=%C3%A1o%20d%C3%A0i",
		"https://shop.example.com/a%20b?c=%zz":   "https://shop.example.com/a%20b?c=%zz",
		"https://shop.example.com/\r\nX-Bad: 1":  "https://shop.example.com/%0D%0AX-Bad:%201",
		`https://shop.example.com/"<>\`:          "https://shop.example.com/%22%3C%3E%5C",
	} {
		opened, _ := surface(t, &links{target: target})
		res, _ := opened(http.MethodGet, "/c/known")
		if got := res.Header.Get("Location"); got != want || res.Header.Get("X-Bad") != "" {
			t.Errorf("%q is sent as %q, want %q", target, got, want)
		}
	}
}

// A page speaks the language of whose browser asks.
func TestAPageSpeaksTheBrowsersLanguage(t *testing.T) {
	t.Parallel()
	for accepted, want := range map[string]string{
		"": "This link does not lead", "de-DE,de": "This link does not lead", ";q=,,*": "This link does not lead", "zh-TW,zh;q=0.9,en;q=0.8": "這個連結打不開",
		"zh-HK": "這個連結打不開", "vi-VN": "Liên kết này không dẫn", "fr;q=0.9,vi;q=0.5": "Liên kết này không dẫn", "en-US,vi;q=0.5": "This link does not lead",
	} {
		opened, _ := surface(t, &links{})
		if _, text := opened(http.MethodGet, "/c/forged", "Accept-Language", accepted); !strings.Contains(text, want) {
			t.Errorf("%q is told %s", accepted, text)
		}
		opened, _ = surface(t, &links{err: errors.New("away")})
		if res, text := opened(http.MethodGet, "/c/known", "Accept-Language", accepted); res.StatusCode != http.StatusServiceUnavailable || strings.Contains(text, want) {
			t.Errorf("%q is told %d %s while nothing can be looked up", accepted, res.StatusCode, text)
		}
	}
}

// An address that is not ours leads nowhere, and says so on a page.
func TestForeignAddressesLeadNowhere(t *testing.T) {
	t.Parallel()
	l := &links{target: "https://shop.example.com/"}
	opened, registry := surface(t, l)
	for _, path := range []string{"/c/forged", "/c/forged?url=https://evil.example.com", "/c/", "/c/known/more", "/c/https:%2F%2Fevil.example.com", "/c/%00", "/c/" + strings.Repeat("A", 4000)} {
		res, text := opened(http.MethodGet, path)
		if res.StatusCode != http.StatusNotFound || res.Header.Get("Location") != "" || !strings.Contains(text, "does not lead anywhere") || strings.Contains(text, "evil") {
			t.Errorf("%.50s answers %d to %q: %s", path, res.StatusCode, res.Header.Get("Location"), text)
		}
		if got := res.Header.Get("Content-Type"); got != "text/html; charset=utf-8" {
			t.Errorf("%.50s answers in %s", path, got)
		}
		if res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%.50s may be kept", path)
		}
	}
	if res, _ := opened(http.MethodPost, "/c/known"); res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Location") != "" {
		t.Errorf("POST answers %d", res.StatusCode)
	}
	if l.counted != 0 {
		t.Errorf("%d were counted", l.counted)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	told := false
	for _, f := range families {
		told = told || f.GetName() == "blockcast_link_requests_total"
		if m := f.GetMetric(); f.GetName() == "blockcast_link_requests_total" && (len(m) != 1 || m[0].GetLabel()[0].GetValue() != "refused" || m[0].GetCounter().GetValue() < 4) {
			t.Errorf("the metric says %v", m)
		}
	}
	if !told {
		t.Error("no metric tells of them")
	}
}

// Where nobody knows just now, it says when to try again.
func TestAnAwayDatabaseIsSaid(t *testing.T) {
	t.Parallel()
	opened, _ := surface(t, &links{err: errors.New("away")})
	res, text := opened(http.MethodGet, "/c/known")
	if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") != "5" || !strings.Contains(text, "Try it again") {
		t.Errorf("answers %d after %q: %s", res.StatusCode, res.Header.Get("Retry-After"), text)
	}
}

// Machines are sent on like anybody, and not counted.
func TestMachinesAreNotCounted(t *testing.T) {
	t.Parallel()
	l := &links{target: "https://shop.example.com/"}
	opened, _ := surface(t, l)
	check := func(name, method string, counts bool, header ...string) {
		t.Helper()
		l.counted = 0
		res, _ := opened(method, "/c/known", header...)
		if res.StatusCode != http.StatusFound || res.Header.Get("Location") != l.target {
			t.Errorf("%s is answered %d to %q", name, res.StatusCode, res.Header.Get("Location"))
		}
		if (l.counted == 1) != counts {
			t.Errorf("%s counts: %v, want %v", name, l.counted == 1, counts)
		}
	}
	check("HEAD", http.MethodHead, false)
	check("nobody", http.MethodGet, false, "User-Agent", "")
	for _, said := range clicks.Seen() {
		check(said, http.MethodGet, false, "User-Agent", said)
	}
	for _, h := range [][2]string{{"Purpose", "prefetch"}, {"Sec-Purpose", "prefetch;prerender"}, {"X-Moz", "Prefetch"}, {"X-Purpose", "preview"}, {"Sec-Fetch-Mode", "no-cors"}} {
		check(h[0], http.MethodGet, false, h[0], h[1])
	}
	check("a navigation", http.MethodGet, true, "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document")
	for _, said := range []string{
		phone,
		"Mozilla/5.0 (Linux; Android 15; SM-S921B Build/AP3A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/130.0.6723.107 Mobile Safari/537.36 [FB_IAB/Orca-Android;FBAV/481.0.0.23;]",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22B83 [FBAN/MessengerForiOS;FBAV/482.0.0.36.109]",
		"Mozilla/5.0 (Linux; Android 14; CUBOT NOTE 50 Build/UP1A) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Mobile Safari/537.36",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 coc_coc_browser/130.0",
		"Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36 Zalo android/24110189",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:132.0) Gecko/20100101 Firefox/132.0",
	} {
		check(said, http.MethodGet, true, "User-Agent", said)
	}
}
