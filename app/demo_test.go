package app

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// pasted is a curl line of the demo.
type pasted struct {
	url  string
	form url.Values
}

// curls reads the calls from what the demo has printed.
func curls(t *testing.T, text string) []pasted {
	t.Helper()
	var calls []pasted
	for _, part := range strings.Split(text, "\n  curl ")[1:] {
		part, _, _ = strings.Cut(part, "\n\n")
		address := regexp.MustCompile(`'(http[^']+)'`).FindStringSubmatch(part)
		if address == nil {
			t.Fatalf("no address in %q", part)
		}
		c := pasted{address[1], url.Values{}}
		for _, m := range regexp.MustCompile(`(?:--data-urlencode '([^']+)'|-d (\S+))`).FindAllStringSubmatch(part, -1) {
			name, value, _ := strings.Cut(m[1]+m[2], "=")
			c.form.Set(name, value)
		}
		calls = append(calls, c)
	}
	return calls
}

// send makes the call, and again while it is asked to, as callers do.
func (c pasted) send(t *testing.T) (status int, body string) {
	t.Helper()
	return untilTaken(t, func() (*http.Response, error) { return http.PostForm(c.url, c.form) })
}

// untilTaken makes a call until the answer is another than that there is no time
// for it now.
func untilTaken(t *testing.T, call func() (*http.Response, error)) (status int, body string) {
	t.Helper()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for limit := time.After(patience); ; {
		answer, err := call()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if answer.StatusCode != http.StatusServiceUnavailable {
			return answer.StatusCode, string(text)
		}
		select {
		case <-again.C:
		case <-limit:
			t.Fatalf("it is answered %d for %s: %s", answer.StatusCode, patience, text)
		}
	}
}

func TestTheDemoDoesWhatItSays(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	s := serving(t, data, "Ctrl-C stops it", "--demo")
	text := s.out.String()
	if lines := strings.Count(text, "\n"); lines >= 30 {
		t.Errorf("it prints %d lines", lines)
	}
	calls := curls(t, text)
	if len(calls) != 2 {
		t.Fatalf("%d calls in %s", len(calls), text)
	}
	if status, body := calls[0].send(t); status != http.StatusOK || !strings.HasPrefix(body, `{"success":true,"result":"ok"`) {
		t.Errorf("the first call: %d %s", status, body)
	}
	if !arrives(t, text, calls[0].form.Get("order_code")) {
		t.Error("the message does not come to the sandbox")
	}
	status, body := calls[1].send(t)
	if status != http.StatusConflict || !strings.Contains(body, `"success":false`) {
		t.Errorf("the second call: %d %s", status, body)
	}
	out, errs, code := typedIn(t, nil, "sends", "explain", "--data", data)
	if code != 0 || !strings.Contains(out, "blocked") {
		t.Errorf("explain: code %d, %s%s", code, out, errs)
	}
	for bot, want := range map[string]int{"日日小舖": demoPeople * 2 / 5, "Tiệm Sao Mai": demoPeople * 3 / 5} { // who is on two platforms counts once
		out, _, _ = typedIn(t, nil, "contacts", "list", "--data", data, "--bot", bot, "--limit=1000", "--json")
		var people struct{ Items []contactView }
		if err := json.Unmarshal([]byte(out), &people); err != nil || len(people.Items) != want {
			t.Errorf("%s has %d people, %v", bot, len(people.Items), err)
		}
	}
	choosesThePlatform(t, text, data)
	own := write(t, "own.json", `{"format": 1, "flow": "own", "attributes": {"city": "json"}, "triggers": [{"on": "follow", "block": "hi"}, {"on": "default", "block": "hi"}],
		"blocks": [{"name": "hi", "steps": [{"type": "text", "text": "Hi {{ first_name }}, nothing else is in my way."}]}]}`)
	if out, errs, code := typedIn(t, nil, "flows", "push", own, "--publish", "--bot", ownBot, "--data", data); code != 0 {
		t.Errorf("a flow of one's own: code %d, %s%s", code, out, errs)
	}
	out, errs, code = typedIn(t, nil, "sends", "send", "hi", "--phone", calls[0].form.Get("phone"), "--bot", ownBot, "--data", data)
	if code != 0 || !arrives(t, text, "nothing else is in my way") {
		t.Errorf("its block: code %d, %s%s", code, out, errs)
	}
	s.stop()
	info, err := os.Stat(filepath.Join(data, demoName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%s: %v, %v", demoName, info, err)
	}

	again := serving(t, data, "Ctrl-C stops it", "--demo")
	second := curls(t, again.out.String())
	if tokenOf(second[0]) != tokenOf(calls[0]) || second[0].form.Get("phone") != calls[0].form.Get("phone") {
		t.Error("the second start has other tokens or people")
	}
	if status, body := second[0].send(t); status != http.StatusOK {
		t.Errorf("the second start: %d %s", status, body)
	}
	if !arrives(t, again.out.String(), calls[0].form.Get("order_code")) {
		t.Error("the message of the second start does not come to the sandbox")
	}
	if !arrives(t, again.out.String(), "Đây là các đơn hàng") {
		t.Error("nobody is answered on Messenger after the second start")
	}
	if status, _ := second[1].send(t); status != http.StatusConflict {
		t.Errorf("the second start's refusal: %d", status)
	}
	everybodyWhoMay(t, data)
	aCheckForPeople(t, data)
}

// aCheckForPeople holds that a pre-flight speaks of accounts by their names, and
// of one person as of one.
func aCheckForPeople(t *testing.T, data string) {
	t.Helper()
	shop := []string{"--data", data, "--bot", ownBot}
	ask := func(args ...string) string {
		t.Helper()
		out, errs, code := typedIn(t, nil, append(args, shop...)...)
		if code != 0 {
			t.Fatalf("%v: code %d, %s%s", args, code, out, errs)
		}
		return out
	}
	var made broadcastView
	if err := json.Unmarshal([]byte(ask("broadcasts", "create", "Hi", "--text", "Hi.", "--intent", "utility", "--all", "--first", "1", "--json")), &made); err != nil {
		t.Fatal(err)
	}
	if out := ask("broadcasts", "prepare", made.ID); !strings.HasPrefix(out, "meant for 1 person, 1 would get it\n") || !strings.Contains(out, "on account "+ownBot+"\n") {
		t.Errorf("a check says %s", out)
	}
}

func TestHowTheProgramIsStarted(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/tmp/go-build472/b001/exe/blockcast":     "go run .",
		"/home/mai/.cache/go/3f/3f2a-d/blockcast": "go run .",
		"/usr/local/bin/blockcast":                "blockcast",
		"/home/mai/blockcast/blockcast":           "blockcast",
	} {
		if got := startedBy(path); got != want {
			t.Errorf("%s is started by %q, want %q", path, got, want)
		}
	}
}

// everybodyWhoMay holds that the Page takes what the bot may send: it has heard
// from whom the bot has, before this start, too.
func everybodyWhoMay(t *testing.T, data string) {
	t.Helper()
	shop := []string{"--data", data, "--bot", "Tiệm Sao Mai", "--json"}
	ask := func(into any, args ...string) {
		t.Helper()
		out, errs, code := typedIn(t, nil, append(args, shop...)...)
		if err := json.Unmarshal([]byte(out), into); err != nil || code != 0 {
			t.Fatalf("%v: code %d, %s%s", args, code, out, errs)
		}
	}
	var accounts struct{ Items []accountView }
	ask(&accounts, "accounts", "list")
	page := slices.IndexFunc(accounts.Items, func(a accountView) bool { return a.Channel == "messenger" })
	var b struct{ ID string }
	ask(&b, "broadcasts", "create", "Again", "--text", "Chào", "--all", "--account", accounts.Items[page].ID)
	var check struct {
		Reachable  int64
		PreparedID string `json:"prepared_id"`
	}
	ask(&check, "broadcasts", "prepare", b.ID)
	ask(new(any), "broadcasts", "start", b.ID, "--prepared", check.PreparedID)
	if out, errs, code := typedIn(t, nil, append([]string{"broadcasts", "follow", b.ID}, shop[:4]...)...); code != 0 {
		t.Fatalf("following: code %d, %s%s", code, out, errs)
	}
	var r struct {
		Total struct{ Accepted struct{ Count int64 } }
	}
	ask(&r, "broadcasts", "report", b.ID)
	if n := r.Total.Accepted.Count; n == 0 || n != check.Reachable {
		t.Errorf("after the second start the Page takes %d of %d messages that the bot may send", n, check.Reachable)
	}
	for who, want := range map[string]int{"0911000003": exitFine, "1": exitFine, "Huỳnh": exitUsage, "nobody at all": exitAbsent} {
		if out, errs, code := typedIn(t, nil, append([]string{"broadcasts", "why", b.ID, who}, shop[:4]...)...); code != want || code == exitFine && out == "" {
			t.Errorf("why %s: code %d, %s%s", who, code, out, errs)
		}
	}
}

// choosesThePlatform holds that the person the demo names is on both platforms,
// and is sent to where they wrote last.
func choosesThePlatform(t *testing.T, printed, data string) {
	t.Helper()
	found := regexp.MustCompile(`sends send --text (\S+) --phone (\d+) --bot "([^"]+)" --dry-run`).FindStringSubmatch(printed)
	if found == nil {
		t.Fatalf("no such command in %s", printed)
	}
	goesTo := func(channel string) {
		t.Helper()
		out, errs, code := typedIn(t, nil, "sends", "send", "--text", found[1], "--phone", found[2], "--bot", found[3], "--dry-run", "--data", data)
		if code != 0 || !regexp.MustCompile(`(?m)^channel +`+channel+`$`).MatchString(out) {
			t.Errorf("to %s: code %d, %s%s", channel, code, out, errs)
		}
	}
	if !arrives(t, printed, "Đây là các đơn hàng của số +84"+found[2][1:]) {
		t.Error("what they asked on Messenger is not answered")
	}
	goesTo("messenger")
	page := sandboxOf(t, printed)
	var list struct{ People []struct{ ID string } }
	getJSON(t, page.JoinPath("accounts", "donhang", "people").String()+"?q="+found[2], &list)
	if len(list.People) != 1 {
		t.Fatalf("on LINE there are %v", list)
	}
	answer, err := http.Post(page.JoinPath("accounts", "donhang", "people", list.People[0].ID, "write").String(), "application/json", strings.NewReader(`{"text":"túi"}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("writing on LINE is answered %s", answer.Status)
	}
	goesTo("line")
}

func getJSON(t *testing.T, address string, v any) {
	t.Helper()
	answer, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(v); err != nil {
		t.Fatal(err)
	}
}

func tokenOf(c pasted) string {
	u, _ := url.Parse(c.url)
	return u.Query().Get("ahachat_token")
}

// sandboxOf finds the pretend platforms as a visitor does, from the main
// address.
func sandboxOf(t *testing.T, printed string) *url.URL {
	t.Helper()
	page := strings.TrimSuffix(regexp.MustCompile(`http://\S+/sandbox`).FindString(printed), "sandbox")
	at, err := http.Get(page)
	if err != nil {
		t.Fatal(err)
	}
	_ = at.Body.Close()
	if at.StatusCode != http.StatusOK || at.Request.URL.Path != "/sandbox" || at.Request.URL.String() == page {
		t.Fatalf("%s leads to %s with %d", page, at.Request.URL, at.StatusCode)
	}
	return at.Request.URL
}

// patience is how long a test waits for what comes: on a busy machine much does
// later, and nothing is proven by that.
const patience = time.Minute

// arrives waits until a pretend platform has taken a message that holds a text.
func arrives(t *testing.T, printed, text string) bool {
	t.Helper()
	accepted := sandboxOf(t, printed).JoinPath("accepted").String()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for limit := time.After(patience); ; {
		answer, err := http.Get(accepted)
		if err != nil {
			t.Fatal(err)
		}
		taken, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(taken), text) {
			return true
		}
		select {
		case <-look.C:
		case <-limit:
			return false
		}
	}
}
