package api

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/blockcast/blockcast/server/sheet"
)

// By what a row of a list says who is meant, the surest first.
const (
	byContact  = "contact_id"
	byExternal = "external_id"
	byPhone    = "phone"
)

// surest has what is looked at first.
var surest = [...]string{byContact, byExternal, byPhone}

// maxListLine is how many bytes a line of a file may have.
const maxListLine = 64 << 10

// headings are what columns are called elsewhere, folded.
var headings = map[string]string{
	"contact_id": byContact, "contact": byContact, "id": byContact,
	"external_id": byExternal, "externalid": byExternal, "customer_id": byExternal,
	"phone": byPhone, "phone_number": byPhone, "mobile": byPhone, "tel": byPhone,
}

// listFile is a file of people. Its rows are read one line at a time, so that a
// quote that nobody closes breaks that row and no other.
type listFile struct {
	text    []byte
	comma   rune
	columns map[string]int // by what they say who is meant
	width   int
	first   int64 // line of the first row
}

type listFileRow struct{ by, text, refused string }

// readListFile reads the header. named are headings that the caller explains.
func readListFile(text []byte, named map[string]string) (*listFile, error) {
	delete(named, "")
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		return nil, invalid("body", "the file is empty")
	case bytes.HasPrefix(text, []byte{0xff, 0xfe}), bytes.HasPrefix(text, []byte{0xfe, 0xff}):
		return nil, invalid("body", "the file is UTF-16: save it as UTF-8, which spreadsheets call CSV UTF-8")
	}
	head, rest, _ := bytes.Cut(text, []byte("\n"))
	f := &listFile{text: rest, comma: ',', columns: map[string]int{}, first: 2}
	for _, c := range ";\t" {
		if bytes.Count(head, []byte(string(c))) > bytes.Count(head, []byte(string(f.comma))) {
			f.comma = c
		}
	}
	cells, err := f.cells(head)
	if err != nil {
		return nil, invalid("body", "the header cannot be read: "+err.Error())
	}
	f.width = len(cells)
	found := map[string]bool{}
	for i, cell := range cells {
		cell = strings.TrimSpace(cell)
		by, told := named[cell]
		if !told {
			by = headings[strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(cell))]
		}
		found[cell] = true
		if _, twice := f.columns[by]; by != "" && !twice || told {
			f.columns[by] = i
		}
	}
	for _, heading := range slices.Sorted(maps.Keys(named)) {
		if !found[heading] {
			return nil, invalid("query."+named[heading], fmt.Sprintf("there is no column %q; there are: %s", heading, strings.Join(cells, ", ")))
		}
	}
	if len(f.columns) > 0 {
		return f, nil
	}
	if len(cells) == 1 && strings.ContainsAny(cells[0], "0123456789") && !strings.ContainsFunc(cells[0], letter) {
		f.text, f.first, f.columns = text, 1, map[string]int{byPhone: 0}
		return f, nil
	}
	return nil, invalid("body", "no column says who is meant: one must be contact_id, external_id or phone; name it in the address, as in ?phone=HEADING. There are: "+strings.Join(cells, ", "))
}

func letter(r rune) bool { return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' }

// cells parts a line.
func (f *listFile) cells(line []byte) ([]string, error) {
	line = bytes.TrimSuffix(line, []byte("\r"))
	if bytes.IndexByte(line, '"') < 0 {
		return strings.Split(string(line), string(f.comma)), nil
	}
	r := csv.NewReader(bytes.NewReader(line))
	r.Comma, r.FieldsPerRecord = f.comma, -1
	return r.Read()
}

// rows are the rows with their lines; empty ones are left out.
func (f *listFile) rows(yield func(int64, listFileRow) bool) {
	line := f.first - 1
	for text := range bytes.Lines(f.text) {
		line++
		if text = bytes.TrimRight(text, "\r\n"); len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		if !yield(line, f.row(text)) {
			return
		}
	}
}

var _ iter.Seq2[int64, listFileRow] = (*listFile)(nil).rows

func (f *listFile) row(text []byte) listFileRow {
	shown := strings.ToValidUTF8(string(text[:min(len(text), 200)]), "�")
	switch {
	case len(text) > maxListLine:
		return listFileRow{text: shown, refused: fmt.Sprintf("the line is longer than %d KB", maxListLine>>10)}
	case !utf8.Valid(text):
		return listFileRow{text: shown, refused: "a letter is not UTF-8: save the file as UTF-8, which spreadsheets call CSV UTF-8"}
	}
	cells, err := f.cells(text)
	switch {
	case err != nil:
		return listFileRow{text: shown, refused: "a quote stands where none can, or is not closed on its line"}
	case len(cells) != f.width:
		return listFileRow{text: shown, refused: fmt.Sprintf("the row has %d columns, the header %d", len(cells), f.width)}
	}
	for _, by := range surest {
		i, ok := f.columns[by]
		if !ok {
			continue
		}
		if cell := strings.TrimSpace(sheet.Plain(cells[i])); cell != "" {
			return listFileRow{by: by, text: cell}
		}
	}
	return listFileRow{text: shown, refused: "the row names nobody"}
}
