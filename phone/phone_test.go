package phone_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/phone"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text, region, want string
		err                      error
	}{
		{"national", "0912 345 678", "VN", "+84912345678", nil},
		{"international", "+84 912-345-678", "TW", "+84912345678", nil},
		{"plus decoded away", " 84912345678", "VN", "+84912345678", nil},
		{"no plus", "84912345678", "VN", "+84912345678", nil},
		{"no plus, other region", "886912345678", "VN", "+886912345678", nil},
		{"taiwan national", "0912-345-678", "TW", "+886912345678", nil},
		{"old viettel", "01681234567", "VN", "+84381234567", nil},
		{"old mobifone with code", "841201234567", "VN", "+84701234567", nil},
		{"full width", "０９１２３４５６７８", "TW", "+886912345678", nil},
		{"nbsp", "0912\u00a0345\u00a0678", "TW", "+886912345678", nil},
		{"zero-width and tel", "tel:\u200e0912345678", "TW", "+886912345678", nil},
		{"double zero", "0084912345678", "VN", "+84912345678", nil},
		{"two", "0912345678, 0987654321", "VN", "", phone.ErrTwo},
		{"two slashed", "0912345678/0987654321", "VN", "", phone.ErrTwo},
		{"two plus", "+84912345678 +84987654321", "VN", "", phone.ErrTwo},
		{"two with a space", "0912 345 678 0987 654 321", "VN", "", phone.ErrTwo},
		{"two with a word", "0912345678 hoặc 0987654321", "VN", "", phone.ErrTwo},
		{"many with spaces", "0912345678 0987654321 0912345679 0912345670 0912345671", "VN", "", phone.ErrTwo},
		{"a number and a remark", "0912345678 nhà 12", "VN", "", phone.ErrWrong},
		{"far too long", strings.Repeat("1 ", 1000), "VN", "", phone.ErrWrong},
		{"short", "12345", "VN", "", phone.ErrWrong},
		{"letters", "0912abc678", "VN", "", phone.ErrWrong},
		{"vanity", "0800FLOWERS", "US", "", phone.ErrWrong},
		{"empty", "  ", "VN", "", phone.ErrEmpty},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := phone.Parse(c.text, c.region)
			if got != c.want || !errors.Is(err, c.err) {
				t.Errorf("Parse(%q, %s) = %q, %v; want %q, %v", c.text, c.region, got, err, c.want, c.err)
			}
		})
	}
}

// FuzzParse holds that whatever is read can be read again to the same number.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"0912 345 678", "+886912345678", " 84912345678", "０９１２", "01681234567", "+", "(02) 2345-6789 #12"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := phone.Parse(s, "VN")
		if err != nil {
			return
		}
		again, err := phone.Parse(got, "TW")
		if err != nil || again != got {
			t.Errorf("%q reads as %q, which reads as %q, %v", s, got, again, err)
		}
	})
}
