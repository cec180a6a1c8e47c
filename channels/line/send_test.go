package line_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// sendGolden is what of a send golden is looked at here.
type sendGolden struct {
	Responses []struct {
		Status int             `json:"status"`
		Body   json.RawMessage `json:"body"`
	} `json:"responses"`
	Requests []struct {
		Method string          `json:"method"`
		Path   string          `json:"path"`
		Body   json.RawMessage `json:"body"`
	} `json:"requests"`
}

// Every call is one of LINE's, with a body as LINE describes it, and the
// answers we test with are ones LINE could give.
func TestCallsAreInTheDescription(t *testing.T) {
	t.Parallel()
	s := loadSchema(t, "messaging-api.yml")
	paths, err := filepath.Glob("testdata/send/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var g sendGolden
		if err := json.Unmarshal(text, &g); err != nil {
			t.Fatal(err)
		}
		for i, r := range g.Requests {
			operation := s.operation(r.Method, r.Path)
			if operation == nil {
				t.Errorf("%s: LINE has no %s %s", path, r.Method, r.Path)
				continue
			}
			if r.Body != nil {
				reportAll(t, path, s.check(schemaName(operation.RequestBody.Value.Content), r.Body))
			}
			answer := g.Responses[i]
			described := operation.Responses.Value(strconv.Itoa(answer.Status))
			if answer.Body == nil || answer.Status >= 300 || described == nil {
				continue
			}
			if name := schemaName(described.Value.Content); name != "" {
				reportAll(t, path, s.check(name, answer.Body))
			}
		}
	}
}

func reportAll(t *testing.T, path string, problems []string) {
	t.Helper()
	for _, problem := range problems {
		t.Errorf("%s: %s", path, problem)
	}
}

var parameter = regexp.MustCompile(`\\\{[^}]*\\\}`)

// operation finds LINE's call of this method and path.
func (s *schema) operation(method, path string) *openapi3.Operation {
	for template, item := range s.doc.Paths.Map() {
		pattern := "^" + parameter.ReplaceAllString(regexp.QuoteMeta(template), `[^/]+`) + "$"
		if regexp.MustCompile(pattern).MatchString(strings.SplitN(path, "?", 2)[0]) && item.GetOperation(method) != nil {
			return item.GetOperation(method)
		}
	}
	return nil
}

// schemaName is the name of a body's schema, "" where LINE describes none.
func schemaName(content openapi3.Content) string {
	media := content.Get("application/json")
	if media == nil || media.Schema == nil {
		return ""
	}
	return filepath.Base(media.Schema.Ref)
}
