package outbox_test

import (
	"strings"
	"testing"

	"github.com/blockcast/blockcast/engine/outbox"
)

// What comes back on a tap is ours only when we could have written it.
func TestReadButtonPayload(t *testing.T) {
	t.Parallel()
	const render = "0123456789abcdef01234567"
	for data, ours := range map[string]bool{
		outbox.ButtonPayload(render, 3, "65f0c0ffee0000000000b071"): true,
		outbox.ButtonPayload(render, 0, ""):                         true,
		"":                                                          false,
		"b1":                                                        false,
		"b2." + render + ".1.x":                                     false,
		"b1." + render + ".1":                                       false,
		"b1." + render + ".1.x.y":                                   false,
		"b1." + render + ".-1.x":                                    false,
		"b1." + render + ".+1.x":                                    false,
		"b1." + render + ".01.x":                                    false,
		"b1." + render + "..x":                                      false,
		"b1." + render[1:] + ".1.x":                                 false,
		"b1." + render[1:] + "Ä.1.x":                                false,
		"b1." + render + ".9999999999.65f0c0ffee0000000000b071": false,
		"b1." + render + ".1." + longBlock:                      false,
	} {
		if _, _, _, ok := outbox.ReadButtonPayload(data); ok != ours {
			t.Errorf("%q is ours: %v, want %v", data, ok, ours)
		}
	}
}

var longBlock = strings.Repeat("x", 100)

// FuzzReadButtonPayload holds that what is taken for ours is what we write.
func FuzzReadButtonPayload(f *testing.F) {
	f.Add(outbox.ButtonPayload("0123456789abcdef01234567", 3, "65f0c0ffee0000000000b071"))
	f.Add("b1.0123456789abcdef01234567.01.x")
	f.Add("b1...")
	f.Fuzz(func(t *testing.T, data string) {
		render, index, block, ok := outbox.ReadButtonPayload(data)
		if ok && outbox.ButtonPayload(render, index, block) != data {
			t.Errorf("%q reads as %q, %d, %q", data, render, index, block)
		}
		if ok && len(data) > 60 {
			t.Errorf("%d bytes are taken for ours", len(data))
		}
	})
}
