package flows_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/blockcast/blockcast/flows"
)

var update = flag.Bool("update", false, "write the golden files")

// TestSchema keeps schema.json, which editors read, equal to what the program
// says.
func TestSchema(t *testing.T) {
	t.Parallel()
	golden(t, "schema.json", flows.Schema())
}

// golden compares with a file, or writes it with -update.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v: run the test with -update and read what it wrote", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not up to date: run the test with -update and read the diff\n%s", file, got)
	}
}

// jsonOf writes a value as goldens hold it.
func jsonOf(t *testing.T, v any) []byte {
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
