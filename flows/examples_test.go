package flows_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/flows"
)

// TestExamples keeps the example flows free of problems, warnings included.
func TestExamples(t *testing.T) {
	t.Parallel()
	for _, file := range exampleFlows(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			checked, problems := flows.Check(data, file, flows.Catalog{})
			for _, p := range problems {
				t.Errorf("%s:%d:%d: %s (%s) %s", p.File, p.Line, p.Column, p.Message, p.Hint, p.Code)
			}
			if checked == nil {
				t.Fatal("the example cannot be published")
			}
			again, err := flows.Compile(data, checked.IDs)
			if err != nil {
				t.Fatal(err)
			}
			for id, b := range checked.Program.Blocks {
				if c := again.Blocks[id]; c == nil || len(c.Code) != len(b.Code) || c.Speaks() != b.Speaks() {
					t.Errorf("block %q is another one when it is compiled from the stored version", b.Name)
				}
			}
		})
	}
}

// exampleFlows lists the example flows, without the tests that stand beside
// them.
func exampleFlows(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("examples/*.json")
	files = slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, ".test.json") })
	if err != nil || len(files) < 3 {
		t.Fatalf("found %d examples, %v", len(files), err)
	}
	return files
}
