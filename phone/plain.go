package phone

import (
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// country is one whose numbers are read without taking them apart: nobody
// shares its calling code, and a 0 before a number is all that is said within
// it. Its international prefixes begin with 00 or 01.
type country struct {
	region string
	code   int32
}

// countries of which systems send us plain numbers, many a second.
func countries() []country {
	return []country{{"ID", 62}, {"MY", 60}, {"TH", 66}, {"TW", 886}, {"VN", 84}}
}

// maxPlain is how many digits follow a calling code at most.
const maxPlain = 13

// plain reads a number as systems write it: "0912345678" in its country and
// "+886912345678" anywhere. Whether it exists the library says; of anything
// else ok is false, and nothing is said.
func plain(s, region string) (e164 string, ok bool) {
	for _, c := range countries() {
		rest := ""
		switch code := "+" + strconv.Itoa(int(c.code)); {
		case strings.HasPrefix(s, code):
			rest = s[len(code):]
		case region == c.region && len(s) > 1 && s[0] == '0' && s[1] >= '2':
			rest = s[1:]
		default:
			continue
		}
		if rest == "" || len(rest) > maxPlain || rest[0] == '0' || strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' }) >= 0 {
			return "", false
		}
		n, err := strconv.ParseUint(rest, 10, 64)
		if err != nil || !phonenumbers.IsValidNumberForRegion(&phonenumbers.PhoneNumber{CountryCode: &c.code, NationalNumber: &n}, c.region) {
			return "", false
		}
		return "+" + strconv.Itoa(int(c.code)) + rest, true
	}
	return "", false
}
