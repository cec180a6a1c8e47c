package store

import (
	"fmt"
	"strings"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
)

// audience is a filter as a condition over contacts c and identities i, with
// its arguments. nil is everyone.
func (d *DB) audience(f *expression.Filter, botID string, now time.Time) (string, []any, error) {
	if f == nil {
		return "true", nil, nil
	}
	switch f.Op {
	case expression.Everyone:
		return "true", nil, nil
	case expression.And, expression.Or:
		return d.audiences(f, botID, now)
	case expression.Not:
		inner, args, err := d.audience(&f.Args[0], botID, now)
		return "NOT " + inner, args, err
	case expression.InList:
		return `c.id IN (SELECT p.contact_id FROM list_people p JOIN lists l ON l.id = p.list_id WHERE p.list_id = ? AND l.bot_id = ?)`, []any{f.List, botID}, nil
	}
	return "", nil, fmt.Errorf("a filter asks for %q, which no database is asked", f.Op)
}

// audiences joins the parts of an And or Or.
func (d *DB) audiences(f *expression.Filter, botID string, now time.Time) (string, []any, error) {
	var parts []string
	var args []any
	for i := range f.Args {
		part, more, err := d.audience(&f.Args[i], botID, now)
		if err != nil {
			return "", nil, err
		}
		parts, args = append(parts, part), append(args, more...)
	}
	if len(parts) == 0 {
		return "true", nil, nil
	}
	return "(" + strings.Join(parts, " "+strings.ToUpper(string(f.Op))+" ") + ")", args, nil
}
