package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/console"
	"github.com/blockcast/blockcast/engine"
)

func TestWhoMayEnter(t *testing.T) {
	h := newHarness(t)
	for name, secret := range map[string]string{
		"nobody's":        "guessed",
		"none":            "",
		"another scope's": h.makeToken("reader", h.bot.ID, engine.ScopeRead, engine.ScopeSend),
		"the instance's":  h.makeToken("instance", "", engine.ScopeInstance),
	} {
		b := &browser{h: h}
		got := b.do(http.MethodPost, "/broadcasts/sign-in", url.Values{"token": {secret}})
		if got.status != http.StatusForbidden || b.cookie != "" || !strings.Contains(got.body, `role="alert"`) {
			t.Errorf("%s token: %d, cookie %q", name, got.status, b.cookie)
		}
	}
	for _, scope := range []string{engine.ScopeBroadcasts, engine.ScopeAdmin} {
		b := &browser{h: h}
		got := b.do(http.MethodPost, "/broadcasts/sign-in", url.Values{"token": {"  " + h.makeToken(scope, h.bot.ID, scope) + "\n"}})
		cookie := got.header.Get("Set-Cookie")
		if got.status != http.StatusSeeOther || got.header.Get("Location") != "/broadcasts" {
			t.Errorf("%s: %d to %q", scope, got.status, got.header.Get("Location"))
		}
		for _, want := range []string{"HttpOnly", "SameSite=Lax", "secure", "path=/broadcasts"} {
			if !strings.Contains(cookie, want) {
				t.Errorf("the cookie %s lacks %s", cookie, want)
			}
		}
		if strings.Contains(cookie, "secret of") {
			t.Errorf("the cookie holds the token: %s", cookie)
		}
	}
}

func TestWithoutASessionThereIsOnlyTheDoor(t *testing.T) {
	h := newHarness(t)
	stranger := &browser{h: h}
	for _, path := range []string{"/broadcasts", "/broadcasts/new", "/broadcasts/rows", "/broadcasts/65f0c0ffee0000000000b071", "/broadcasts/65f0c0ffee0000000000b071/recipients"} {
		if got := stranger.get(path); got.status != http.StatusSeeOther || got.header.Get("Location") != "/broadcasts/sign-in" {
			t.Errorf("%s: %d to %q", path, got.status, got.header.Get("Location"))
		}
	}
	for _, path := range []string{"/broadcasts/new", "/broadcasts/preview", "/broadcasts/65f0c0ffee0000000000b071/start"} {
		if got := stranger.do(http.MethodPost, path, url.Values{"csrf": {"x"}}); got.status != http.StatusUnauthorized {
			t.Errorf("POST %s: %d", path, got.status)
		}
	}
	stranger.header = map[string]string{"X-Requested-With": "page"}
	if got := stranger.get("/broadcasts/rows"); got.status != http.StatusUnauthorized {
		t.Errorf("what a page looks at again: %d", got.status)
	}
}

func TestALinkSignsInOnce(t *testing.T) {
	h := newHarness(t)
	secret := h.makeToken(console.LinkName+" 1", h.bot.ID, engine.ScopeBroadcasts)
	first, second := &browser{h: h}, &browser{h: h}
	if got := first.do(http.MethodPost, "/broadcasts/sign-in", url.Values{"token": {secret}}); got.status != http.StatusSeeOther {
		t.Fatalf("the first: %d %s", got.status, got.body)
	}
	if got := second.do(http.MethodPost, "/broadcasts/sign-in", url.Values{"token": {secret}}); got.status != http.StatusForbidden || second.cookie != "" {
		t.Errorf("the second: %d", got.status)
	}
	if got := first.get("/broadcasts"); got.status != http.StatusOK {
		t.Errorf("the session: %d", got.status)
	}
	must(t, h.db.RevokeToken(t.Context(), h.bot.ID, console.LinkName+" 1", h.clock.Now()))
	if got := first.get("/broadcasts"); got.status != http.StatusSeeOther {
		t.Errorf("the session of a revoked token: %d", got.status)
	}

	late := h.makeToken(console.LinkName+" 2", h.bot.ID, engine.ScopeBroadcasts)
	h.clock.Pass(console.LinkLife + time.Second)
	if got := second.do(http.MethodPost, "/broadcasts/sign-in", url.Values{"token": {late}}); got.status != http.StatusForbidden || !strings.Contains(got.body, "too old") {
		t.Errorf("a late one: %d", got.status)
	}
	if link := console.Link("https://x.example", "abc"); link != "https://x.example/broadcasts/sign-in#abc" {
		t.Errorf("a link is %s", link)
	}
}

func TestSessionsEnd(t *testing.T) {
	h := newHarness(t)
	b := h.enter(h.bot)
	good := b.cookie
	said, _, _ := strings.Cut(good, ".")
	for name, cookie := range map[string]string{"changed": "x" + good, "unsigned": said, "signed with nothing": said + ".", "another's": said + ".QUJD", "nothing": "."} {
		b.cookie = cookie
		if got := b.get("/broadcasts"); got.status != http.StatusSeeOther {
			t.Errorf("a cookie that is %s: %d", name, got.status)
		}
	}
	h.config.Keys = [][]byte{[]byte("newest key"), []byte("new key")}
	h.serve()
	b.cookie = good
	if got := b.post("/broadcasts/"+h.bot.ID+"/start", nil); got.status != http.StatusNotFound {
		t.Errorf("after another key became the first: %d", got.status)
	}
	h.config.Keys = h.config.Keys[:1]
	h.serve()
	b.cookie = good
	if got := b.get("/broadcasts"); got.status != http.StatusSeeOther {
		t.Errorf("after its key has gone: %d", got.status)
	}
	h.config.Keys = [][]byte{[]byte("new key")}
	h.serve()
	b.cookie = good
	if got := b.post("/broadcasts/sign-out", nil); got.status != http.StatusSeeOther || b.cookie != "" {
		t.Errorf("signing out: %d, cookie %q", got.status, b.cookie)
	}
	b.cookie = good
	h.clock.Pass(console.SessionLife)
	if got := b.get("/broadcasts"); got.status != http.StatusSeeOther {
		t.Errorf("after its time: %d", got.status)
	}
}

func TestWritesComeFromThePage(t *testing.T) {
	h := newHarness(t)
	b, other := h.enter(h.bot), h.enter(h.other)
	form := url.Values{"subject": {"x"}, "who": {"all"}, "says": {"block"}, "block": {"hello"}, "intent": {"promotional"}}
	for name, csrf := range map[string]string{"none": "", "a wrong one": "x", "another session's": other.csrf()} {
		form.Set("csrf", csrf)
		if got := b.do(http.MethodPost, "/broadcasts/new", form); got.status != http.StatusForbidden {
			t.Errorf("with %s as proof: %d", name, got.status)
		}
	}
	for name, header := range map[string]map[string]string{
		"Origin":                    {"Origin": "https://evil.example"},
		"Origin that cannot be one": {"Origin": "null"},
		"Sec-Fetch-Site":            {"Sec-Fetch-Site": "cross-site"},
	} {
		b.header = header
		if got := b.post("/broadcasts/new", form); got.status != http.StatusForbidden {
			t.Errorf("from elsewhere by %s: %d", name, got.status)
		}
		if got := b.do(http.MethodPost, "/broadcasts/sign-in", url.Values{"token": {"secret of of " + h.bot.ID}}); got.status != http.StatusForbidden {
			t.Errorf("signing in from elsewhere by %s: %d", name, got.status)
		}
	}
	b.header = map[string]string{"Origin": "https://bots.example.com", "Sec-Fetch-Site": "same-origin"}
	if got := b.post("/broadcasts/new", form); got.status != http.StatusSeeOther {
		t.Errorf("from the page: %d %s", got.status, got.body)
	}
}
