package flows_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/blockcast/blockcast/flows"
)

// TestSchemaAgrees checks that the schema is valid itself, takes the examples
// and refuses what the check refuses for its shape.
func TestSchemaAgrees(t *testing.T) {
	t.Parallel()
	read := func(data []byte) any {
		t.Helper()
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(flows.SchemaID, read(flows.Schema())); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(flows.SchemaID)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range exampleFlows(t) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(read(data)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	for name, block := range map[string]string{
		"unknown key":     `{"name": "a", "stepz": [], "steps": []}`,
		"missing key":     `{"name": "a"}`,
		"unknown step":    `{"name": "a", "steps": [{"type": "txt"}]}`,
		"unknown field":   `{"name": "a", "steps": [{"type": "text", "txt": "x", "text": "x"}]}`,
		"wrong type":      `{"name": "a", "steps": [{"type": "text", "text": 5}]}`,
		"unknown enum":    `{"name": "a", "steps": [{"type": "ask", "text": "?", "expect": "colour"}]}`,
		"inside a branch": `{"name": "a", "steps": [{"type": "request", "url": "x", "on_error": [{"type": "goto"}]}]}`,
		"bad colour":      `{"name": "a", "steps": [{"type": "image_carousel", "columns": [{"image_url": "x", "badge": {"text": "x", "color": "red"}}]}]}`,
	} {
		if err := schema.Validate(read(flow("f", blockList(block)))); err == nil {
			t.Errorf("%s: the schema takes %s", name, block)
		}
	}
}
