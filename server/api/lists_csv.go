package api

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/blockcast/blockcast/server/problem"
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
	"điện_thoại": byPhone, "số_điện_thoại": byPhone, "sđt": byPhone, "di_động": byPhone,
	"電話": byPhone, "電話號碼": byPhone, "手機": byPhone, "手機號碼": byPhone, "行動電話": byPhone,
	"电话": byPhone, "电话号码": byPhone, "手机": byPhone, "手机号": byPhone, "手机号码": byPhone,
}

// listFile is a file of people. Its rows are read as it comes, one line at a
// time, so that its size does not matter and a quote that nobody closes breaks
// that row and no other.
type listFile struct {
	in      *bufio.Reader
	comma   rune
	columns map[string]int // by what they say who is meant
	width   int
	line    int64  // of the last line read
	again   []byte // a first line that is a row already
	err     error  // why the file ended before its end
}

type listFileRow struct{ by, text, refused string }

// errLongLine says that a line is longer than maxListLine.
var errLongLine = errors.New("long line")

// readListFile reads the header. named are headings that the caller explains.
func readListFile(in io.Reader, named map[string]string) (*listFile, error) {
	delete(named, "")
	f := &listFile{in: bufio.NewReaderSize(in, maxListLine), comma: ',', columns: map[string]int{}}
	head, err := f.header()
	if err != nil {
		return nil, err
	}
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
			by = headings[strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(norm.NFC.String(cell)))]
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
		f.again, f.columns = head, map[string]int{byPhone: 0}
		return f, nil
	}
	return nil, invalid("body", "no column says who is meant: one must be contact_id, external_id or phone; say which, in the address as in ?phone=HEADING, on the command line as in --phone HEADING. There are: "+strings.Join(cells, ", "))
}

// header is the first line, without the mark that some programs put before
// UTF-8.
func (f *listFile) header() ([]byte, error) {
	mark, _ := f.in.Peek(3)
	switch {
	case bytes.HasPrefix(mark, []byte{0xff, 0xfe}), bytes.HasPrefix(mark, []byte{0xfe, 0xff}):
		return nil, invalid("body", "the file is UTF-16: save it as UTF-8, which spreadsheets call CSV UTF-8")
	case bytes.Equal(mark, []byte("\xef\xbb\xbf")):
		_, _ = f.in.Discard(len(mark)) // they are there
	}
	line, err := f.next()
	for err == nil && len(bytes.TrimSpace(line)) == 0 {
		line, err = f.next()
	}
	switch {
	case errors.Is(err, errLongLine):
		return nil, invalid("body", fmt.Sprintf("the header is longer than %d KB", maxListLine>>10))
	case errors.Is(err, io.EOF):
		return nil, invalid("body", "the file is empty")
	case err != nil:
		return nil, brokenOff(err)
	}
	return bytes.Clone(line), nil
}

// brokenOff tells a body that has no end from one that is too large.
func brokenOff(err error) *problem.Problem {
	var told *problem.Problem
	if errors.As(err, &told) {
		return told
	}
	return problem.New(http.StatusBadRequest, "the file broke off before its end")
}

// next is the next line without its end, which is good until the one after it.
// Of one that is too long it is the beginning, with errLongLine.
func (f *listFile) next() ([]byte, error) {
	line, err := f.in.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		line = bytes.Clone(line[:shownOfRow])
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = f.in.ReadSlice('\n')
		}
		if err == nil || errors.Is(err, io.EOF) {
			err = errLongLine
		}
	case errors.Is(err, io.EOF) && len(line) > 0:
		err = nil
	}
	f.line++
	return bytes.TrimRight(line, "\r\n"), err
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

// shownOfRow is how many bytes of a refused row are shown.
const shownOfRow = 200

// rows are the rows with their lines; empty ones are left out. They end early
// with f.err.
func (f *listFile) rows(yield func(int64, listFileRow) bool) {
	if f.again != nil && !yield(f.line, f.row(f.again)) {
		return
	}
	for {
		text, err := f.next()
		row := listFileRow{refused: fmt.Sprintf("the line is longer than %d KB", maxListLine>>10)}
		switch {
		case errors.Is(err, errLongLine):
			row.text = shown(text)
		case err != nil:
			if !errors.Is(err, io.EOF) {
				f.err = brokenOff(err)
			}
			return
		case len(bytes.TrimSpace(text)) == 0:
			continue
		default:
			row = f.row(text)
		}
		if !yield(f.line, row) {
			return
		}
	}
}

var _ iter.Seq2[int64, listFileRow] = (*listFile)(nil).rows

// shown is the beginning of a row that is refused.
func shown(text []byte) string {
	return strings.ToValidUTF8(string(text[:min(len(text), shownOfRow)]), "\ufffd")
}

func (f *listFile) row(text []byte) listFileRow {
	shown := shown(text)
	if !utf8.Valid(text) {
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
