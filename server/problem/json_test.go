package problem

import (
	"encoding/json"
	"strings"
	"testing"
)

// Where a document is broken is said by its readers in the same words, and
// without what it holds.
func TestNotJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"a":"secret",}`: "is not valid JSON: it is broken near byte 15",
		"\x1f\x8bsecret":  "is not valid JSON: it is broken near byte 1",
		`{"a":"secret"`:   "is not valid JSON: it ends too early",
		``:                "is not valid JSON: it ends too early",
		`["secret"]`:      "is not valid JSON",
	} {
		var whole, streamed map[string]any
		for _, err := range []error{json.Unmarshal([]byte(text), &whole), json.NewDecoder(strings.NewReader(text)).Decode(&streamed)} {
			if got := NotJSON(err); got != want {
				t.Errorf("%s: %s, want %s", text, got, want)
			}
		}
	}
}
