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
// Where a platform publishes its rules RunRules holds what is rendered to them,
// and FuzzReceive and FuzzRules hold a channel to all of it with bytes that
// nobody thought of.
package channeltest

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// files lists the goldens of a folder by name, without their ending.
func files(t testing.TB, folder string) []string {
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
