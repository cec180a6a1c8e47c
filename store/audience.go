package store

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
)

// audience is a filter as a condition over contacts c and identities i, with
// its arguments. nil is everyone. It is never NULL: a comparison with what is
// missing is false, as when it is evaluated person by person.
func (d *DB) audience(f *expression.Filter, botID string, now time.Time) (string, []any, error) {
	if f == nil {
		return "true", nil, nil
	}
	q := &asked{dialect: audienceDialect{d.postgres}, botID: botID, now: now}
	sql := q.filter(f)
	return sql, q.args, q.err
}

// asked is a condition that is being written, its arguments in the order of
// their placeholders.
type asked struct {
	dialect audienceDialect
	botID   string
	now     time.Time
	args    []any
	joins   *joins // nil: everybody is looked up
	err     error  // of a filter that no expression makes
}

// give adds arguments and returns the text that has their placeholders.
func (q *asked) give(sql string, args ...any) string {
	q.args = append(q.args, args...)
	return sql
}

func (q *asked) filter(f *expression.Filter) string {
	switch f.Op {
	case expression.Everyone:
		return "true"
	case expression.And, expression.Or:
		return q.joined(f)
	case expression.Not:
		return "(NOT " + q.filter(&f.Args[0]) + ")"
	case expression.InList:
		return "c.id IN (" + q.listed(f) + ")"
	case expression.Tagged:
		return q.give(`EXISTS (SELECT 1 FROM contact_tags ct WHERE ct.contact_id = c.id AND `+ofTag+`)`, q.botID, f.Name)
	case expression.Outcome:
		return `EXISTS (SELECT 1 FROM deliveries d WHERE d.contact_id = c.id AND ` + q.outcome(f) + `)`
	}
	if ofAccount(f.Left) || ofAccount(f.Right) {
		head := q.give(`i.account_id IN (SELECT a.id FROM accounts a WHERE a.bot_id = ? AND `, q.botID)
		return head + q.leaf(f) + ")"
	}
	return q.leaf(f)
}

// joined joins the parts of an And or Or.
func (q *asked) joined(f *expression.Filter) string {
	if len(f.Args) == 0 {
		return "true"
	}
	parts := make([]string, len(f.Args))
	for i, arg := range lightFirst(f.Args) {
		parts[i] = q.filter(&arg)
	}
	return "(" + strings.Join(parts, " "+strings.ToUpper(string(f.Op))+" ") + ")"
}

// lightFirst are conditions with those first that cost a database least: it
// asks them in this order, and the others of fewer people.
func lightFirst(list []expression.Filter) []expression.Filter {
	out := slices.Clone(list)
	slices.SortStableFunc(out, func(a, b expression.Filter) int { return weight(&a) - weight(&b) })
	return out
}

// weight is what a condition costs for each person: a column, a look into the
// attributes, or other tables.
func weight(f *expression.Filter) int {
	switch f.Op {
	case expression.Tagged, expression.InList, expression.Outcome:
		return 2
	}
	most := max(weightOf(f.Left.Field), weightOf(f.Right.Field))
	for i := range f.Args {
		most = max(most, weight(&f.Args[i]))
	}
	return most
}

func weightOf(f expression.Field) int {
	switch {
	case f.Kind == expression.AttributeField:
		return 1
	case f.Kind == expression.TaggedAtField:
		return 2
	}
	switch f.Name {
	case "phone", "tags", "last_broadcast_at", "days_since_broadcast", "channel", "account":
		return 2
	}
	return 0
}

// outcomes are what a row of the ledger has when it came to that.
var outcomes = map[string]string{
	"received": `d.status IN ('sent', 'delivered', 'read')`,
	"read":     `(d.read_at IS NOT NULL OR d.status = 'read')`,
	"clicked":  `d.clicked_at IS NOT NULL`,
	"replied":  `d.replied_at IS NOT NULL`,
}

// ofTag are rows ct of a tag of a bot and name.
const ofTag = `ct.tag_id = (SELECT t.id FROM tags t WHERE t.bot_id = ? AND t.name_key = ?)`

// listed are the contacts that a filter holds for which another table has rows
// of; the same one may come twice.
func (q *asked) listed(f *expression.Filter) string {
	switch f.Op {
	case expression.InList:
		return q.give(`SELECT p.contact_id FROM list_people p JOIN lists l ON l.id = p.list_id WHERE p.list_id = ? AND l.bot_id = ?`, f.List, q.botID)
	case expression.Tagged:
		return q.give(`SELECT ct.contact_id FROM contact_tags ct WHERE `+ofTag, q.botID, f.Name)
	case expression.Outcome:
		return `SELECT d.contact_id FROM deliveries d WHERE ` + q.outcome(f)
	case expression.Has: // a phone
		return q.give(`SELECT p.contact_id FROM contact_phones p WHERE p.bot_id = ?`, q.botID)
	}
	return q.wrong("a list of %q", f.Op)
}

// outcome are the rows d of what came of a broadcast.
func (q *asked) outcome(f *expression.Filter) string {
	had, ok := outcomes[f.Name]
	if !ok || len(f.IDs) == 0 {
		return q.wrong("the outcome %q of %d broadcasts", f.Name, len(f.IDs))
	}
	args := []any{q.botID}
	for _, id := range f.IDs {
		args = append(args, id)
	}
	of := `d.run_id IN (SELECT r.id FROM broadcast_runs r WHERE r.bot_id = ? AND r.broadcast_id IN (` + places(len(f.IDs)) + `)) AND ` + had
	return q.give(of, args...)
}

// places are n placeholders.
func places(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// wrong notes a filter that cannot be asked, which the making of filters rules
// out.
func (q *asked) wrong(format string, args ...any) string {
	if q.err == nil {
		q.err = fmt.Errorf("a filter asks for "+format+", which no database is asked", args...)
	}
	return "false"
}

// ofAccount reports whether a term is kept of an address's account.
func ofAccount(t expression.Term) bool {
	return t.Field.Kind == expression.FactField && (t.Field.Name == "channel" || t.Field.Name == "account")
}

// leaf is a comparison.
func (q *asked) leaf(f *expression.Filter) string {
	switch f.Op {
	case expression.Has:
		return q.has(f.Left.Field)
	case expression.Blank:
		return q.blank(f.Left.Field)
	case expression.Includes:
		return q.includes(f.Left.Field, f.Right.Value)
	case expression.OneOf:
		return q.oneOf(f)
	case expression.Equal, expression.Less, expression.AtMost:
		if sql, ok := q.quick(f); ok {
			return sql
		}
		return q.compared(f)
	case expression.Contains:
		if q.dialect.postgres {
			return "(strpos(" + q.text(f.Left) + ", " + q.text(f.Right) + ") > 0)"
		}
		return "(instr(" + q.text(f.Left) + ", " + q.text(f.Right) + ") > 0)"
	case expression.StartsWith:
		return "(substr(" + q.text(f.Left) + ", 1, length(" + q.text(f.Right) + ")) = " + q.text(f.Right) + ")"
	case expression.EndsWith:
		if q.dialect.postgres {
			return "(right(" + q.text(f.Left) + ", length(" + q.text(f.Right) + ")) = " + q.text(f.Right) + ")"
		}
		return "(length(" + q.text(f.Right) + ") = 0 OR substr(" + q.text(f.Left) + ", -length(" + q.text(f.Right) + ")) = " + q.text(f.Right) + ")"
	}
	return q.wrong("%q", f.Op)
}

// text is a term of a text operator.
func (q *asked) text(t expression.Term) string {
	return q.term(t, expression.Field{Type: expression.Text})
}

// compared is an equality or an order. What has no value compares as false.
func (q *asked) compared(f *expression.Filter) string {
	beside := f.Left.Field
	if f.Left.Constant() {
		beside = f.Right.Field
	}
	op, collate := " = ", ""
	if f.Op != expression.Equal {
		op = map[expression.FilterOp]string{expression.Less: " < ", expression.AtMost: " <= "}[f.Op]
		if q.dialect.postgres && textual(beside) {
			collate = ` COLLATE "C"`
		}
	}
	sql := q.term(f.Left, beside) + collate + op + q.term(f.Right, beside)
	if beside.Type == expression.Date || beside.Type == expression.DateTime {
		return "COALESCE(" + sql + ", false)"
	}
	return "(" + sql + ")"
}

// textual reports whether the field's values are compared as texts.
func textual(f expression.Field) bool {
	return f.Type == expression.Text || f.Type == expression.Date || f.Type == expression.DateTime && f.Kind == expression.AttributeField
}

func (q *asked) oneOf(f *expression.Filter) string {
	left := q.term(f.Left, f.Left.Field)
	parts := make([]string, len(f.Among))
	for i, v := range f.Among {
		parts[i] = q.term(expression.Term{Value: v}, f.Left.Field)
	}
	return "(" + left + " IN (" + strings.Join(parts, ", ") + "))"
}
