package blocks

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Fold is the form in which names, keywords and choices are compared: NFKC,
// without case, inner spaces as one and none around.
func Fold(s string) string {
	if plainFolded(s) {
		return s
	}
	s = cases.Fold().String(norm.NFKC.String(s))
	return strings.Join(strings.Fields(norm.NFKC.String(s)), " ")
}

// FoldLoose is Fold without accents and with đ as d, for people who leave them
// out as they type.
func FoldLoose(s string) string {
	s = Fold(s)
	if isASCII(s) {
		return s
	}
	loose := strings.Map(func(r rune) rune {
		switch {
		case r == 'đ':
			return 'd'
		case unicode.Is(unicode.Mn, r) && r < 0x0370: // accents of Latin letters; those of other scripts are letters
			return -1
		}
		return r
	}, norm.NFD.String(s))
	return norm.NFC.String(loose)
}

// plainFolded reports whether folding would change nothing: the common case of
// lower-case ASCII words.
func plainFolded(s string) bool {
	space := true // at the beginning and after a space
	for i := range len(s) {
		c := s[i]
		switch {
		case c == ' ':
			if space {
				return false
			}
			space = true
			continue
		case c < ' ' || c >= 0x7f || 'A' <= c && c <= 'Z':
			return false
		}
		space = false
	}
	return !space || s == ""
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// maxNearest is how many names a hint offers.
const maxNearest = 3

// Nearest returns up to three of the names that differ from name in at most a
// third of its letters, the closest first. Case, accents and spaces count
// little.
func Nearest(name string, names []string) []string {
	type candidate struct {
		name string
		far  int
	}
	folded := []rune(FoldLoose(name))
	limit := max(1, len(folded)/3)
	if len(folded) < 3 { // every other short name would be like it
		limit = 0
	}
	var found []candidate
	for _, n := range names {
		other := []rune(FoldLoose(n))
		if len(other)-len(folded) > limit || len(folded)-len(other) > limit {
			continue
		}
		if far := distance(folded, other); far <= limit && !slices.ContainsFunc(found, func(c candidate) bool { return c.name == n }) {
			found = append(found, candidate{n, far})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int {
		if a.far != b.far {
			return a.far - b.far
		}
		return strings.Compare(a.name, b.name)
	})
	near := make([]string, 0, maxNearest)
	for _, c := range found[:min(len(found), maxNearest)] {
		near = append(near, c.name)
	}
	return near
}

// DidYouMean hints at the names nearest to a misspelt one; "" when none is near.
func DidYouMean(name string, names []string) string {
	near := Nearest(name, names)
	if len(near) == 0 {
		return ""
	}
	for i := range near {
		near[i] = quoted(near[i])
	}
	return "did you mean " + strings.Join(near, " or ") + "?"
}

// distance counts the letters to insert, remove or replace, and the neighbours
// to swap, to get from a to b.
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// maxQuoted is how much of a text a message repeats.
const maxQuoted = 60

// quoted shows a text in a message, cut to a readable length.
func quoted(s string) string {
	if r := []rune(s); len(r) > maxQuoted {
		s = string(r[:maxQuoted]) + "…"
	}
	return `"` + strings.ReplaceAll(s, "\n", " ") + `"`
}
