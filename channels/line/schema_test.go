package line_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// schemaVariable names the folder of LINE's OpenAPI descriptions; without it
// they are looked for in shared/schemas/line beside the repository.
const schemaVariable = "BLOCKCAST_LINE_SCHEMA"

// schema is one of LINE's OpenAPI descriptions.
type schema struct{ doc *openapi3.T }

// loadSchema reads a description, or skips the test where there is none.
func loadSchema(t *testing.T, file string) *schema {
	t.Helper()
	folder := schemaFolder()
	if folder == "" {
		t.Skipf("LINE's OpenAPI description is not here: set %s to the folder of %s to check against it", schemaVariable, file)
	}
	doc, err := openapi3.NewLoader().LoadFromFile(filepath.Join(folder, file))
	if err != nil {
		t.Fatal(err)
	}
	return &schema{doc}
}

func schemaFolder() string {
	if folder := os.Getenv(schemaVariable); folder != "" {
		return folder
	}
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			folder := filepath.Join(dir, "..", "shared", "schemas", "line")
			if _, err := os.Stat(folder); err == nil {
				return folder
			}
			return ""
		}
	}
	return ""
}

// check lists what is wrong with a value as the named schema. Beyond plain
// validation it follows discriminators, which the description uses everywhere,
// and refuses properties it does not know.
func (s *schema) check(name string, text []byte) []string {
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return []string{err.Error()}
	}
	c := &schemaChecker{schema: s}
	c.visit(name, s.doc.Components.Schemas[name], value)
	return c.problems
}

type schemaChecker struct {
	*schema
	problems []string
}

func (c *schemaChecker) fail(at, format string, args ...any) {
	c.problems = append(c.problems, at+": "+fmt.Sprintf(format, args...))
}

func (c *schemaChecker) visit(at string, ref *openapi3.SchemaRef, value any) {
	if ref == nil || ref.Value == nil {
		c.fail(at, "no such schema")
		return
	}
	ref = c.kind(at, ref, value)
	if err := ref.Value.VisitJSON(value); err != nil {
		c.fail(at, "%v", err)
	}
	switch value := value.(type) {
	case map[string]any:
		known, open := properties(ref.Value)
		for _, key := range sorted(value) {
			property, ok := known[key]
			if !ok && !open {
				c.fail(at, "unknown property %q", key)
			}
			if ok {
				c.visit(at+"."+key, property, value[key])
			}
		}
	case []any:
		if ref.Value.Items == nil {
			return
		}
		for i := range value {
			c.visit(fmt.Sprintf("%s[%d]", at, i), ref.Value.Items, value[i])
		}
	}
}

// kind finds the schema that the value's discriminator names.
func (c *schemaChecker) kind(at string, ref *openapi3.SchemaRef, value any) *openapi3.SchemaRef {
	object, ok := value.(map[string]any)
	if ref.Value.Discriminator == nil || !ok {
		return ref
	}
	d := ref.Value.Discriminator
	kind, _ := object[d.PropertyName].(string)
	target, ok := d.Mapping[kind]
	if !ok {
		c.fail(at, "%s %q is none of LINE's", d.PropertyName, kind)
		return ref
	}
	found := c.doc.Components.Schemas[filepath.Base(target.Ref)]
	if found == nil {
		c.fail(at, "the description lacks %s", target.Ref)
		return ref
	}
	return found
}

// properties gathers what an object may hold, over all it is made of. An
// object of which nothing is said may hold anything.
func properties(s *openapi3.Schema) (known map[string]*openapi3.SchemaRef, open bool) {
	known = map[string]*openapi3.SchemaRef{}
	var walk func(*openapi3.Schema)
	walk = func(s *openapi3.Schema) {
		for name, property := range s.Properties {
			known[name] = property
		}
		if s.AdditionalProperties.Schema != nil {
			open = true
		}
		for _, part := range s.AllOf {
			walk(part.Value)
		}
	}
	walk(s)
	return known, open || len(known) == 0
}

func sorted(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

// A checker that takes everything would prove nothing.
func TestSchemaRefuses(t *testing.T) {
	t.Parallel()
	s := loadSchema(t, "messaging-api.yml")
	for name, text := range map[string]string{
		"no receiver":         `{"messages":[{"type":"text","text":"a"}]}`,
		"six messages":        `{"to":"U1","messages":[{"type":"text","text":"a"},{"type":"text","text":"a"},{"type":"text","text":"a"},{"type":"text","text":"a"},{"type":"text","text":"a"},{"type":"text","text":"a"}]}`,
		"unknown message":     `{"to":"U1","messages":[{"type":"song","text":"a"}]}`,
		"unknown property":    `{"to":"U1","messages":[{"type":"text","text":"a","colour":"red"}]}`,
		"missing preview":     `{"to":"U1","messages":[{"type":"image","originalContentUrl":"https://a.example/1.jpg"}]}`,
		"unknown bubble size": `{"to":"U1","messages":[{"type":"flex","altText":"a","contents":{"type":"bubble","size":"vast"}}]}`,
		"unknown flex part":   `{"to":"U1","messages":[{"type":"flex","altText":"a","contents":{"type":"bubble","body":{"type":"box","layout":"vertical","contents":[{"type":"song"}]}}}]}`,
		"long data":           `{"to":"U1","messages":[{"type":"template","altText":"a","template":{"type":"buttons","text":"a","actions":[{"type":"postback","label":"a","data":"` + long(301) + `"}]}}]}`,
	} {
		if problems := s.check("PushMessageRequest", []byte(text)); len(problems) == 0 {
			t.Errorf("%s: nothing is found wrong", name)
		}
	}
	if problems := s.check("PushMessageRequest", []byte(`{"to":"U1","messages":[{"type":"text","text":"a"}]}`)); len(problems) > 0 {
		t.Errorf("a plain text is refused: %v", problems)
	}
}
