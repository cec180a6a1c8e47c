package blocks_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/flows"
)

// TestDocExamples reads the examples in the doc comments of all kinds from the
// source, checks them and runs them.
func TestDocExamples(t *testing.T) {
	t.Parallel()
	examples := docExamples(t)
	for _, k := range blocks.Kinds() {
		t.Run(k.Name, func(t *testing.T) {
			t.Parallel()
			found := 0
			for _, example := range examples {
				var head struct{ Type string }
				if err := json.Unmarshal([]byte(example), &head); err != nil {
					t.Fatalf("%v in the example\n%s", err, example)
				}
				if head.Type == k.Name {
					found++
					runExample(t, example)
				}
			}
			if found == 0 {
				t.Errorf("no doc comment has an example of %q", k.Name)
			}
		})
	}
}

func runExample(t *testing.T, example string) {
	checked, problems := flows.Check(document(json.RawMessage("["+example+"]"), false), "", flows.Catalog{Listens: true})
	for _, p := range problems {
		t.Errorf("%s: %s (%s)\n%s", p.Path, p.Message, p.Hint, example)
	}
	if checked == nil {
		return
	}
	c := &testCase{
		Attributes: map[string]any{"orders": []any{map[string]any{"code": "A1", "status": "delivered", "total": 1280000.0}}},
		Facts:      map[string]any{"first_name": "Mai", "channel": "line"},
	}
	turn := newRun(c, checked.Program).turn()
	if strings.HasPrefix(turn.Next, "fail") || len(turn.Said)+len(turn.Changes)+len(turn.Requests)+len(turn.Reports) == 0 && turn.Next == "end" {
		t.Errorf("a run of the example comes to %+v\n%s", turn, example)
	}
}

// docExamples returns every JSON object that stands indented in a doc comment.
func docExamples(t *testing.T) []string {
	t.Helper()
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var examples []string
	for _, source := range sources {
		file, err := parser.ParseFile(token.NewFileSet(), source, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			d, ok := decl.(*ast.GenDecl)
			if !ok || d.Doc == nil || d.Tok != token.TYPE || !strings.HasSuffix(d.Specs[0].(*ast.TypeSpec).Name.Name, "Step") {
				continue
			}
			examples = append(examples, objectsIn(d.Doc.Text())...)
		}
	}
	return examples
}

// objectsIn cuts the indented lines of a comment into JSON objects: one begins
// with each line whose first sign is a brace in the first column.
func objectsIn(doc string) []string {
	var objects []string
	for _, line := range strings.Split(doc, "\n") {
		code, indented := strings.CutPrefix(line, "\t")
		switch {
		case !indented:
		case strings.HasPrefix(code, "{"):
			objects = append(objects, code)
		case len(objects) > 0:
			objects[len(objects)-1] += "\n" + code
		}
	}
	return objects
}
