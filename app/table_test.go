package app

import (
	"strings"
	"testing"
)

func TestTablesLineUpInEveryScript(t *testing.T) {
	t.Parallel()
	table := newTable("NAME", "PHONE", "TAGS")
	table.add("Nguyễn Thị Ánh", "+84912345678", "khách quen")
	table.add("陳怡君", "+886912345678", "")
	table.add("Cafe\u0301 \u202e123", "", "two\nlines")
	var b strings.Builder
	if err := table.write(&b); err != nil {
		t.Fatal(err)
	}
	want := `NAME            PHONE          TAGS
Nguyễn Thị Ánh  +84912345678   khách quen
陳怡君          +886912345678
Cafe` + "\u0301" + ` 123                       two lines
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestALongCellIsCut(t *testing.T) {
	t.Parallel()
	table := newTable("TEXT", "URL")
	table.add(strings.Repeat("優惠", 40), "https://"+strings.Repeat("x", 200))
	if got := table.rows[1][0]; table.width.StringWidth(got) > maxCell || !strings.HasSuffix(got, "…") {
		t.Errorf("%q is %d wide", got, table.width.StringWidth(got))
	}
	if len(table.rows[1][1]) != 208 {
		t.Errorf("the last cell is cut: %q", table.rows[1][1])
	}
}

func TestAnEmptyTableSaysSo(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := newTable("NAME").write(&b); err != nil || b.String() != emptyTable {
		t.Errorf("%q, %v", b.String(), err)
	}
}
