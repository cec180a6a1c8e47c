package api

import "testing"

func TestHumasMistakesArePlainlyWorded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ location, message, place, text string }{
		{"body", "expected required property to to be present", "body.to", "is missing"},
		{"body.to", "expected required property to be present to be present", "body.to.to be present", "is missing"},
		{"body.blok", "unexpected property", "body.blok", "there is no such field"},
		{"body.intent", `expected value to be one of "utility, agent"`, "body.intent", "must be one of utility, agent"},
		{"query.limit", "expected number >= 1", "query.limit", "must be at least 1"},
		{"query.limit", "expected number", "query.limit", "must be a number"},
		{"body.text", "expected string", "body.text", "must be a text"},
		{"body.text", "expected string to be regex: x", "body.text", "expected string to be regex: x"},
		{"body", "unknown content type: text/plain", "body", "must be JSON, sent with the header Content-Type: application/json"},
		{"body", "request body is required", "body", "is missing: send a JSON object, with the header Content-Type: application/json"},
	} {
		if place, text := worded(c.location, c.message); place != c.place || text != c.text {
			t.Errorf("%s: %s is worded as %s: %s", c.location, c.message, place, text)
		}
	}
}
