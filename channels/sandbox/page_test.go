package sandbox

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

func (b *bundle) page(path string) map[string]any {
	b.t.Helper()
	a := b.call("GET", "/sandbox/"+path, "")
	if a.status != 200 {
		b.t.Fatalf("%s answered %d %s", path, a.status, a.body)
	}
	var v map[string]any
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		b.t.Fatal(err)
	}
	return v
}

func TestPageHasAllItsParts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	page := b.call("GET", "/sandbox", "")
	if page.status != 200 || !strings.Contains(page.header.Get("Content-Security-Policy"), "default-src 'self'") {
		t.Errorf("page %d, policy %q", page.status, page.header.Get("Content-Security-Policy"))
	}
	for _, path := range []string{"/", "/sandbox/"} {
		if got := b.call("GET", path, ""); got.body != page.body {
			t.Errorf("%s does not lead to the page", path)
		}
	}
	parts := page.body
	for _, name := range []string{"sandbox.js", "chat.js", "line.js", "messenger.js", "flex.js", "inspector.js", "dom.js"} {
		parts += b.call("GET", "/sandbox/static/"+name, "").body
	}
	for _, m := range regexp.MustCompile(`(?:"/sandbox/static/|from "\./)([^"]+)"`).FindAllStringSubmatch(parts, -1) {
		if got := b.call("GET", "/sandbox/static/"+m[1], ""); got.status != 200 {
			t.Errorf("%s: %d", m[1], got.status)
		}
	}
	b.want(b.call("GET", "/sandbox/static/nothing.js", ""), 404, "")
}

// Texts of others become text nodes: nothing on the page parses them as HTML.
func TestPageNeverParsesHTML(t *testing.T) {
	t.Parallel()
	forbidden := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser`)
	err := fs.WalkDir(static, "static", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".js") {
			return err
		}
		source, err := static.ReadFile(path)
		if m := forbidden.Find(source); m != nil {
			t.Errorf("%s uses %s", path, m)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFaultsByHTTP(t *testing.T) {
	t.Parallel()
	b := setup(t)
	set := func(body string) answer { return b.call("POST", "/sandbox/faults", body) }
	b.want(set(`{"faults":[{"kind":"latency","min":"1ms","max":"2ms"},{"kind":"error","endpoint":"push","count":1,"status":503}]}`), 200,
		`{"faults":[{"kind":"latency","min":"1ms","max":"2ms","seen":0,"hits":0},{"kind":"error","endpoint":"push","count":1,"status":503,"seen":0,"hits":0}]}`)
	b.want(b.push(b.mai), 503, "")
	b.want(b.push(b.mai), 200, "")
	b.want(set(`{"faults":[{"kind":"gloom"}]}`), 400, "")
	b.want(set(`{"faults":[{"kind":"latency","min":"soon"}]}`), 400, "")
	b.want(set(`{"fault":[]}`), 400, "")
	if n := len(b.Faults()); n != 2 {
		t.Errorf("a refused script left %d faults", n)
	}
	b.want(b.call("DELETE", "/sandbox/faults", ""), 200, `{"faults":[]}`)
}

func TestStatusAndAccepted(t *testing.T) {
	t.Parallel()
	b := setup(t, func(_ *Config, a *LINEAccount) { a.Quota = 100 })
	b.push(b.mai)
	b.push(b.lan)
	account := b.page("status")["accounts"].([]any)[0].(map[string]any)
	if account["used"] != 2.0 || account["quota"] != 100.0 || account["people"] != 2.0 || account["webhook"] != b.hook.URL {
		t.Errorf("status %v", account)
	}
	if raw, _ := json.Marshal(account); strings.Contains(string(raw), secret) || strings.Contains(string(raw), bearer) {
		t.Error("status tells a secret")
	}
	calls := b.page("accepted?person=" + b.lan)["calls"].([]any)
	call := calls[0].(map[string]any)
	if len(calls) != 1 || call["endpoint"] != "push" || call["messages"].([]any)[0].(map[string]any)["text"] != "Xin chào" {
		t.Errorf("accepted %v", calls)
	}
	if got := b.page("accepted?limit=1")["calls"].([]any); len(got) != 1 {
		t.Errorf("accepted %d", len(got))
	}
	if got := b.page(fmt.Sprintf("accepted?after=%.0f", call["seq"]))["calls"].([]any); len(got) != 0 {
		t.Errorf("accepted %d after the last", len(got))
	}
	b.want(b.call("GET", "/sandbox/accepted?limit=x", ""), 400, "")
}
