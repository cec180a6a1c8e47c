package api

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// endless is a file that has another row for whoever reads on, and counts what
// was taken of it.
type endless struct {
	rows, taken int
	left        []byte
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.left) == 0 {
		e.rows++
		e.left = fmt.Appendf(nil, "name %d,09%08d\n", e.rows, e.rows)
	}
	n := copy(p, e.left)
	e.left = e.left[n:]
	e.taken += n
	return n, nil
}

// A file is read as it comes: never further ahead than its longest line.
func TestAFileIsReadAsItComes(t *testing.T) {
	t.Parallel()
	in := &endless{left: []byte("name,phone\n")}
	f, err := readListFile(in, map[string]string{})
	if err != nil {
		t.Fatal(err)
	}
	given := 0
	for line, row := range f.rows {
		if given += len(row.text); row.refused != "" || line < 2 {
			t.Fatalf("line %d: %+v", line, row)
		}
		if line == 10_000 {
			break
		}
	}
	const perRow = 20 // and more is in a line than who is meant
	if most := 10_000*perRow + maxListLine; in.taken > most {
		t.Errorf("%d bytes were taken for 10000 rows, want at most %d", in.taken, most)
	}
}

// Spreadsheets of shops in Vietnam, Taiwan and China say it in their own words,
// whose marks some programs write as letters of their own.
func TestHeadingsOfOtherLanguages(t *testing.T) {
	t.Parallel()
	for _, heading := range []string{"Phone Number", "Số điện thoại", norm.NFD.String("Số điện thoại"), "SĐT", "Điện thoại", "手機", "手機號碼", "電話", "手机号", "电话号码"} {
		f, err := readListFile(strings.NewReader("name,"+heading+"\nMai,0912345678\n"), map[string]string{})
		if err != nil {
			t.Errorf("%s: %v", heading, err)
			continue
		}
		for _, row := range f.rows {
			if row.by != byPhone || row.text != "0912345678" {
				t.Errorf("%s: %+v", heading, row)
			}
		}
	}
}

// What breaks off is told, and no list is made of its beginning.
func TestAFileThatBreaksOff(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in   io.Reader
		want string
	}{
		"in a row":    {io.MultiReader(strings.NewReader("phone\n0912345678\n0912"), broken{}), "the file broke off before its end"},
		"too large":   {limited(strings.NewReader("phone\n0912345678\n0912345679\n"), 20), "the body is larger than the 0 MB this address takes"},
		"to the byte": {limited(strings.NewReader("phone\n0912345678\n"), 17), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := readListFile(c.in, map[string]string{})
			if err != nil {
				t.Fatal(err)
			}
			for range f.rows { // to its end
			}
			if got := fmt.Sprint(f.err); c.want == "" && f.err != nil || c.want != "" && got != c.want {
				t.Errorf("it ends with %v, want %q", f.err, c.want)
			}
		})
	}
}

// broken is a reader whose caller has gone.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("gone") }

func FuzzListFile(f *testing.F) {
	for _, s := range []string{"phone\n0912345678\n", "\xef\xbb\xbfTên;SĐT\nMai;\"0912\"\n\n;;;\n", "'+84912345678\r\n", "id\tphone\n1\t\"x\n", "phone", "\n\nphone\n\xff\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := readListFile(strings.NewReader(string(text)), map[string]string{})
		if err != nil {
			return
		}
		last, lines := int64(0), int64(strings.Count(string(text), "\n")+1)
		for line, row := range file.rows {
			if line <= last || line > lines {
				t.Fatalf("line %d after %d, of %d", line, last, lines)
			}
			last = line
			if (row.by == "") != (row.refused != "") {
				t.Fatalf("line %d: %+v", line, row)
			}
		}
	})
}
