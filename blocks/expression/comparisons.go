package expression

import (
	"fmt"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"
)

// equality compiles == and !=. A name compared with nil is asked whether it is
// set at all.
func (c *compiler) equality(n *ast.BinaryNode, left, right node) node {
	if right.typ == nothing {
		left = left.optional()
	}
	if left.typ == nothing {
		right = right.optional()
	}
	if !comparable(left, right) {
		c.problem(CodeType, c.at(n), c.comparisonHint(n.Operator, left, right), "%s is never equal to %s", left.typ.phrase(), right.typ.phrase())
		return unknown()
	}
	left, right = c.written(left, right.typ, c.at(n.Left)), c.written(right, left.typ, c.at(n.Right))
	want := n.Operator == "=="
	return node{typ: Boolean, eval: both(left, right, func(e *Env, a, b any) (any, error) {
		same, err := e.equal(a, b, 0)
		return same == want, err
	})}
}

// written reads a constant text that is compared with a date.
func (c *compiler) written(n node, beside Type, at int) node {
	if n.constant && n.typ == Text && (beside.temporal() || beside == duration) {
		if beside.temporal() {
			beside = moment
		}
		return c.want(n, beside, at, "the comparison")
	}
	return n
}

// comparable reports whether values of the two may be equal.
func comparable(a, b node) bool {
	switch {
	case a.typ == b.typ, a.typ.dynamic(), b.typ.dynamic(), a.typ == nothing, b.typ == nothing:
		return true
	case a.typ.temporal() && b.typ.temporal():
		return true
	case a.constant && a.typ == Text && (b.typ.temporal() || b.typ == duration):
		return true
	case b.constant && b.typ == Text && (a.typ.temporal() || a.typ == duration):
		return true
	}
	return false
}

// equal compares by value. What is missing equals the empty value of the other
// side; a day equals every time within it.
func (e *Env) equal(a, b any, depth int) (bool, error) {
	if err := e.spend(1); err != nil || depth > MaxDepth {
		return false, err
	}
	a, b = plain(a), plain(b)
	if a == nil || b == nil {
		return isBlank(a) && isBlank(b), nil
	}
	switch x := a.(type) {
	case string:
		if y, ok := b.(string); ok {
			return x == y, e.spendText(min(len(x), len(y)))
		}
		if _, ok := timeOf(b); ok {
			return e.equal(b, a, depth+1)
		}
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return false, nil
		}
		for i := range x {
			if same, err := e.equal(x[i], y[i], depth+1); !same || err != nil {
				return false, err
			}
		}
		return true, nil
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return false, nil
		}
		for key := range x {
			other, ok := y[key]
			if !ok {
				return false, nil
			}
			if same, err := e.equal(x[key], other, depth+1); !same || err != nil {
				return false, err
			}
		}
		return true, nil
	case day, time.Time:
		return e.sameMoment(a, b), nil
	default: // numbers, booleans, durations
		return a == b, nil
	}
	return false, nil
}

// isBlank reports whether a value is what something missing reads as.
func isBlank(v any) bool {
	return isEmpty(v) || v == false || v == 0.0
}

func (e *Env) sameMoment(a, b any) bool {
	if s, ok := b.(string); ok {
		m, err := e.parseMoment(s)
		if err != nil {
			return false
		}
		b = m
	}
	x, _ := timeOf(a)
	y, ok := timeOf(b)
	if !ok {
		return false
	}
	if _, days := a.(day); days {
		return dayOf(y.In(x.Location())).Equal(x)
	}
	if _, days := b.(day); days {
		return dayOf(x.In(y.Location())).Equal(y)
	}
	return x.Equal(y)
}

// order compiles < <= > >=.
func (c *compiler) order(n *ast.BinaryNode, left, right node) node {
	ordered := func(t Type) bool { return t.scalar() && t != Boolean || t.dynamic() || t == nothing }
	for _, side := range []node{left, right} {
		if !ordered(side.typ) {
			c.problem(CodeType, c.at(n), "", "%s has no order to compare it by", side.typ.phrase())
			return unknown()
		}
	}
	if !comparable(left, right) {
		c.problem(CodeType, c.at(n), c.comparisonHint(n.Operator, left, right), "%q cannot compare %s with %s", n.Operator, left.typ.phrase(), right.typ.phrase())
		return unknown()
	}
	left, right = c.written(left, right.typ, c.at(n.Left)), c.written(right, left.typ, c.at(n.Right))
	op, compare := n.Operator, (*Env).compare
	if left.typ.temporal() || right.typ.temporal() {
		compare = (*Env).compareMoments
	}
	return node{typ: Boolean, eval: both(left, right, func(e *Env, a, b any) (any, error) {
		sign, ok, err := compare(e, a, b)
		if err != nil {
			return nil, fmt.Errorf("%q %w", op, err)
		}
		if !ok {
			return false, nil
		}
		switch op {
		case "<":
			return sign < 0, nil
		case "<=":
			return sign <= 0, nil
		case ">":
			return sign > 0, nil
		}
		return sign >= 0, nil
	})}
}

// compare orders two values; ok is false when one of them is a date that is not
// set, which is neither before nor after anything.
func (e *Env) compare(a, b any) (sign int, ok bool, err error) {
	if err := e.spend(1); err != nil {
		return 0, false, err
	}
	a, b = plain(a), plain(b)
	_, xt := timeOf(a)
	_, yt := timeOf(b)
	x, xs := a.(string)
	y, ys := b.(string)
	switch {
	case xt || yt:
		return e.compareMoments(a, b)
	case isDuration(a) || isDuration(b):
		return compareDurations(a, b)
	case (xs || a == nil) && (ys || b == nil) && (xs || ys):
		return strings.Compare(x, y), true, e.spendText(min(len(x), len(y)))
	}
	f, err := asNumber(a)
	if err != nil {
		return 0, false, err
	}
	g, err := asNumber(b)
	if err != nil {
		return 0, false, err
	}
	switch {
	case f < g:
		return -1, true, nil
	case f > g:
		return 1, true, nil
	}
	return 0, true, nil
}

func isDuration(v any) bool {
	_, ok := v.(time.Duration)
	return ok
}

func compareDurations(a, b any) (int, bool, error) {
	x, err := asDuration(a)
	if err != nil {
		return 0, false, err
	}
	y, err := asDuration(b)
	if err != nil {
		return 0, false, err
	}
	return int(min(1, max(-1, x.(time.Duration)-y.(time.Duration)))), true, nil
}

func (e *Env) compareMoments(a, b any) (int, bool, error) {
	a, err := e.asMoment(a)
	if err != nil {
		return 0, false, err
	}
	if b, err = e.asMoment(b); err != nil {
		return 0, false, err
	}
	x, xok := timeOf(a)
	y, yok := timeOf(b)
	return x.Compare(y), xok && yok, nil
}
