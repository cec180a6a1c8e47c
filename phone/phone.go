// Package phone reads telephone numbers as people and their systems write
// them, and gives them in E.164. It knows no contacts.
package phone

import (
	"errors"
	"strings"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"
)

// The errors of Parse, in words for the caller.
var (
	ErrEmpty = errors.New("no phone number is given")
	ErrTwo   = errors.New("more than one phone number is given: send one")
	ErrWrong = errors.New("this is not a phone number")
)

// maxLength is more than any number with its punctuation needs.
const maxLength = 40

// minDigits is how many digits after a number can be another one.
const minDigits = 7

// Parse reads one number. region is the ISO 3166-1 country whose national
// forms are understood, such as "VN". It accepts full-width digits, all kinds
// of spaces and punctuation, a leading space where a "+" was decoded away, a
// country code without its plus, and the Vietnamese mobile prefixes of before
// 2018. Two numbers in one text are refused.
func Parse(text, region string) (string, error) {
	s := clean(text)
	if s == "" {
		return "", ErrEmpty
	}
	if strings.ContainsAny(s, ",;/|\n") || strings.Count(s, "+") > 1 {
		return "", ErrTwo
	}
	if len(s) > maxLength {
		return "", wrong(s, region)
	}
	forms := []string{s}
	if !strings.HasPrefix(s, "+") {
		forms = append(forms, "+"+s)
	}
	if leadingSpace(text) { // "+84…" in a query arrives as " 84…"
		forms = []string{"+" + s, s}
	}
	for _, f := range forms {
		if e164, ok := valid(f, region); ok {
			return e164, nil
		}
	}
	if f, ok := vietnamBefore2018(digits(s), region); ok {
		return f, nil
	}
	return "", wrong(s, region)
}

// wrong is ErrTwo for a number that others follow, with spaces or words alone
// between them: "0912 345 678 or 0987 654 321".
func wrong(s, region string) error {
	for i := 0; i < len(s) && i < maxLength; i++ {
		if s[i] != ' ' || len(digits(s[i:])) < minDigits {
			continue
		}
		if _, ok := valid(s[:i], region); ok {
			return ErrTwo
		}
	}
	return ErrWrong
}

// valid reads one form and reports whether such a number can exist.
func valid(s, region string) (string, bool) {
	for _, r := range s {
		if (r < '0' || r > '9') && !strings.ContainsRune("+-. ()#*", r) {
			return "", false
		}
	}
	if e164, ok := plain(s, region); ok {
		return e164, true
	}
	return taken(s, region)
}

// taken takes a form apart as the library does.
func taken(s, region string) (string, bool) {
	n, err := phonenumbers.Parse(s, region)
	if err != nil || !phonenumbers.IsValidNumber(n) {
		return "", false
	}
	return phonenumbers.Format(n, phonenumbers.E164), true
}

// clean folds width and spaces and drops invisible marks.
func clean(s string) string {
	s = norm.NFKC.String(s)
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\u200b' || r == '\u200e' || r == '\u200f' || r == '\ufeff' || r == '\u202a' || r == '\u202c':
			return -1
		case r == '\u00a0' || r == '\t' || r == '\r':
			return ' '
		case r == '\u2010' || r == '\u2011' || r == '\u2013' || r == '\u2014' || r == '\u2212':
			return '-'
		}
		return r
	}, s)
	return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(s), "tel:"))
}

func leadingSpace(s string) bool { return strings.HasPrefix(s, " ") }

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// newVietnamese maps the eleven-digit mobile prefixes that Vietnam replaced in
// September 2018 to the ten-digit ones that stand for them now.
var newVietnamese = map[string]string{
	"162": "32", "163": "33", "164": "34", "165": "35", "166": "36", "167": "37", "168": "38", "169": "39", // Viettel
	"120": "70", "121": "79", "122": "77", "126": "76", "128": "78", // MobiFone
	"123": "83", "124": "84", "125": "85", "127": "81", "129": "82", // Vinaphone
	"186": "56", "188": "58", // Vietnamobile
	"199": "59", // Gmobile
}

func vietnamBefore2018(d, region string) (string, bool) {
	switch {
	case strings.HasPrefix(d, "84") && len(d) == 12:
		d = d[2:]
	case strings.HasPrefix(d, "0") && len(d) == 11 && region == "VN":
		d = d[1:]
	default:
		return "", false
	}
	prefix, ok := newVietnamese[d[:3]]
	if !ok {
		return "", false
	}
	return valid("+84"+prefix+d[3:], region)
}
