package app

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestVersionsOfABroadcast(t *testing.T) {
	t.Parallel()
	typed := lineFolder(t)
	out, errs, code := typed("broadcasts", "create", "Autumn", "--text", "Hi", "--all", "--json")
	if code != 0 {
		t.Fatalf("create: %d %s", code, errs)
	}
	var b struct {
		ID   string         `json:"id"`
		Plan map[string]any `json:"plan"`
	}
	if err := json.Unmarshal([]byte(out), &b); err != nil {
		t.Fatal(err)
	}
	b.Plan["subject"], b.Plan["tags"] = "Winter", []string{"told"}
	plan, err := json.Marshal(b.Plan)
	if err != nil {
		t.Fatal(err)
	}
	if _, errs, code := typed("broadcasts", "edit", b.ID, write(t, "plan.json", string(plan)), "--version", "1"); code != 0 {
		t.Fatalf("edit: %d %s", code, errs)
	}
	out, errs, code = typed("broadcasts", "versions", b.ID)
	lines := strings.Split(out, "\n")
	if code != 0 || len(lines) != 4 || !strings.HasPrefix(lines[0], "VERSION") || !strings.HasPrefix(lines[1], "2 ") || !strings.HasSuffix(lines[1], "subject, tags") || !strings.HasPrefix(lines[2], "1 ") {
		t.Errorf("the list: %d %s\n%s", code, errs, out)
	}
	out, errs, code = typed("broadcasts", "versions", b.ID, "1")
	if code != 0 || !strings.HasPrefix(out, "version 1, written ") || !strings.Contains(out, "Autumn") || strings.Contains(out, "Winter") {
		t.Errorf("the first: %d %s\n%s", code, errs, out)
	}
	if _, errs, code := typed("broadcasts", "versions", b.ID, "3"); code != exitAbsent || !strings.Contains(errs, "the broadcast has no version 3: it is at 2") {
		t.Errorf("one that never was: %d %s", code, errs)
	}
	if _, errs, code := typed("broadcasts", "versions", "none"); code != exitAbsent || !strings.Contains(errs, `no broadcast "none"`) {
		t.Errorf("of no broadcast: %d %s", code, errs)
	}
}

// lineFolder runs commands over a folder whose bot is on LINE.
func lineFolder(t *testing.T) (typed func(args ...string) (out, errs string, code int)) {
	t.Helper()
	s := newTrial(t, map[string]string{"BLOCKCAST_DATA": t.TempDir(), "BLOCKCAST_PUBLIC_URL": "https://bots.example.com"})
	s.open(`{"format": 1, "flow": "news", "attributes": {"city": "text"}, "modules": [{"name": "hello", "steps": [{"type": "text", "text": "Hello!"}]}],
		"blocks": [{"name": "survey", "entry": {}, "steps": [{"type": "ask", "text": "Where do you live?", "expect": "text"}]}]}`)
	return func(args ...string) (string, string, int) {
		t.Helper()
		return typedIn(t, s.env, args...)
	}
}
