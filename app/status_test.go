package app

import (
	"encoding/json"
	"testing"
)

// TestStatusKnowsWhetherAnythingWorks holds that an instance which only hears
// is told from one that also sends.
func TestStatusKnowsWhetherAnythingWorks(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`{"processes": []}`: false,
		`{"processes": [{"role": "serve --no-worker"}]}`:                   false,
		`{"processes": [{"role": "serve --no-worker"}, {"role": "work"}]}`: true,
		`{"processes": [{"role": "serve"}]}`:                               true,
	} {
		var v statusView
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		if v.works() != want {
			t.Errorf("%s works: %t, want %t", text, v.works(), want)
		}
	}
}
