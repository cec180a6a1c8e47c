package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/app"
)

// TestTheTestingPage does what the page about tests says, with the flow of the
// first chapter: its chat, its test, and the failure it shows.
func TestTheTestingPage(t *testing.T) {
	t.Parallel()
	list := snippets(pageNamed(t, "testing.md"))
	folder := t.TempDir()
	save := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	save("shop.json", firstOf(t, snippets(pageNamed(t, "flows.md")), "json", ""))
	test := firstOf(t, list, "json", "test")
	save("shop.test.json", test)
	if got := ran(t, folder, "", "test"); got != "2 cases in 1 file passed\n" {
		t.Errorf("the page's test: %s", got)
	}

	chat := firstOf(t, list, "text", "chat")
	var typed strings.Builder
	for _, line := range strings.Split(chat, "\n") {
		if said, ok := strings.CutPrefix(line, "> "); ok {
			typed.WriteString(said + "\n")
		}
	}
	got := ran(t, folder, typed.String(), "simulate", "--as", "first_name=Mai")
	if _, after, _ := strings.Cut(got, "\n\n"); after != chat {
		t.Errorf("the page's chat: it is\n%s\nthe page says\n%s", after, chat)
	}

	save("shop.test.json", strings.Replace(test, "four digits, please.", "four digits!", 1))
	if got, want := ran(t, folder, "", "test"), firstOf(t, list, "text", "failure"); got != want {
		t.Errorf("the page's failure: it is\n%s\nthe page says\n%s", got, want)
	}
}

func firstOf(t *testing.T, list []snippet, language, about string) string {
	t.Helper()
	for _, s := range list {
		if s.language == language && s.about == about {
			return s.text
		}
	}
	t.Fatalf("no snippet %s %s", language, about)
	return ""
}

// ran is what a command about the folder's flow prints.
func ran(t *testing.T, folder, input string, command string, flags ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	p := &app.Process{In: strings.NewReader(input), Out: &out, Err: &errs, Lookup: func(string) (string, bool) { return "", false }}
	app.Main(t.Context(), append([]string{"flows", command, filepath.Join(folder, "shop.json")}, flags...), p)
	return strings.ReplaceAll(out.String(), folder+string(filepath.Separator), "")
}
