package api

import (
	"slices"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// Paging is the place in a list that a caller asks for.
type Paging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many items at most."`
	Cursor string `query:"cursor" doc:"The next_cursor of the page before."`
}

func (p Paging) page() engine.Page { return engine.Page{Cursor: p.Cursor, Limit: p.Limit} }

// list is one page of items.
type list[T any] struct {
	Items      []T    `json:"items"`
	NextCursor string `json:"next_cursor,omitempty" doc:"Asks for the next page; absent on the last."`
}

// listed turns what a store returned into a page.
func listed[E, T any](rows []E, next string, err error, shape func(E) T) (*body[list[T]], error) {
	if err != nil {
		return nil, err
	}
	out := list[T]{Items: make([]T, len(rows)), NextCursor: next}
	for i, r := range rows {
		out.Items[i] = shape(r)
	}
	return &body[list[T]]{out}, nil
}

// at is a time that may be absent.
func at(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// orEmpty keeps null out of lists.
func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// paged cuts a list that is read whole into pages; a cursor is the key of the
// last item before.
func paged[E any](all []E, p Paging, key func(E) string) (rows []E, next string, err error) {
	from := 0
	if p.Cursor != "" {
		at := slices.IndexFunc(all, func(e E) bool { return key(e) == p.Cursor })
		if at < 0 {
			return nil, "", &engine.Error{Code: engine.Invalid, Field: "cursor", Message: "the cursor is not one that this list gave: leave it out to begin at the start"}
		}
		from = at + 1
	}
	to := min(from+max(p.Limit, 1), len(all))
	if to < len(all) {
		next = key(all[to-1])
	}
	return all[from:to], next, nil
}
