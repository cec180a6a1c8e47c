package main

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/blocks/goldentest"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if err := os.Setenv("COLUMNS", helpWidth); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// TestPages keeps every generated part of the documentation equal to what the
// code says.
func TestPages(t *testing.T) {
	t.Parallel()
	for _, p := range read(t) {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			if p.want == p.have {
				return
			}
			if goldentest.Updating() {
				if err := os.WriteFile(p.path, []byte(p.want), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			t.Errorf("docs/%s is not what the code says: run go run ./docs/gen and read the difference\n%s", p.name, firstDifference(p.have, p.want))
		})
	}
}

// read returns the pages with their generated parts made anew.
func read(t *testing.T) []page {
	t.Helper()
	root, err := repository()
	if err != nil {
		t.Fatal(err)
	}
	list, err := pages(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		t.Fatal("there are no pages")
	}
	return list
}

func firstDifference(have, want string) string {
	a, b := strings.Split(have, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return "have: " + a[i] + "\nwant: " + b[i]
		}
	}
	return "one of them goes on"
}

func TestFill(t *testing.T) {
	t.Parallel()
	part := func(name string) (string, error) { return "made " + name, nil }
	for _, c := range []struct{ name, text, want, wrong string }{
		{name: "no part", text: "words\n", want: "words\n"},
		{name: "an empty part", text: "a\n<!-- generated: x -->\n<!-- end -->\nb\n", want: "a\n<!-- generated: x -->\n\nmade x\n\n<!-- end -->\nb\n"},
		{name: "an old part", text: "<!-- generated: x -->\n\nold\n\n<!-- end -->", want: "<!-- generated: x -->\n\nmade x\n\n<!-- end -->"},
		{name: "no end", text: "<!-- generated: x -->\nold\n", wrong: "has no end"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := fill(c.text, part)
			switch {
			case c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)):
				t.Errorf("error %v, want one that says %q", err, c.wrong)
			case c.wrong == "" && (err != nil || got != c.want):
				t.Errorf("got %q, %v, want %q", got, err, c.want)
			}
		})
	}
}

func TestDescribedLeavesNothingOut(t *testing.T) {
	t.Parallel()
	list := []named{{value: "a"}, {value: "b"}}
	for _, c := range []struct {
		name      string
		sentences map[string]string
		fine      bool
	}{
		{"all", map[string]string{"a": "A.", "b": "B."}, true},
		{"one too few", map[string]string{"a": "A."}, false},
		{"one too many", map[string]string{"a": "A.", "b": "B.", "c": "C."}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if err := described(list, c.sentences, func(named, string) {}); (err == nil) != c.fine {
				t.Errorf("error %v", err)
			}
		})
	}
}
