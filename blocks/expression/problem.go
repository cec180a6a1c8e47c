package expression

import (
	"fmt"
	"slices"
	"strings"
)

// Codes of problems.
const (
	CodeSyntax          = "expression:syntax"           // it cannot be read
	CodeUnknownName     = "expression:unknown_name"     // nothing of that name is declared
	CodeUnknownFunction = "expression:unknown_function" // no such function, or not one of ours
	CodeType            = "expression:type"             // a value of the wrong type
	CodeArgument        = "expression:argument"         // a constant no function can work with
	CodeLimit           = "expression:limit"            // too long, or work without bounds
	CodeUnknownPath     = "expression:unknown_path"     // warning: the sample has no such member
	CodeAmbiguous       = "expression:ambiguous"        // warning: a name that several things have
	CodeReserved        = "expression:reserved"         // a declared name that means something else
	CodeAudience        = "expression:audience"         // no database can be asked it of many people
	CodeDeclaration     = "expression:declaration"      // a type, default or sample that does not fit
)

// Problem is a mistake in a text, at a byte offset within it.
type Problem struct {
	Code    string
	Message string
	Hint    string // such as the nearest names
	Offset  int    // in a text: its bytes; of a declaration: always 0
	Name    string // the declared attribute it is about, when it is about one
	Warning bool
}

// Error makes a Problem an error for callers that want only one.
func (p *Problem) Error() string {
	if p.Hint == "" {
		return p.Message
	}
	return p.Message + " (" + p.Hint + ")"
}

// failed reports whether any of the problems is more than a warning.
func failed(problems []*Problem) bool {
	return slices.ContainsFunc(problems, func(p *Problem) bool { return !p.Warning })
}

// maxNearest is how many names a hint offers.
const maxNearest = 3

// didYouMean hints at the names nearest to a misspelt one.
func didYouMean(name string, names []string) string {
	near := nearest(name, names)
	if len(near) == 0 {
		return ""
	}
	return "did you mean " + strings.Join(near, " or ") + "?"
}

// nearest returns up to maxNearest of the names that differ least from name, and
// in at most a third of its letters.
func nearest(name string, names []string) []string {
	type candidate struct {
		name string
		far  int
	}
	folded := []rune(strings.ToLower(name))
	limit := max(1, len(folded)/3)
	var found []candidate
	for _, n := range names {
		other := []rune(strings.ToLower(n))
		if len(other)-len(folded) > limit || len(folded)-len(other) > limit {
			continue
		}
		if far := distance(folded, other); far <= limit && !slices.ContainsFunc(found, func(c candidate) bool { return c.name == n }) {
			found = append(found, candidate{n, far})
		}
	}
	slices.SortFunc(found, func(a, b candidate) int {
		if a.far != b.far {
			return a.far - b.far
		}
		return strings.Compare(a.name, b.name)
	})
	near := make([]string, 0, maxNearest)
	for _, c := range found[:min(len(found), maxNearest)] {
		if c.far == found[0].far {
			near = append(near, c.name)
		}
	}
	return near
}

// distance counts the letters to insert, remove, replace or swap with their
// neighbour to get from a to b.
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// quote shows a value in a message, cut to a readable length.
func quote(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
