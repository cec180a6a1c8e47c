package app

import (
	"strings"
	"unicode"

	"github.com/mattn/go-runewidth"
)

// screenWidth is how many columns a line of a message may take.
const screenWidth = 96

// wrapped writes a text, its lines broken so that none is wider than the
// screen; first stands before the first line and rest before the others.
func (s *chatScreen) wrapped(first, rest, text string) {
	before := first
	for _, paragraph := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		for _, line := range s.broken(oneLine(paragraph), screenWidth-s.width.StringWidth(rest)) {
			s.write(strings.TrimRight(before+line, " ") + "\n")
			before = rest
		}
	}
}

// broken breaks a line at spaces, and between wide letters, where no spaces
// are written.
func (s *chatScreen) broken(line string, most int) []string {
	var lines []string
	for s.width.StringWidth(line) > most {
		at := s.breakAt(line, most)
		lines = append(lines, strings.TrimRight(line[:at], " "))
		line = strings.TrimLeft(line[at:], " ")
	}
	return append(lines, line)
}

// breakAt is the byte before which a line is broken.
func (s *chatScreen) breakAt(line string, most int) int {
	used, best := 0, 0
	previous := rune(0)
	for i, r := range line {
		w := s.width.RuneWidth(r)
		if i > 0 && (r == ' ' || breaksBefore(previous, r, s.width)) {
			best = i
		}
		if used+w > most && i > 0 {
			if best == 0 {
				return i // one long word, such as an address
			}
			return best
		}
		used += w
		previous = r
	}
	return len(line)
}

// breaksBefore reports whether a line may be broken between two letters: beside
// a wide one, but not before a mark that ends something.
func breaksBefore(previous, r rune, w *runewidth.Condition) bool {
	if w.RuneWidth(r) == 0 || unicode.In(r, unicode.Pe, unicode.Pf, unicode.Po) || unicode.In(previous, unicode.Ps, unicode.Pi) {
		return false
	}
	return previous == ' ' || w.RuneWidth(previous) == 2 || w.RuneWidth(r) == 2
}
