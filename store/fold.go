package store

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/blockcast/blockcast/flows"
)

// searchKey is the form in which people's names are searched: folded, and
// without accents, so that "tran" finds Trần and "duc" Đức.
func searchKey(s string) string {
	var out strings.Builder
	for _, r := range norm.NFD.String(flows.Fold(s)) {
		switch {
		case r == 'đ':
			out.WriteByte('d')
		case !unicode.Is(unicode.Mn, r):
			out.WriteRune(r)
		}
	}
	return out.String()
}
