package store

import (
	"strings"
	"testing"
	"time"
)

// TestAlikeColumnsAreHandedOverAsValues holds in what form rows reach Postgres:
// as values when there is one, as arrays when there are few, and in a large
// batch what is the same all over as one value.
func TestAlikeColumnsAreHandedOverAsValues(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		rows    int
		odd     bool // the last row differs in all columns
		arrays  int
		singles string // the columns that are values
	}{
		"a single row":       {1, false, 0, "id name at flag body"},
		"a small batch":      {largeBatch - 1, false, 5, ""},
		"a large batch":      {largeBatch, false, 2, "name at flag"}, // JSON is never compared
		"one of many is odd": {largeBatch, true, 5, ""},
	} {
		in := newInput("id bigint", "name text", "at timestamptz", "flag boolean", "body jsonb")
		for i := range c.rows {
			row := []any{int64(i + 1), "Mai", noon, true, "{}"}
			if c.odd && i == c.rows-1 {
				row = []any{int64(i + 1), nil, noon.Add(time.Hour), false, "[]"}
			}
			in.add(row...)
		}
		sh := in.shape()
		sql, args := in.head(sh), in.args(sh)
		if arrays := strings.Count(sql, "[])"); arrays != c.arrays || len(args) != 5 {
			t.Errorf("%s: %d arrays and %d arguments, want %d and 5: %s", name, arrays, len(args), c.arrays, sql)
		}
		for _, column := range strings.Fields("id name at flag body") {
			alone := false
			for _, kind := range []string{"bigint", "text", "timestamptz", "boolean", "text::jsonb"} {
				alone = alone || strings.Contains(sql, "?::"+kind+" AS "+column)
			}
			if want := strings.Contains(c.singles, column); alone != want {
				t.Errorf("%s: %s is a value: %v, want %v: %s", name, column, alone, want, sql)
			}
		}
	}
}

// TestAStretchOfIdsIsOneRow holds when a batch is handed over as one row and a
// stretch of ids.
func TestAStretchOfIdsIsOneRow(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rows    int
		change  func(i int, row []any)
		stretch bool
	}{
		"all alike and none left out": {largeBatch, func(int, []any) {}, true},
		"a small batch":               {largeBatch - 1, func(int, []any) {}, false},
		"one is left out": {largeBatch, func(i int, row []any) {
			if i > 30 {
				row[0] = int64(i + 8)
			}
		}, false},
		"in another order": {largeBatch, func(i int, row []any) { row[0] = int64(1000 - i) }, false},
		"one comes twice": {largeBatch, func(i int, row []any) {
			if i == 9 {
				row[0] = int64(15)
			}
		}, false},
		"one is said something else of": {largeBatch, func(i int, row []any) {
			if i == largeBatch-1 {
				row[1] = "failed"
			}
		}, false},
	} {
		in := newInput("id bigint", "status text")
		for i := range c.rows {
			row := []any{int64(i + 7), "sent"}
			c.change(i, row)
			in.add(row...)
		}
		v, condition, args := in.meets("d.id")
		if !c.stretch {
			if v != in || condition != "d.id = v.id" || len(args) != 0 {
				t.Errorf("%s: %d rows, %s, %v", name, len(v.rows), condition, args)
			}
			continue
		}
		if len(v.rows) != 1 || len(args) != 2 || args[0] != int64(7) || args[1] != int64(largeBatch+6) {
			t.Errorf("%s: %d rows, %s, %v", name, len(v.rows), condition, args)
		}
	}
}
