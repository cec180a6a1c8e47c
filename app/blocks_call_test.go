package app

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestBlocksCallPrintsCalls holds that a block's calls can be copied as they
// are, with what the block needs.
func TestBlocksCallPrintsCalls(t *testing.T) {
	t.Parallel()
	s := serving(t, filepath.Join(t.TempDir(), "data"), "bots create")
	if _, errs, code := typedIn(t, nil, "bots", "create", "Shop", "--data", s.data); code != 0 {
		t.Fatal(errs)
	}
	file := write(t, "shop.json", `{"format": 1, "flow": "shop", "attributes": {"order_id": "text"},
		"modules": [{"name": "mai's order", "entry": {"needs": ["order_id"]}, "steps": [{"type": "text", "text": "{{ order_id }}"}]}]}`)
	if _, errs, code := typedIn(t, nil, "flows", "push", file, "--publish", "--data", s.data); code != 0 {
		t.Fatal(errs)
	}
	out, errs, code := typedIn(t, nil, "blocks", "call", "Mai's Order", "--data", s.data)
	if code != 0 {
		t.Fatalf("code %d: %s", code, errs)
	}
	for _, want := range []string{`blockcast sends send 'mai'\''s order' --phone 0900000000 --set 'order_id=…'`, "curl -X POST ", "ahachat_block_name=mai%27s+order"} {
		if !strings.Contains(out, want) {
			t.Errorf("%s\nlacks %s", out, want)
		}
	}
}

// TestFlowsCheckAsksTheChannels holds that a check tells what a channel makes
// of a flow when the channel is named.
func TestFlowsCheckAsksTheChannels(t *testing.T) {
	t.Parallel()
	file := write(t, "shop.json", `{"format": 1, "flow": "shop", "triggers": [{"on": "default", "block": "where"}],
		"blocks": [{"name": "where", "steps": [{"type": "location", "title": "Shop", "address": "12 Lê Lợi", "latitude": 10.7, "longitude": 106.7}]}]}`)
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{nil, 0, "1 file checked, 0 warnings"},
		{[]string{"--channel", "line"}, 0, "1 file checked, 0 warnings"},
		{[]string{"--channel", "line", "--channel", "messenger"}, 0, "warning: Messenger: the place becomes a card"},
		{[]string{"--channel", "pigeon"}, exitUsage, `no channel "pigeon"`},
	} {
		out, errs, code := typedIn(t, nil, append([]string{"flows", "check", file}, c.args...)...)
		if code != c.code || !strings.Contains(out+errs, c.want) {
			t.Errorf("%v: code %d, %s%s", c.args, code, out, errs)
		}
	}
}
