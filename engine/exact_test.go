package engine_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/blockcast/blockcast/engine"
)

// TestSessionJSON holds that a session keeps every value as it is.
func TestSessionJSON(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 678000, time.UTC)
	s := engine.Session{
		VersionID: 7, Block: "b", PC: 3, Frames: []engine.Frame{{VersionID: 6, Block: "a", PC: 2}},
		Reply: true, Expect: "number", Keywords: true, Until: at.Add(time.Hour), AskedAt: at, Attempts: 2,
		Attributes: map[string]any{
			"text": "0123", "number": 1280000.0, "price": 0.1, "none": nil, "yes": true, "list": []any{"a", 2.0},
			"json": map[string]any{"id": json.Number("9007199254740993"), "long": json.Number("0.12345678901234567890"), "n": 1.5},
		},
		Changed: []string{"text"}, Answers: map[string]any{"when": "2026-01-02T03:04:05Z"}, SendID: "5", Origin: 4, Interaction: 3,
		Seed: 1<<64 - 1, StartedAt: at, HandedOver: true, Undelivered: "u",
	}
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back engine.Session
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s, back); diff != "" {
		t.Errorf("(-written +read)\n%s", diff)
	}
}

// FuzzValues holds that values read from JSON are the same after another round.
func FuzzValues(f *testing.F) {
	for _, s := range []string{`{}`, `null`, `{"a":9007199254740993}`, `{"a":[1e400,-0,0.1,123456789012345678]}`, `{"a":{"b":1.0000000000000001}}`, `[`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var v engine.Values
		if json.Unmarshal(data, &v) != nil {
			return
		}
		written, err := json.Marshal(v)
		if err != nil {
			t.Fatalf("%v cannot be written: %v", v, err)
		}
		var again engine.Values
		if err := json.Unmarshal(written, &again); err != nil {
			t.Fatalf("%s cannot be read: %v", written, err)
		}
		if diff := cmp.Diff(v, again); diff != "" {
			t.Errorf("%s (-first +second)\n%s", data, diff)
		}
	})
}
