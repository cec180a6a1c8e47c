package store

import (
	"fmt"

	"github.com/blockcast/blockcast/engine"
)

// repeating are places for many rows of a run, most of whose texts are those of
// the row before: such a text is kept once, and not made anew for each row. The
// places are those of one row that is read again and again.
func repeating(places []any) []any {
	for i, p := range places {
		switch p := p.(type) {
		case *string:
			places[i] = &repeated[string]{to: p}
		case *engine.Status:
			places[i] = &repeated[engine.Status]{to: p}
		case *engine.Intent:
			places[i] = &repeated[engine.Intent]{to: p}
		}
	}
	return places
}

// repeated scans a text that is not NULL.
type repeated[T ~string] struct {
	to   *T
	last T
}

// ScanBytes takes Postgres's form, whose bytes are not ours to keep.
func (r *repeated[T]) ScanBytes(v []byte) error {
	if string(v) != string(r.last) {
		r.last = T(v)
	}
	*r.to = r.last
	return nil
}

// Scan takes SQLite's form.
func (r *repeated[T]) Scan(src any) error {
	switch v := src.(type) {
	case string:
		*r.to = T(v)
		return nil
	case []byte:
		return r.ScanBytes(v)
	}
	return fmt.Errorf("scan a text from %T", src)
}
