package store

// meets hands a batch over to a statement about the rows that its first column
// names by their ids. Where a large batch says the same of all of them and no id
// is left out between, which most of a broadcast's do, it is one row and a
// stretch of ids: Postgres then walks along it, and looks none of them up.
//
// Input: the column that has the ids.
// Output: what the statement calls v, the condition under which a row is meant,
// and the condition's arguments.
func (in *input) meets(column string) (v *input, condition string, args []any) {
	first, last, ok := in.stretch()
	if !ok {
		return in, column + ` = v.id`, nil
	}
	// Each bound stands in a SELECT of its own for the reason the arrays do.
	return &input{columns: in.columns, rows: in.rows[:1]}, column + ` BETWEEN (SELECT CAST(? AS bigint)) AND (SELECT CAST(? AS bigint))`, []any{first, last}
}

func (in *input) stretch() (first, last int64, ok bool) {
	if len(in.rows) < largeBatch {
		return 0, 0, false
	}
	for i := range in.columns[1:] {
		if !in.same(i + 1) {
			return 0, 0, false
		}
	}
	first = whole(in.rows[0][0])
	for i, r := range in.rows {
		if whole(r[0]) != first+int64(i) {
			return 0, 0, false
		}
	}
	return first, first + int64(len(in.rows)) - 1, true
}
