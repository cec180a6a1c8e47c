package app

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAnEstimateForPeople(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ answer, want string }{
		"nobody": {`{"people": 0, "reached": 0, "exact": true, "accounts": [{"name": "Shop", "channel": "line", "routes": {}, "skipped": {}}], "conditions": [], "samples": [], "warnings": []}`,
			"0 people; 0 would get it\n"},
		"nobody, and why": {`{"people": 0, "reached": 0, "exact": true, "accounts": [], "conditions": [{"where": "\"vip\" in tags", "people": 3}, {"where": "city == \"Hue\"", "people": 0}], "warnings": ["city is of nobody"]}`,
			"0 people; 0 would get it\n\nPEOPLE  CONDITION ALONE\n3       \"vip\" in tags\n0       city == \"Hue\"\nnote: city is of nobody\n"},
		"everybody": {`{"people": 3, "reached": 2, "exact": true, "accounts": [{"name": "Shop", "channel": "line", "routes": {"push": 2}, "skipped": {"blocked": 1}}], "samples": [{"contact_id": 7, "name": "Mai"}], "warnings": ["one is in no zone"]}`,
			"3 people; 2 would get it\nACCOUNT  CHANNEL  HOW               PEOPLE\nShop     line     push              2\nShop     line     skipped: blocked  1\n\nsuch as Mai (7)\nnote: one is in no zone\n"},
	} {
		var v estimateView
		if err := json.Unmarshal([]byte(c.answer), &v); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := v.print(&session{p: &Process{Out: &out}}); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(c.want, out.String()); d != "" {
			t.Errorf("%s: -want +got\n%s", name, d)
		}
	}
}
