package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine"
)

// Resolve turns an audience, without what it excludes, into a question about
// each person.
func (d *DB) Resolve(ctx context.Context, botID string, a *engine.Audience) (*expression.Filter, error) {
	switch {
	case a.All:
		return &expression.Filter{Op: expression.Everyone}, nil
	case a.List != "":
		var n int64
		s := new(script)
		s.query(`SELECT COUNT(*) FROM lists WHERE id = ? AND bot_id = ?`, a.List, botID).one(&n)
		if err := d.read(ctx, s); err != nil {
			return nil, fmt.Errorf("read list %s: %w", a.List, err)
		}
		if n == 0 {
			return nil, unknown("list", a.List)
		}
		return &expression.Filter{Op: expression.InList, List: a.List}, nil
	}
	return nil, &engine.Error{Code: engine.Unsupported, Field: "audience", Message: "audiences by expression and segment cannot be asked yet: use all, or a list"}
}

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
