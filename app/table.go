package app

import (
	"io"
	"strings"
	"unicode"

	"github.com/mattn/go-runewidth"
)

// Limits of a table.
const (
	columnGap  = 2
	maxCell    = 60 // columns on the screen
	emptyTable = "(none)\n"
)

// table writes rows under a header, with columns as wide as a terminal shows
// them: a Chinese character takes two places, a combining accent none.
type table struct {
	width *runewidth.Condition
	rows  [][]string
}

func newTable(header ...string) *table {
	w := runewidth.NewCondition()
	w.EastAsianWidth = false // only what is wide everywhere: the environment must not change the output
	w.StrictEmojiNeutral = true
	return &table{width: w, rows: [][]string{header}}
}

// add adds a row. A long cell is cut unless it is the last, after which nothing
// has to line up.
func (t *table) add(cells ...string) {
	for i, c := range cells {
		cells[i] = oneLine(c)
		if i < len(cells)-1 {
			cells[i] = t.width.Truncate(cells[i], maxCell, "…")
		}
	}
	t.rows = append(t.rows, cells)
}

// write prints the table, or that it is empty.
func (t *table) write(w io.Writer) error {
	if len(t.rows) == 1 {
		_, err := io.WriteString(w, emptyTable)
		return err
	}
	widths := make([]int, len(t.rows[0]))
	for _, row := range t.rows {
		for i, c := range row {
			widths[i] = max(widths[i], t.width.StringWidth(c))
		}
	}
	var b strings.Builder
	for _, row := range t.rows {
		line := ""
		for i, c := range row {
			line += c + strings.Repeat(" ", widths[i]-t.width.StringWidth(c)+columnGap)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writeAny prints the table, or nothing when it is empty.
func (t *table) writeAny(w io.Writer) error {
	if len(t.rows) == 1 {
		return nil
	}
	return t.write(w)
}

// oneLine keeps a person's text from breaking the table or the terminal.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200d':
			return -1
		}
		return r
	}, s)
}
