package fetch

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/blocks"
)

func TestTheGuardKnowsPrivateAddresses(t *testing.T) {
	t.Parallel()
	g := newGuard(nil)
	refused := []string{
		"127.0.0.1", "127.8.9.1", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.127.255.254",
		"0.0.0.0", "0.1.2.3", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::7f00:1", "fe80::1", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1",
		"::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2002:7f00:1::", "2001::1", "2001:db8::1", "100::1",
	}
	for _, ip := range refused {
		if err := g.check(netip.AddrPortFrom(netip.MustParseAddr(ip), 80).String()); !errors.Is(err, ErrGuarded) {
			t.Errorf("%s: %v, want %v", ip, err, ErrGuarded)
		}
	}
	for _, ip := range []string{"8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "2404:6800:4012::200e"} {
		if err := g.check(netip.AddrPortFrom(netip.MustParseAddr(ip), 443).String()); err != nil {
			t.Errorf("%s: %v", ip, err)
		}
	}
	if err := g.check("fe80::1%eth0:80"); !errors.Is(err, ErrGuarded) {
		t.Errorf("an address that cannot be read: %v", err)
	}
}

func FuzzCheck(f *testing.F) {
	g := newGuard(nil)
	f.Add("127.0.0.1:80")
	f.Add("[::ffff:10.0.0.1]:80")
	f.Fuzz(func(t *testing.T, address string) {
		if g.check(address) != nil {
			return
		}
		ip := netip.MustParseAddrPort(address).Addr()
		if ip.Is4In6() || ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsMulticast() {
			t.Errorf("%s passes", address)
		}
	})
}

// serve returns a server on loopback and a client that may call it.
func serve(t *testing.T, h http.HandlerFunc) (string, *Client) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL, New(Config{Allow: []string{host(t, s.URL)}, MaxBody: 1000})
}

func host(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

func TestFetchSendsWhatTheAuthorWrote(t *testing.T) {
	t.Parallel()
	address, c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)
		if r.Method != "PATCH" || r.Header.Get("X-Api-Key") != "k" || string(sent) != `{"a":1}` || r.Host == "evil.example" {
			t.Errorf("%s %v %s to %s", r.Method, r.Header, sent, r.Host)
		}
		w.Header().Add("X-Left", "3")
		w.Header().Add("X-Left", "4")
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, strings.Repeat("y", 2000))
	})
	got, err := c.Fetch(t.Context(), &blocks.Request{
		Method: "PATCH", URL: address + "/orders", Body: []byte(`{"a":1}`),
		Headers: map[string]string{"X-API-Key": "k", "Host": "evil.example", "proxy-authorization": "x"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != http.StatusTeapot || got.Headers["x-left"] != "3" || len(got.Body) != 1000 {
		t.Errorf("status %d, headers %v, %d bytes", got.Status, got.Headers, len(got.Body))
	}
}

func TestFetchReachesNoPrivateHost(t *testing.T) {
	t.Parallel()
	address, _ := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("it was called") })
	_, port, _ := strings.Cut(host(t, address), ":")
	for _, u := range []string{address, "http://localhost:" + port, "http://[::ffff:127.0.0.1]:" + port, "http://0.0.0.0:" + port} {
		if _, err := New(Config{}).Fetch(t.Context(), &blocks.Request{URL: u}); err == nil {
			t.Errorf("%s was called", u)
		}
	}
}

// TestTheGuardSaysWhatOpensAHost holds that who is refused can read the remedy,
// before the call and of it.
func TestTheGuardSaysWhatOpensAHost(t *testing.T) {
	t.Parallel()
	c := New(Config{Allow: []string{"10.0.0.5:8080", "inside.localhost"}})
	for address, want := range map[string]string{
		"http://127.0.0.1:9000/hook":  "127.0.0.1 (the server's setting --allow-host 127.0.0.1:9000 opens it)",
		"http://LocalHost/":           "this machine (the server's setting --allow-host localhost opens it)",
		"https://[::1]/":              "::1 (the server's setting --allow-host ::1 opens it)",
		"http://10.0.0.5/":            "10.0.0.5 (the server's setting --allow-host 10.0.0.5 opens it)",
		"http://10.0.0.5:8080/":       "",
		"http://inside.localhost/":    "",
		"https://8.8.8.8/":            "",
		"https://crm.example.com/":    "",
		"http://[::1/":                "",
		"https://crm.localhost.shop/": "",
	} {
		err := c.Guarded(address)
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", address, err)
		case want != "" && (!errors.Is(err, ErrGuarded) || !strings.HasSuffix(err.Error(), ": "+want)):
			t.Errorf("%s: %v, want %s", address, err, want)
		}
	}
	_, err := c.Fetch(t.Context(), &blocks.Request{URL: "http://127.0.0.1:9/"})
	if want := "the address belongs to a private or reserved network: 127.0.0.1 (the server's setting --allow-host 127.0.0.1:9 opens it)"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestARedirectIsGuardedToo(t *testing.T) {
	t.Parallel()
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was called") }))
	defer inner.Close()
	address, c := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, inner.URL, http.StatusFound) })
	if _, err := c.Fetch(t.Context(), &blocks.Request{URL: address}); !errors.Is(err, ErrGuarded) {
		t.Errorf("error %v", err)
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"Authorization", "X-Api-Key", "Cookie"} {
			if r.Header.Get(name) != "" {
				t.Errorf("another host got %s", name)
			}
		}
	}))
	defer other.Close()
	first := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/other":
			http.Redirect(w, r, other.URL, http.StatusFound)
		case "/other-with-body":
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		case "/here":
			http.Redirect(w, r, "/end", http.StatusFound)
		case "/end":
			if r.Header.Get("X-Api-Key") != "k" {
				t.Error("the same host lost a header")
			}
		default:
			http.Redirect(w, r, "/loop", http.StatusFound)
		}
	}))
	defer first.Close()
	c := New(Config{Allow: []string{host(t, first.URL), host(t, other.URL)}})
	cases := []struct{ path, body, want string }{
		{"/here", "", ""},
		{"/other", "", ""},
		{"/other-with-body", "x", "to another host"},
		{"/loop", "", "more than 3 times"},
	}
	for _, k := range cases {
		t.Run(k.path, func(t *testing.T) {
			method := http.MethodGet
			if k.body != "" {
				method = http.MethodPost
			}
			_, err := c.Fetch(t.Context(), &blocks.Request{
				Method: method, URL: first.URL + k.path, Body: []byte(k.body),
				Headers: map[string]string{"Authorization": "Bearer s", "X-Api-Key": "k", "Cookie": "a=b"},
			})
			if k.want == "" && err != nil || k.want != "" && (err == nil || !strings.Contains(err.Error(), k.want)) {
				t.Errorf("error %v, want %q", err, k.want)
			}
		})
	}
}

func TestFetchSaysWhatWentWrong(t *testing.T) {
	t.Parallel()
	address, c := serve(t, func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	cases := []struct {
		name string
		r    blocks.Request
		want string
	}{
		{"slow", blocks.Request{URL: address + "/?token=secret", Timeout: 20 * time.Millisecond}, "no answer in time"},
		{"no host", blocks.Request{URL: "https:///secret"}, "name a host"},
		{"a file", blocks.Request{URL: "file:///etc/secret"}, "https://"},
		{"a method that is none", blocks.Request{URL: address, Method: "G ET"}, `"G ET"`},
		{"nobody there", blocks.Request{URL: "http://nobody.invalid/secret"}, "no"},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_, err := c.Fetch(ctx, &k.r)
			if err == nil || !strings.Contains(err.Error(), k.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("error %v, want %q", err, k.want)
			}
		})
	}
}
