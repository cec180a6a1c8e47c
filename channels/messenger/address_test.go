package messenger

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/blockcast/blockcast/channels"
)

func TestWebURL(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://shop.example.com":                         "https://shop.example.com",
		" https://shop.example.com/a b ":                   "https://shop.example.com/a%20b",
		"http://shop.example.com/áo?q=dài#x":               "http://shop.example.com/%C3%A1o?q=d%C3%A0i#x",
		"https://shop.example.com/%C3%A1o":                 "https://shop.example.com/%C3%A1o",
		"https://shop.example.com/100%":                    "https://shop.example.com/100%25",
		"HTTPS://shop.example.com":                         "HTTPS://shop.example.com",
		"https://sản-phẩm.vn":                              "",
		"https://xn--sn-phm-jbb2714c.vn":                   "https://xn--sn-phm-jbb2714c.vn",
		"https:///x":                                       "",
		"tel:+84901234567":                                 "",
		"javascript:alert(1)":                              "",
		"shop.example.com":                                 "",
		"":                                                 "",
		"https://a.example/" + strings.Repeat("x", maxURL): "",
	} {
		if got := webURL(in); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
}

func TestPhone(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"+84 (28) 3822-1234":     "+842838221234",
		"＋８４９０１２３４５６７":           "+84901234567",
		"0800 123 456":           "",
		"84901234567":            "",
		"+":                      "",
		"+123":                   "",
		"ask +84901234567":       "+84901234567",
		"1+84901234567":          "",
		"+849012345678901234567": "",
	} {
		if got := phone(in); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
}

// However a text is cut, all of it is left and each piece fits.
func FuzzSplit(f *testing.F) {
	f.Add("One. Two! Three\n\nfour 👨‍👩‍👧‍👦 năm", 10)
	f.Add(strings.Repeat("e\u0301", 50), 7)
	f.Add("a"+strings.Repeat("\u0301", 50), 7)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		if limit < 2 || limit > 5000 || !utf8.ValidString(s) {
			return
		}
		whole := channels.Clean(s)
		pieces := channels.Split(whole, limit)
		for _, p := range pieces {
			if p == "" || channels.Units(p) > limit {
				t.Fatalf("a piece of %d units: %q", channels.Units(p), p)
			}
		}
		if bare(strings.Join(pieces, "")) != bare(whole) {
			t.Fatalf("%q became %q", whole, pieces)
		}
		if c := cut(whole, limit); channels.Units(c) > limit || !utf8.ValidString(c) {
			t.Fatalf("cut to %d units: %q", channels.Units(c), c)
		}
	})
}

func bare(s string) string { return strings.Join(strings.Fields(s), "") }
