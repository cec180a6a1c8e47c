package store

import (
	"strconv"

	"github.com/blockcast/blockcast/engine"
)

// Rows of one page of a list.
const (
	pageDefault = 50
	pageMost    = 200
)

func pageLimit(p engine.Page) int {
	switch {
	case p.Limit <= 0:
		return pageDefault
	case p.Limit > pageMost:
		return pageMost
	}
	return p.Limit
}

// numbered reads a page whose cursor is the last row's id; 0 is the start.
func numbered(p engine.Page) (last int64, limit int, err error) {
	limit = pageLimit(p)
	if p.Cursor == "" {
		return 0, limit, nil
	}
	last, err = strconv.ParseInt(p.Cursor, 10, 64)
	if err != nil || last <= 0 {
		return 0, 0, badCursor()
	}
	return last, limit, nil
}

func badCursor() error {
	return invalid("cursor", "the cursor is not one that a list gave: leave it out to begin at the start")
}

// cut takes the row that was read beyond the page and says where the next one
// begins, "" when this is the last.
func cut[T any](rows []T, limit int, cursor func(T) string) ([]T, string) {
	if len(rows) <= limit {
		return rows, ""
	}
	return rows[:limit], cursor(rows[limit-1])
}
