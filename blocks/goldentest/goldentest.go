// Package goldentest keeps goldens: files that hold what a test expects, and
// that the flag -update writes anew. It knows no form of theirs but JSON.
package goldentest

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the goldens instead of comparing with them")

// Updating reports whether goldens are written and not compared.
func Updating() bool { return *update }

// JSON is a value as goldens hold it.
func JSON(t testing.TB, v any) []byte {
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

// Read reads a golden that also holds what the test does. A field that v does
// not have, or anything after it, ends the test.
func Read(t testing.TB, file string, v any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if _, err := d.Token(); err != io.EOF {
		t.Fatalf("%s: something follows the value", file)
	}
}

// Compare compares what came with a golden, or writes it with -update, and the
// folder it is in.
func Compare(t testing.TB, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("%s is missing: run the test with -update, and read what it wrote", file)
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
		t.Errorf("%s (-want +got), run the test with -update and read the difference:\n%s", file, diff)
	}
}

// Cases plays the cases of a golden one after the other and compares what each
// has become with what it was; label names one. play fills in what came.
func Cases[T any](t *testing.T, file string, label func(T) string, play func(T) T) {
	t.Helper()
	var want []T
	Read(t, file, &want)
	got := make([]T, len(want))
	for i, c := range want {
		got[i] = play(c)
	}
	if *update {
		Compare(t, file, JSON(t, got))
		return
	}
	for i := range want {
		if diff := cmp.Diff(string(JSON(t, want[i])), string(JSON(t, got[i]))); diff != "" {
			t.Errorf("%s: %s (-want +got)\n%s", file, label(want[i]), diff)
		}
	}
}
