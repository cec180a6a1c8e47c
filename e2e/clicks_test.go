package e2e_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/channels/sandbox"
)

// shirts is a broadcast with a link, a number to call, and an address in a text.
const shirts = `{"subject": "Shirts", "audience": {"all": true}, "content": {"messages": [{"type": "text", "text": "New at https://shop.example.com/text", "buttons": [
	{"title": "Shop", "url": "https://shop.example.com/shirts?size=m&color=blue"}, {"title": "Call", "call": "+886223456789"}]}]}}`

// browser is what a person's telephone says.
const browser = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Safari Line/14.19.1"

// reachable runs a case on instances that people reach at a public address.
func reachable(t *testing.T, f func(t *testing.T, w *world)) {
	t.Parallel()
	for name, on := range map[string]func(*world){"embedded": func(*world) {}, "production": (*world).production} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			on(w)
			public := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
				inside, err := url.Parse(w.base)
				if err == nil {
					r.SetURL(inside)
				}
			}})
			t.Cleanup(public.Close)
			w.env["BLOCKCAST_PUBLIC_URL"] = public.URL
			w.serve()
			delete(w.env, "BLOCKCAST_PUBLIC_URL") // settle gives the commands theirs
			w.settle()
			w.env["BLOCKCAST_PUBLIC_URL"] = public.URL
			f(t, w)
		})
	}
}

// opened asks for an address as somebody, and follows nothing.
func (w *world) opened(method, address, agent string) (status int, location string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, address, nil)
	w.must(err)
	req.Header.Set("User-Agent", agent)
	res, err := http.DefaultTransport.RoundTrip(req)
	w.must(err)
	w.must(res.Body.Close())
	return res.StatusCode, res.Header.Get("Location")
}

// linkOf is the address under the last message of a person, which endpoint it
// came by, and the message.
func (w *world) linkOf(person string) (address string, by sandbox.Endpoint, message string) {
	w.t.Helper()
	calls := w.line.AcceptedFor(person)
	last := calls[len(calls)-1]
	message = string(last.Messages[0])
	m := regexp.MustCompile(`"uri":"(http[^"]+)"`).FindStringSubmatch(message)
	if m == nil || !strings.Contains(message, `"uri":"tel:+886223456789"`) {
		w.t.Fatalf("the last message is %s", message)
	}
	return m[1], last.Endpoint, message
}

// tapsReport is what a report tells of taps.
type tapsReport struct {
	Track string `json:"track"`
	Total struct {
		Clicked *struct {
			Count int64 `json:"count"`
		} `json:"clicked"`
		Taps int64 `json:"taps"`
	} `json:"total"`
	Clicks []struct {
		Message, Card, Button int
		Title                 string
		People                *int64
		Taps                  int64
	} `json:"clicks"`
}

// reported asks for the report until it has so many taps.
func (w *world) reported(broadcast string, taps int64) tapsReport {
	w.t.Helper()
	var r tapsReport
	for range polls {
		r = tapsReport{}
		w.must(json.Unmarshal([]byte(w.cli("broadcasts", "report", broadcast, "--json")), &r))
		if r.Total.Taps >= taps {
			break
		}
		w.pause()
	}
	if r.Total.Taps != taps {
		w.t.Fatalf("the report has %d taps, want %d", r.Total.Taps, taps)
	}
	return r
}

// sells starts the broadcast and returns its id when everybody has it.
func (w *world) sells(track string, to ...string) string {
	w.t.Helper()
	before := len(w.line.AcceptedFor(to[0]))
	file := filepath.Join(w.t.TempDir(), "plan.json")
	w.must(os.WriteFile(file, []byte(shirts), 0o600))
	id := w.field(w.cli("broadcasts", "create", "Shirts", "--plan", file, "--track", track, "--json"), "id")
	w.cli("broadcasts", "start", id)
	for _, person := range to {
		w.got(person, before+1)
	}
	return id
}

// Taps on a broadcast's link are sent on and counted: by person they tell who,
// by count the broadcast goes out in one call and they tell how often. Nobody is
// led elsewhere, and no preview counts.
func TestTapsOnLinksAreCounted(t *testing.T) {
	reachable(t, func(t *testing.T, w *world) {
		mai, lin := w.knows(0), w.knows(1)
		const target = "https://shop.example.com/shirts?size=m&color=blue"

		byPerson := w.sells("person", mai, lin)
		hers, endpoint, text := w.linkOf(mai)
		his, _, _ := w.linkOf(lin)
		if hers == his || !strings.HasPrefix(hers, w.env["BLOCKCAST_PUBLIC_URL"]+"/c/") || endpoint != sandbox.LINEPush || !strings.Contains(text, "New at https://shop.example.com/text") {
			t.Errorf("the addresses are %s and %s, by %s: %s", hers, his, endpoint, text)
		}
		for _, agent := range []string{"facebookexternalhit/1.1;line-poker/1.0", "TelegramBot (like TwitterBot)", "curl/8.5.0"} {
			if status, to := w.opened(http.MethodGet, hers, agent); status != http.StatusFound || to != target {
				t.Errorf("%s is answered %d to %q", agent, status, to)
			}
		}
		if status, to := w.opened(http.MethodHead, hers, browser); status != http.StatusFound || to != target {
			t.Errorf("HEAD is answered %d to %q", status, to)
		}
		r := w.reported(byPerson, 0)
		if r.Track != "person" || r.Total.Clicked == nil || r.Total.Clicked.Count != 0 {
			t.Errorf("before anybody taps the report is %+v", r)
		}
		for range 2 {
			if status, to := w.opened(http.MethodGet, hers+"?fbclid=x&url=https://evil.example.com", browser); status != http.StatusFound || to != target {
				t.Errorf("a tap is answered %d to %q", status, to)
			}
		}
		r = w.reported(byPerson, 2)
		if r.Total.Clicked.Count != 1 || len(r.Clicks) != 1 || r.Clicks[0].Button != 1 || r.Clicks[0].Title != "Shop" || r.Clicks[0].People == nil || *r.Clicks[0].People != 1 {
			t.Errorf("the report is %+v", r)
		}
		w.cli("broadcasts", "keep", byPerson, "Buyers", "--outcome", "clicked", "--segment")
		if said := w.cli("segments", "estimate", "Buyers"); !strings.HasPrefix(said, "1 person") || !strings.Contains(said, "such as Mai (1)") || !strings.Contains(said, `clicked("`+byPerson+`")`) {
			t.Errorf("the segment means %s", said)
		}

		for i, forged := range []string{hers[:len(hers)-1], hers + "A", swapped(hers, his), w.base + "/c/", w.base + "/c/" + url.PathEscape(target)} {
			if status, to := w.opened(http.MethodGet, forged, browser); status != http.StatusNotFound || to != "" {
				t.Errorf("the forged address %d, %s, is answered %d to %q", i, forged, status, to)
			}
		}

		byCount := w.sells("count", mai, lin)
		hers, endpoint, _ = w.linkOf(mai)
		if his, _, _ = w.linkOf(lin); hers != his || endpoint != sandbox.LINEMulticast {
			t.Errorf("by count the addresses are %s and %s, by %s", hers, his, endpoint)
		}
		for range 3 {
			w.opened(http.MethodGet, hers, browser)
		}
		w.opened(http.MethodGet, hers, "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)")
		r = w.reported(byCount, 3)
		if r.Track != "count" || r.Total.Clicked != nil || len(r.Clicks) != 1 || r.Clicks[0].People != nil {
			t.Errorf("by count the report is %+v", r)
		}
		if said := w.cli("broadcasts", "report", byCount); !strings.Contains(said, "clicked                  not known") {
			t.Errorf("by count the report says:\n%s", said)
		}
	})
}

// swapped is an address with the end of another.
func swapped(a, b string) string { return a[:len(a)-8] + b[len(b)-8:] }

// An instance that was told no address counts no taps, and says why.
func TestNothingIsCountedWithoutAnAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve()
	w.settle()
	_, errs, code := w.tries("broadcasts", "create", "x", "--text", "hello", "--all", "--track", "person")
	if code == 0 || !strings.Contains(errs, "track") || !strings.Contains(errs, "--public-url") {
		t.Errorf("it ended with %d: %s", code, errs)
	}
	_, errs, code = w.tries("bots", "update", "--set", `broadcasts={"track":"count"}`)
	if code == 0 || !strings.Contains(errs, "track") || !strings.Contains(errs, "--public-url") {
		t.Errorf("as the bot's default it ended with %d: %s", code, errs)
	}
	w.cli("broadcasts", "create", "x", "--text", "hello", "--all", "--track", "off")
	if _, errs, code = w.tries("bots", "update", "--set", `broadcasts={"track":"all"}`); code == 0 || !strings.Contains(errs, "track") {
		t.Errorf("a wrong default ended with %d: %s", code, errs)
	}
}
