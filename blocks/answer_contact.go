package blocks

import (
	"errors"
	"regexp"
	"strings"

	"github.com/blockcast/blockcast/phone"
	"golang.org/x/text/unicode/norm"
)

// emailPattern finds an address inside what a person wrote: enough of RFC 5322
// to tell one from other words.
var emailPattern = regexp.MustCompile(`[\p{L}\p{N}.!#$%&'*+/=?^_{|}~-]+@[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?(?:\.[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?)+`)

// maxEmail is the longest address mail can be sent to.
const maxEmail = 254

// hearEmail finds the one e-mail address of a text. Its domain is lower-cased.
func hearEmail(text string) (heard, error) {
	found := emailPattern.FindAllString(norm.NFKC.String(text), 2)
	if len(found) != 1 || len(found[0]) > maxEmail {
		return heard{}, errUnfit
	}
	name, domain, _ := strings.Cut(strings.TrimLeft(found[0], "."), "@")
	if name == "" || strings.Contains(name, "..") || strings.HasSuffix(name, ".") {
		return heard{}, errUnfit
	}
	return heard{value: name + "@" + strings.ToLower(domain), raw: text}, nil
}

// How many digits a phone number can have.
const (
	minPhoneDigits = 7
	maxPhoneDigits = 15
)

// hearPhone reads a phone number, also one among other words. National forms
// are those of the region; where no region is known a number that has no
// country code is kept as written.
func hearPhone(text, region string) (heard, error) {
	number := phoneLike(text)
	e164, err := phone.Parse(number, region)
	switch {
	case err == nil:
		return heard{value: e164, raw: text}, nil
	case region != "" || errors.Is(err, phone.ErrTwo):
		return heard{}, errUnfit
	}
	digits := 0
	for _, r := range number {
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	if digits < minPhoneDigits || digits > maxPhoneDigits {
		return heard{}, errUnfit
	}
	return heard{value: strings.TrimSpace(number), raw: text}, nil
}

// phoneLike drops the words around a number: "SĐT: 0912 345 678 nhé".
func phoneLike(text string) string {
	text = norm.NFKC.String(text)
	isNumber := func(r rune) bool { return r >= '0' && r <= '9' || r == '+' }
	first := strings.IndexFunc(text, isNumber)
	if first < 0 {
		return text
	}
	last := strings.LastIndexFunc(text, isNumber)
	if open := strings.LastIndexByte(text[:first], '('); open >= 0 && strings.TrimSpace(text[open+1:first]) == "" {
		first = open
	}
	return text[first : last+1]
}
