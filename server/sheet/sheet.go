// Package sheet writes and reads the cells of CSV files that people open in
// spreadsheets. A cell that a spreadsheet would take for a formula, such as a
// name that somebody gave themselves as =HYPERLINK(…), is written with a ' in
// front, as OWASP advises, and read without it: what is written comes back as
// it was. It knows nothing of what the cells say.
package sheet

import (
	"encoding/csv"
	"io"
	"strings"
	"unicode/utf8"
)

// mark stands before a cell that is none of a spreadsheet's business.
const mark = "'"

// begins are the letters with which a formula begins, the last of them in
// spreadsheets of countries that write in full width; and the white space that
// a spreadsheet looks past.
const begins = "=+-@\t\r\n＝＋－＠"

// Cell is a text as it is written into a cell.
func Cell(text string) string {
	if suspect(text) {
		return mark + text
	}
	return text
}

// Plain is what a cell says. Cells of other programs that mark formulas in the
// same way are read like ours.
func Plain(cell string) string {
	if text, marked := strings.CutPrefix(cell, mark); marked && begin(text) {
		return text
	}
	return cell
}

// suspect reports whether a text must be marked: one that begins as a formula
// and is no plain number, which computes nothing, and one that Plain would take
// for marked.
func suspect(text string) bool {
	return begin(text) && (text[0] == mark[0] || !number(text))
}

// begin reports whether a text begins as a formula does, behind any marks.
func begin(text string) bool {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(text, mark))
	return strings.ContainsRune(begins, first)
}

// number reports whether a text is a sign with digits, as phone numbers and
// amounts are.
func number(text string) bool {
	digits := strings.TrimLeft(text, "+-")
	whole, part, fraction := strings.Cut(digits, ".")
	return len(text)-len(digits) == 1 && all(whole) && (!fraction || all(part))
}

// all reports whether a text is digits, and not empty.
func all(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// Writer writes rows of cells. Flush and Error are those of a csv.Writer.
type Writer struct{ *csv.Writer }

// NewWriter returns a Writer that parts cells by commas. Who uses it must flush.
func NewWriter(w io.Writer) *Writer { return &Writer{csv.NewWriter(w)} }

// Write writes a row of texts, each as a cell.
func (w *Writer) Write(texts []string) error {
	cells := make([]string, len(texts))
	for i, t := range texts {
		cells[i] = Cell(t)
	}
	return w.Writer.Write(cells)
}
