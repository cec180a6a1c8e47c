package people_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/blockcast/blockcast/app/people"
)

// all reads a file to its end: each row as its line and JSON, or what is wrong
// with it.
func all(rows *people.Rows) (out []string, err error) {
	for {
		row, err := rows.Next()
		var wrong *people.RowError
		switch {
		case errors.Is(err, io.EOF):
			return out, nil
		case errors.As(err, &wrong):
			out = append(out, wrong.Error())
		case err != nil:
			return out, err
		default:
			out = append(out, fmt.Sprintf("line %d: %s", row.Line, row.JSON))
		}
	}
}

func TestRows(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, format, text string
		columns            map[string]string
		want               []string
		err                string
	}{
		{name: "fields, tags and attributes", text: "\ufeffPhone,E-mail,External ID,First name,Tags,Hạng thẻ\n 0912 ,a@b.c,7,Mai,\"vip, new;old\",Vàng\n,,8,,,\n",
			want: []string{`line 2: {"attributes":{"Hạng thẻ":"Vàng"},"email":"a@b.c","external_id":"7","first_name":"Mai","phone":"0912","tags":["vip","new","old"]}`, `line 3: {"external_id":"8"}`}},
		{name: "semicolons", text: "phone;name\n0912;Mai, Lan\n", want: []string{`line 2: {"name":"Mai, Lan","phone":"0912"}`}},
		{name: "tabs", text: "phone\tname\r\n0912\tMai\r\n", want: []string{`line 2: {"name":"Mai","phone":"0912"}`}},
		{name: "columns that are named", text: "SĐT,Tên,Mã\n0912,Mai,x\n", columns: map[string]string{"SĐT": "phone", "Tên": "name", "Mã": ""},
			want: []string{`line 2: {"name":"Mai","phone":"0912"}`}},
		{name: "several lines in a cell", text: "phone,note\n1,\"a\nb\"\n2,c\n", want: []string{`line 2: {"attributes":{"note":"a\nb"},"phone":"1"}`, `line 4: {"attributes":{"note":"c"},"phone":"2"}`}},
		{name: "a report again", text: "refused_line,refused_field,refused_because,phone\n7,phone,no number,0912\n", want: []string{`line 2: {"phone":"0912"}`}},
		{name: "broken rows", text: "phone,name\n1\n2,a,b\n3,Anh \"Tí\"\n4,\xff\n5,ok\n",
			want: []string{"line 2: the row has 1 columns, the header 2", "line 3: the row has 3 columns, the header 2", "line 4: a quote stands where none can: write it twice, and the whole cell in quotes",
				"line 5: a letter is not UTF-8: save the file as UTF-8, which spreadsheets call CSV UTF-8", `line 6: {"name":"ok","phone":"5"}`}},
		{name: "an open quote", text: "phone,name\n1,a\n2,\"b\n3,c\n4,d\n", want: []string{`line 2: {"name":"a","phone":"1"}`}, err: "after line 2 does not end"},
		{name: "an open quote before much", text: "phone,name\n1,\"b\n" + strings.Repeat("2,c\n", 1<<19), err: "after line 1 does not end"},
		{name: "no key", text: "name,city\nMai,Huế\n", err: "no column says who somebody is"},
		{name: "one field twice", text: "phone,Mobile\n1,2\n", err: `the columns "phone" and "Mobile" are both phone`},
		{name: "an unknown column", text: "phone\n1\n", columns: map[string]string{"Tel": "phone"}, err: `no column "Tel"; there are: phone`},
		{name: "UTF-16", text: "\xff\xfep\x00h\x00", err: "the file is UTF-16"},
		{name: "empty", text: "\n", err: "the file is empty"},
		{name: "NDJSON", format: people.NDJSON, text: "{\"phone\": \"1\"}\n\n{\"phone\"\n{\"phone\": \"2\"}", want: []string{`line 1: {"phone":"1"}`, "line 3: the line is not valid JSON", `line 4: {"phone":"2"}`}},
		{name: "NDJSON without an end", format: people.NDJSON, text: "{\"phone\": \"" + strings.Repeat("1", 2<<20), err: "line 1 is longer than"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.format == "" {
				c.format = people.CSV
			}
			rows, err := people.Read(strings.NewReader(c.text), people.Config{Format: c.format, Columns: c.columns})
			var got []string
			if err == nil {
				got, err = all(rows)
			}
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Errorf("error %v, want %q", err, c.err)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestFormatOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"a.csv": people.CSV, "a.NDJSON": people.NDJSON, "a.jsonl": people.NDJSON, "export": people.CSV, "a.tsv": people.CSV} {
		if got := people.FormatOf(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

func TestAReportIsWrittenWithItsFirstRow(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "refused.csv")
	for n, again := range []bool{false, false, true} {
		r, err := people.OpenReport(path, []string{"phone", "name"}, again)
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			err = r.Add(people.Row{Line: n, Cells: []string{"12", "Mai, Lan"}}, "phone", "no number")
		}
		if err := errors.Join(err, r.Close()); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(path); n == 0 && !errors.Is(err, os.ErrNotExist) {
			t.Errorf("a report without rows: %v", err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff("refused_line,refused_field,refused_because,phone,name\n1,phone,no number,12,\"Mai, Lan\"\n2,phone,no number,12,\"Mai, Lan\"\n", string(got)); d != "" {
		t.Error(d)
	}
}

// Whatever a file holds, reading it ends, and every row is JSON or a mistake.
func FuzzRead(f *testing.F) {
	for _, text := range []string{"phone,name\n1,\"a\nb\"\n", "phone;tags\n1;a|b\n\"", "{\"phone\":1}\n[", "\ufeffphone\n\xff"} {
		f.Add(text, false)
		f.Add(text, true)
	}
	f.Fuzz(func(t *testing.T, text string, lines bool) {
		format := people.CSV
		if lines {
			format = people.NDJSON
		}
		rows, err := people.Read(strings.NewReader(text), people.Config{Format: format})
		if err != nil {
			return
		}
		got, _ := all(rows)
		if most := strings.Count(text, "\n") + strings.Count(text, "\r") + 1; len(got) > most {
			t.Errorf("%d rows of %d lines", len(got), most)
		}
	})
}
