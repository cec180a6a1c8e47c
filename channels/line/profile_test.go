package line

import (
	"strings"
	"testing"
)

func TestRecognizes(t *testing.T) {
	t.Parallel()
	hex := strings.Repeat("4af4980629", 4)[:32]
	for id, want := range map[string]bool{
		"U" + hex: true, "C" + hex: true, "R" + hex: true,
		"": false, "U": false, hex: false, "D" + hex: false, "u" + hex: false, "U" + hex + "0": false, "U" + hex[1:]: false,
		"U" + strings.ToUpper(hex): false, "U" + hex[:31] + "g": false, "6408123456789012": false, "U" + hex[:29] + "đ": false,
	} {
		if got := new(Channel).Recognizes(id); got != want {
			t.Errorf("%q: %v", id, got)
		}
	}
}
