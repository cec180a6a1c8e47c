package app

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
)

// enters opens a link to the broadcasts page as a browser does, and returns the
// status and what it shows.
func enters(t *testing.T, link string) (status int, page string) {
	t.Helper()
	address, secret, found := strings.Cut(link, "#")
	if !found {
		t.Fatalf("no secret in the link %q", link)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := (&http.Client{Jar: jar}).PostForm(address, url.Values{"token": {secret}})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// The browser is seldom on the server's machine.
func TestALinkLeadsToWhereOthersReachTheServer(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	s := serving(t, data, "There is no bot yet", "--public-url", "https://bots.example.com")
	if out, errs, code := typedIn(t, nil, "bots", "create", "shop", "--data", data); code != 0 {
		t.Fatalf("code %d: %s%s", code, out, errs)
	}
	if out, errs, code := typedIn(t, nil, "console", "--data", data); code != 0 || !strings.HasPrefix(out, "https://bots.example.com/broadcasts/sign-in#") {
		t.Errorf("code %d: %s%s", code, out, errs)
	}
	s.stop()
}

func TestALinkOpensTheBroadcasts(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	s := serving(t, data, "Ctrl-C stops it", "--demo")
	_, rest, _ := strings.Cut(s.out.String(), "to many  ")
	printed, _, _ := strings.Cut(rest, "\n")
	status, page := enters(t, printed)
	for _, want := range []string{"Tiệm Sao Mai", "Giờ mở cửa mới", "Hàng mới về", "state scheduled"} {
		if status != http.StatusOK || !strings.Contains(page, want) {
			t.Errorf("the demo's link: %d, without %q", status, want)
		}
	}
	out, errs, code := typedIn(t, nil, "console", "--data", data, "--bot", "日日小舖")
	if code != 0 {
		t.Fatalf("code %d: %s", code, errs)
	}
	link, _, _ := strings.Cut(out, "\n")
	if status, page := enters(t, link); status != http.StatusOK || !strings.Contains(page, "日日小舖") || strings.Contains(page, "Hàng mới về") {
		t.Errorf("a printed link: %d", status)
	}
	if status, _ := enters(t, link); status != http.StatusForbidden {
		t.Errorf("the same link again: %d", status)
	}
	if out, errs, code = typedIn(t, nil, "console", "--admin", "--data", data, "--bot", "日日小舖"); code != 0 {
		t.Fatalf("code %d: %s", code, errs)
	}
	link, _, _ = strings.Cut(out, "\n")
	if status, _ := enters(t, link); status != http.StatusOK {
		t.Errorf("a link of who administers the bot: %d", status)
	}
	if out, _, _ := typedIn(t, nil, "tokens", "list", "--data", data, "--bot", "日日小舖"); !strings.Contains(out, "admin") {
		t.Errorf("its token is not listed as one that may all: %s", out)
	}
	s.stop()
	if out, errs, code := typedIn(t, nil, "console", "--data", data, "--bot", "日日小舖"); code != exitAway || !strings.Contains(errs, "no server runs here") {
		t.Errorf("without a server: code %d, %s%s", code, out, errs)
	}
}
