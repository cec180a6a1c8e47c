package expression

import (
	"time"

	"github.com/expr-lang/expr/ast"
)

// constant computes a part that is the same for everybody, as a value beside a
// field of a type. Moments stay days and times: equal and ordered make them what
// the field is kept as.
func (t *translator) constant(n ast.Node, beside Type) (any, bool) {
	before := len(t.problems)
	compiled := t.node(n)
	if failed(t.problems[before:]) {
		return nil, false
	}
	e := t.check
	e.steps, e.arguments = 0, e.arguments[:0]
	v, err := compiled.eval(e)
	if err == nil && beside.temporal() {
		v, err = e.asMoment(v)
	}
	if err != nil {
		t.problem(CodeArgument, t.at(n), "", "%v", err)
		return nil, false
	}
	if v == nil {
		t.problem(CodeArgument, t.at(n), "", "this is nothing: a comparison needs a value")
		return nil, false
	}
	return plain(v), true
}

// isMoment reports whether a comparison is one of moments.
func isMoment(a, b Term) bool { return a.Field.Type.temporal() || b.Field.Type.temporal() }

// equal compares two terms for equality. A day equals every time within it.
func (t *translator) equal(n ast.Node, a, b Term) Filter {
	if a.Constant() {
		a, b = b, a
	}
	switch a.Field.Type {
	case Text, Number, Boolean:
		return Filter{Op: Equal, Left: a, Right: b}
	case Date, DateTime:
	default:
		t.unreadable(t.at(n), "", "a value of this kind cannot be compared here: use in, contains or has")
		return nobody()
	}
	if !b.Constant() {
		return Filter{Op: Equal, Left: a, Right: b}
	}
	at, ok := timeOf(b.Value)
	if !ok {
		return nobody()
	}
	day := t.dayOf(at)
	if a.Field.Type == Date {
		return Filter{Op: Equal, Left: a, Right: dateTerm(day)}
	}
	if !isDay(b.Value) {
		return Filter{Op: Equal, Left: a, Right: instantTerm(at)}
	}
	return AllOf(Filter{Op: AtMost, Left: instantTerm(day), Right: a}, Filter{Op: Less, Left: a, Right: instantTerm(day.AddDate(0, 0, 1))})
}

// ordered compares two terms by their order, a before b.
func (t *translator) ordered(n ast.Node, op FilterOp, a, b Term) Filter {
	if !isMoment(a, b) {
		for _, side := range []Term{a, b} {
			if typ := side.Field.Type; !side.Constant() && typ != Text && typ != Number {
				t.unreadable(t.at(n), "", "a value of this kind has no order that can be asked here")
				return nobody()
			}
		}
		return Filter{Op: op, Left: a, Right: b}
	}
	if a.Constant() {
		return t.momentFirst(op, a, b)
	}
	if b.Constant() {
		return t.momentLast(op, a, b)
	}
	return Filter{Op: op, Left: a, Right: b}
}

// momentLast compares field < constant. A date is the midnight it begins with.
func (t *translator) momentLast(op FilterOp, field, constant Term) Filter {
	at, ok := timeOf(constant.Value)
	if !ok {
		return nobody()
	}
	if field.Field.Type == DateTime {
		return Filter{Op: op, Left: field, Right: instantTerm(at)}
	}
	day := t.dayOf(at)
	if op == Less && !day.Equal(at) {
		op = AtMost
	}
	return Filter{Op: op, Left: field, Right: dateTerm(day)}
}

// momentFirst compares constant < field.
func (t *translator) momentFirst(op FilterOp, constant, field Term) Filter {
	at, ok := timeOf(constant.Value)
	if !ok {
		return nobody()
	}
	if field.Field.Type == DateTime {
		return Filter{Op: op, Left: instantTerm(at), Right: field}
	}
	day := t.dayOf(at)
	if op == AtMost && !day.Equal(at) {
		op = Less
	}
	return Filter{Op: op, Left: dateTerm(day), Right: field}
}

func (t *translator) dayOf(at time.Time) time.Time { return dayOf(at.In(t.people.options.Zone)).Time }

func dateTerm(day time.Time) Term   { return Term{Value: day.Format(time.DateOnly)} }
func instantTerm(at time.Time) Term { return Term{Value: at.UTC()} }
func isDay(v any) bool              { _, is := v.(day); return is }
