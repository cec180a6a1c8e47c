package blocks_test

import (
	"slices"
	"testing"

	"github.com/blockcast/blockcast/blocks"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, folded, loose string }{
		{"menu", "menu", "menu"},
		{"  Main \t MENU ", "main menu", "main menu"},
		{"Đơn Hàng", "đơn hàng", "don hang"},
		{"Đo\u031bn ha\u0300ng", "đơn hàng", "don hang"}, // accents as signs of their own
		{"ＯＲＤＥＲ　１２", "order 12", "order 12"},
		{"優惠券", "優惠券", "優惠券"},
		{"ガッコウ", "ガッコウ", "ガッコウ"}, // voicing marks are letters, not accents
		{"ร้าน", "ร้าน", "ร้าน"},
		{"Straße", "strasse", "strasse"},
		{"", "", ""},
		{"\u00a0", "", ""},
	} {
		if got := blocks.Fold(c.in); got != c.folded {
			t.Errorf("Fold(%q) = %q, want %q", c.in, got, c.folded)
		}
		if got := blocks.FoldLoose(c.in); got != c.loose {
			t.Errorf("FoldLoose(%q) = %q, want %q", c.in, got, c.loose)
		}
		if got := blocks.Fold(c.folded); got != c.folded {
			t.Errorf("Fold is not settled: %q becomes %q", c.folded, got)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	names := []string{"welcome", "my orders", "đơn hàng", "shirts", "shirt sizes", "talk to us"}
	for _, c := range []struct {
		name string
		want []string
	}{
		{"welcom", []string{"welcome"}},
		{"Shrits", []string{"shirts"}},
		{"don hang", []string{"đơn hàng"}},
		{"my order", []string{"my orders"}},
		{"something else", nil},
	} {
		if got := blocks.Nearest(c.name, names); !slices.Equal(got, c.want) && len(got)+len(c.want) > 0 {
			t.Errorf("Nearest(%q) = %q, want %q", c.name, got, c.want)
		}
	}
}
