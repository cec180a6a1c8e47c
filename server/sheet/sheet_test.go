package sheet_test

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/blockcast/blockcast/server/sheet"
)

func TestCells(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                              "",
		"Mai":                           "Mai",
		"it's":                          "it's",
		"'tis":                          "'tis",
		"1+1":                           "1+1",
		"+84912345678":                  "+84912345678",
		"-12.5":                         "-12.5",
		"-":                             "'-",
		"+84 912":                       "'+84 912",
		"-1-1":                          "'-1-1",
		"--1":                           "'--1",
		"-1.":                           "'-1.",
		"=1":                            "'=1",
		`=HYPERLINK("http://x","gift")`: `'=HYPERLINK("http://x","gift")`,
		"@SUM(A1)":                      "'@SUM(A1)",
		"\tx":                           "'\tx",
		"\r=x":                          "'\r=x",
		"\n=x":                          "'\n=x",
		"＝1":                            "'＝1",
		"'=1":                           "''=1",
		"'+84912345678":                 "''+84912345678",
	} {
		if got := sheet.Cell(text); got != want {
			t.Errorf("%q is written as %q, want %q", text, got, want)
		}
		if got := sheet.Plain(want); got != text {
			t.Errorf("%q is read as %q, want %q", want, got, text)
		}
	}
	if got := sheet.Plain("'+84912345678"); got != "+84912345678" {
		t.Errorf("a number that another program has marked is read as %q", got)
	}
}

// FuzzCell: what is written is read as it was, and no cell computes.
func FuzzCell(f *testing.F) {
	for _, seed := range []string{"", "Mai", "=1+1", "'=1", "+84912345678", "-1.5", "''-x", "\t=x", "＝x", "'", "\xff="} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		cell := sheet.Cell(text)
		if got := sheet.Plain(cell); got != text {
			t.Errorf("%q is written as %q and read as %q", text, cell, got)
		}
		if strings.HasPrefix(cell, "=") || strings.HasPrefix(cell, "@") {
			t.Errorf("%q is written as %q", text, cell)
		}
	})
}

func TestWriter(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	w := sheet.NewWriter(&b)
	rows := [][]string{{"name", "note"}, {"=1", "two\nlines"}}
	for _, r := range rows {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	got, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if d := cmp.Diff([][]string{{"name", "note"}, {"'=1", "two\nlines"}}, got); err != nil || d != "" {
		t.Errorf("%v\n%s", err, d)
	}
	if rows[1][0] != "=1" {
		t.Error("the caller's row is changed")
	}
}
