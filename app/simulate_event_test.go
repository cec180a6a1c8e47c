package app

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/blockcast/blockcast/engine/simulate"
)

// TestReadEvent reads what :event says.
func TestReadEvent(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]simulate.Event{
		`paid`:                                {Name: "paid", With: map[string]any{}},
		`paid {"total": 1280, "code": "A 1"}`: {Name: "paid", With: map[string]any{"total": json.Number("1280"), "code": "A 1"}},
		`"order paid" {}`:                     {Name: "order paid", With: map[string]any{}},
		`"order paid" code="A 1" n=2`:         {Name: "order paid", With: map[string]any{"code": "A 1", "n": "2"}},
	} {
		if got, err := readAct("event", text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v; want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "  ", `{"a": 1}`, `paid {"a": `, `paid {"a": 1} 2`, `paid {"a": 1}}`, `"paid`} {
		if got, err := readAct("event", text); err == nil {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}
