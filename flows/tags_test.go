package flows_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/blockcast/blockcast/flows"
)

func TestTagUses(t *testing.T) {
	t.Parallel()
	document := []byte(`{"format": 1, "flow": "shop",
		"modules": [{"name": "thanks", "steps": [{"type": "text", "text": "{{ 'VIP' in tags ? 'Dear' : 'Hi' }}"}]}],
		"blocks": [
			{"name": "buy", "steps": [{"type": "ask", "save": "size", "text": "?", "choices": [{"title": "L", "tag": "vip"}]},
				{"type": "tag", "add": ["customer"], "remove": ["Vip "]}]},
			{"name": "menu", "steps": [{"type": "if", "if": "any(tags, # == \"vip\")", "then": [{"type": "text", "text": "x", "buttons": [{"title": "Leave", "untag": ["vip"]}]}]}]},
			{"name": "quiet", "steps": [{"type": "tag", "add": ["vip gold", "bought {{ x }}"]}, {"type": "text", "text": "'vip' is a word"}]}]}`)
	got, err := flows.TagUses(document, " ＶＩＰ")
	if err != nil {
		t.Fatal(err)
	}
	want := []flows.Mention{{"thanks", "reads"}, {"buy", "adds"}, {"buy", "removes"}, {"menu", "removes"}, {"menu", "reads"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if _, err := flows.TagUses([]byte("{"), "vip"); err == nil {
		t.Error("a broken document has no error")
	}
}
