package media

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// cleanName makes the last part of an address of what a file is called: its
// letters and digits of any script, with an ending that says its type. What
// leads out of a folder, hides an ending or ends a line is gone.
func cleanName(given string, f format) string {
	if i := strings.LastIndexAny(given, `/\`); i >= 0 {
		given = given[i+1:]
	}
	var b strings.Builder
	for _, r := range norm.NFC.String(strings.ToValidUTF8(given, "")) {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r), strings.ContainsRune("-_.", r):
			b.WriteRune(r)
		case unicode.IsSpace(r), unicode.IsPunct(r), unicode.IsSymbol(r):
			b.WriteByte('-')
		}
	}
	stem, ending := b.String(), ""
	if named, ok := formatNamed(stem); ok && agree(named.mime, f.mime) {
		at := strings.LastIndexByte(stem, '.')
		stem, ending = stem[:at], strings.ToLower(stem[at:])
	} else if len(f.ext) > 0 {
		ending = f.ext[0]
	}
	stem = strings.Trim(squeeze(stem), "-.")
	stem = strings.Trim(firstRunes(stem, MaxName-len(ending)), "-.")
	if stem == "" || stem+ending == PreviewName {
		stem = "file"
	}
	return stem + ending
}

// squeeze makes one dash of several, and leaves no two dots together.
func squeeze(s string) string {
	for _, twice := range []string{"--", "..", "-.", ".-"} {
		for strings.Contains(s, twice) {
			s = strings.ReplaceAll(s, twice, "-")
		}
	}
	return s
}

func firstRunes(s string, most int) string {
	for i := range s {
		if most--; most < 0 {
			return s[:i]
		}
	}
	return s
}
