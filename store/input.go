package store

import (
	"encoding/json"
	"fmt"
	"hash/maphash"
	"strings"
	"time"

	"github.com/blockcast/blockcast/channels"
)

// input is a batch of rows handed to one statement, which finds them as the
// table v:
//
//	in := newInput("id bigint", "name text")
//	in.add(7, "Mai")
//	s.with(in, "UPDATE contacts SET name = v.name FROM v WHERE contacts.id = v.id")
//
// Postgres gets one array a column (unnest), SQLite one JSON text (json_each),
// so a statement has one text whatever the number of rows. The arrays stand in
// a SELECT of their own: Postgres counts the elements of a plain parameter and
// would, because the plan for the few it sees looks cheaper than the one it
// could keep, plan the statement anew each time. In a large batch, a column that
// holds the same all over is one value instead: neither side has to take
// hundreds of them apart. A small batch is not looked at, so that a statement
// has few texts; a single row, which most are where little is going on, is
// handed over as values, for each array costs the start of a plan of its own.
type input struct {
	columns []column
	rows    [][]any
}

// column types: bigint, text, timestamptz, boolean, and jsonb, which SQLite
// keeps as text.
type column struct{ name, kind string }

func newInput(columns ...string) *input {
	if len(columns) > 64 {
		panic("store: more columns than a shape has bits")
	}
	in := &input{columns: make([]column, len(columns))}
	for i, c := range columns {
		name, kind, ok := strings.Cut(c, " ")
		if !ok {
			panic("store: column without type: " + c)
		}
		in.columns[i] = column{name, kind}
	}
	return in
}

// add adds a row. Only text may be nil; a zero time is NULL.
func (in *input) add(values ...any) {
	if len(values) != len(in.columns) {
		panic(fmt.Sprintf("store: %d values for %d columns", len(values), len(in.columns)))
	}
	in.rows = append(in.rows, values)
}

func (in *input) empty() bool { return len(in.rows) == 0 }

// largeBatch is how many rows are looked at for columns that are all the same.
const largeBatch = 64

// shape says how an input is handed over on Postgres: a statement has one text
// for each.
type shape struct {
	fields uint64 // a hash of the columns
	single uint64 // the columns that are one value, by their bits
}

// seed is of the process: shapes are compared in it alone.
var seed = maphash.MakeSeed()

func (in *input) shape() shape {
	var out shape
	var h maphash.Hash
	h.SetSeed(seed)
	for i, c := range in.columns {
		_, _ = h.WriteString(c.name)
		_, _ = h.WriteString(" " + c.kind + ",")
		if len(in.rows) == 1 || in.same(i) {
			out.single |= 1 << i
		}
	}
	out.fields = h.Sum64()
	return out
}

// head is how a statement for a shape begins.
func (in *input) head(sh shape) string {
	var out, types, names strings.Builder
	for i, c := range in.columns {
		if i > 0 {
			out.WriteString(", ")
		}
		if sh.single&(1<<i) != 0 {
			kind := c.kind
			if kind == "jsonb" {
				kind = "text::jsonb"
			}
			fmt.Fprintf(&out, "?::%s AS %s", kind, c.name)
			continue
		}
		if types.Len() > 0 {
			types.WriteString(", ")
			names.WriteString(", ")
		}
		names.WriteString(c.name)
		out.WriteString(c.name)
		if c.kind == "jsonb" { // arrays of text travel without being marshalled again
			out.WriteString("::jsonb AS " + c.name)
			types.WriteString("(SELECT ?::text[])")
		} else {
			types.WriteString("(SELECT ?::" + c.kind + "[])")
		}
	}
	if types.Len() == 0 {
		return "WITH v AS (SELECT " + out.String() + ") "
	}
	return fmt.Sprintf("WITH v AS (SELECT %s FROM unnest(%s) AS u(%s)) ", out.String(), types.String(), names.String())
}

// args are the arguments of a statement's head: single values, then arrays.
func (in *input) args(sh shape) []any {
	args := make([]any, 0, len(in.columns))
	for i := range in.columns {
		if sh.single&(1<<i) != 0 {
			args = append(args, in.value(i))
		}
	}
	for i := range in.columns {
		if sh.single&(1<<i) == 0 {
			args = append(args, in.array(i))
		}
	}
	return args
}

// same reports whether a column of a large batch holds the same in all rows.
// One column at least differs, or there would be nothing to take the rows from.
func (in *input) same(i int) bool {
	if len(in.rows) < largeBatch || i == 0 || in.columns[i].kind == "jsonb" {
		return false
	}
	first := in.rows[0][i]
	if _, ok := first.([]byte); ok {
		return false
	}
	for _, r := range in.rows[1:] {
		if _, ok := r[i].([]byte); ok || r[i] != first {
			return false
		}
	}
	return true
}

// value is what a column holds in all rows.
func (in *input) value(i int) any {
	v := in.rows[0][i]
	switch in.columns[i].kind {
	case "bigint":
		return whole(v)
	case "boolean":
		return v
	case "timestamptz":
		return stamp(v.(time.Time))
	}
	if v == nil {
		return nil
	}
	return text(v)
}

// array is one column of all rows.
func (in *input) array(i int) any {
	switch in.columns[i].kind {
	case "bigint":
		return list(in.rows, i, whole)
	case "boolean":
		return list(in.rows, i, func(v any) bool { return v.(bool) })
	case "timestamptz":
		return list(in.rows, i, func(v any) *time.Time {
			t, ok := stamp(v.(time.Time)).(time.Time)
			if !ok {
				return nil
			}
			return &t
		})
	}
	for _, r := range in.rows {
		if r[i] == nil {
			return list(in.rows, i, func(v any) *string {
				if v == nil {
					return nil
				}
				s := text(v)
				return &s
			})
		}
	}
	return list(in.rows, i, text)
}

func list[T any](rows [][]any, i int, of func(any) T) []T {
	out := make([]T, len(rows))
	for n, r := range rows {
		out[n] = of(r[i])
	}
	return out
}

// sqlite is the statement's head and its only argument. The rows are taken
// apart once: else SQLite, which takes a JSON text for few rows, may walk the
// table they are joined with and take them apart again for each row of it.
func (in *input) sqlite() (string, []any, error) {
	var out strings.Builder
	for i, c := range in.columns {
		if i > 0 {
			out.WriteString(", ")
		}
		fmt.Fprintf(&out, "value ->> %d AS %s", i, c.name)
	}
	rows := make([][]any, len(in.rows))
	for n, r := range in.rows {
		rows[n] = make([]any, len(r))
		for i, v := range r {
			switch t := v.(type) {
			case nil:
			case time.Time:
				rows[n][i] = sqliteTime(t)
			case bool:
				rows[n][i] = t
			default:
				if in.columns[i].kind == "bigint" {
					rows[n][i] = whole(v)
				} else {
					rows[n][i] = text(v)
				}
			}
		}
	}
	data, err := json.Marshal(rows)
	if err != nil {
		return "", nil, fmt.Errorf("hand over rows: %w", err)
	}
	return fmt.Sprintf("WITH v AS MATERIALIZED (SELECT %s FROM json_each(?)) ", out.String()), []any{string(data)}, nil
}

// sqliteTimes is how the driver writes times; only equal forms compare rightly.
const sqliteTimes = "2006-01-02 15:04:05.999999999-07:00"

func sqliteTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Truncate(time.Microsecond).Format(sqliteTimes)
}

func whole(v any) int64 {
	switch n := v.(type) {
	case int64:
		return n
	case int:
		return int64(n)
	}
	panic(fmt.Sprintf("store: %T is no bigint", v))
}

func text(v any) string {
	switch s := v.(type) {
	case string:
		return channels.CleanText(s)
	case []byte:
		return channels.CleanText(string(s))
	}
	return fmt.Sprint(v) // the named strings of engine
}
