package store

import (
	"strconv"
	"strings"
	"time"

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

// madeCursor is the place of a row in a list that goes by when its rows were
// made, and by their ids where that is the same.
func madeCursor(at time.Time, id string) string {
	return at.UTC().Format(time.RFC3339Nano) + "_" + id
}

// readMade reads a madeCursor.
func readMade(cursor string) (at time.Time, id string, err error) {
	when, id, ok := strings.Cut(cursor, "_")
	at, err = time.Parse(time.RFC3339Nano, when)
	if !ok || err != nil {
		return time.Time{}, "", badCursor()
	}
	return at.UTC(), id, nil
}

// madeBefore narrows a query to what a list shows that begins with the newest.
func madeBefore(where string, args []any, p engine.Page) (string, []any, error) {
	if p.Cursor == "" {
		return where, args, nil
	}
	at, id, err := readMade(p.Cursor)
	return where + ` AND (created_at < ? OR created_at = ? AND id > ?)`, append(args, at, at, id), err
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
