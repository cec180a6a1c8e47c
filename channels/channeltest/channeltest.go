// Package channeltest is the suite every channel passes: what it makes of a
// platform's webhooks, how it shows the corpus of messages, what it sends and
// how it reads the answers. A channel brings goldens in
// testdata/{receive,render,send} and three short tests:
//
//	func TestReceive(t *testing.T) { channeltest.RunReceive(t, ch, account, sign) }
//	func TestRender(t *testing.T)  { channeltest.RunRender(t, ch) }
//	func TestSend(t *testing.T)    { channeltest.RunSend(t, account, build) }
//
// Run them with -update to write what the goldens expect, then read the diff.
package channeltest

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const updateFlag = "update"

// A test binary has one such flag, whoever of its packages is first.
var _ = func() bool {
	if flag.Lookup(updateFlag) == nil {
		flag.Bool(updateFlag, false, "write the goldens instead of comparing with them")
	}
	return true
}()

func updating() bool { return flag.Lookup(updateFlag).Value.String() == "true" }

// files lists the goldens of a folder by name, without their ending.
func files(t *testing.T, folder string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, len(paths))
	for i, path := range paths {
		names[i] = strings.TrimSuffix(filepath.Base(path), ".json")
	}
	return names
}

// readCase reads a golden that holds a case and what is expected of it.
func readCase(t *testing.T, path string, v any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// compare compares what came out with the golden, or writes it with -update.
func compare(t *testing.T, path string, got any) {
	t.Helper()
	text := write(t, got)
	if updating() {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("%s is missing: run the test with -update, and read what it wrote", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(lines(want), lines(text)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func write(t *testing.T, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func lines(text []byte) []string { return strings.Split(string(text), "\n") }

// tidy is v as JSON without fields that say nothing, so that a golden shows
// what is there.
func tidy(t *testing.T, v any) any {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&tree); err != nil {
		t.Fatal(err)
	}
	return strip(tree)
}

// strip removes empty values from objects, and returns nil for what is empty
// itself. A list keeps all it has.
func strip(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if value = strip(value); value == nil {
				delete(v, key)
			} else {
				v[key] = value
			}
		}
		if len(v) == 0 {
			return nil
		}
	case []any:
		for _, item := range v {
			strip(item)
		}
		if len(v) == 0 {
			return nil
		}
	case string:
		if v == "" || v == "0001-01-01T00:00:00Z" {
			return nil
		}
	case json.Number:
		if v == "0" {
			return nil
		}
	case bool:
		if !v {
			return nil
		}
	}
	return v
}
