package expression

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/expr-lang/expr/ast"
)

// plus compiles + by what its sides are: numbers and durations add up, a
// duration moves a date, and beside a text everything is text.
func (c *compiler) plus(n *ast.BinaryNode, left, right node) node {
	switch {
	case left.typ == Number && right.typ == Number:
		return c.arithmetic(n, left, right)
	case left.typ == Text && textual(right.typ), right.typ == Text && textual(left.typ):
		return node{typ: Text, eval: both(left, right, joinTexts)}
	case left.typ.temporal() || left.typ == duration || right.typ.temporal() || right.typ == duration:
		return c.timely(n, left, right)
	case left.typ.dynamic() && (right.typ.dynamic() || right.typ == Number), right.typ.dynamic() && left.typ == Number:
		return node{typ: Any, eval: both(left, right, addAny)}
	case left.typ == List && right.typ == List:
		c.problem(CodeType, c.at(n), "write concat(a, b)", `"+" does not join lists`)
	default:
		c.problem(CodeType, c.at(n), "", `"+" cannot add %s and %s`, left.typ.phrase(), right.typ.phrase())
	}
	return unknown()
}

func textual(t Type) bool { return t.scalar() || t.dynamic() }

func joinTexts(e *Env, a, b any) (any, error) {
	x, err := e.asText(a)
	if err != nil {
		return nil, err
	}
	y, err := e.asText(b)
	if err != nil {
		return nil, err
	}
	if err := e.spendText(len(x) + len(y)); err != nil {
		return nil, fmt.Errorf(`"+" %w`, err)
	}
	return x + y, nil
}

// addAny adds values whose types only show at run time.
func addAny(e *Env, a, b any) (any, error) {
	_, xs := a.(string)
	_, ys := b.(string)
	if xs || ys {
		return joinTexts(e, a, b)
	}
	if isDuration(a) || isDuration(b) {
		return e.shift(a, b, 1)
	}
	return calculate(a, b, "+")
}

// arithmetic compiles operators over numbers, and - * / over durations.
func (c *compiler) arithmetic(n *ast.BinaryNode, left, right node) node {
	op := n.Operator
	if left.typ.temporal() || left.typ == duration || right.typ.temporal() || right.typ == duration {
		return c.timely(n, left, right)
	}
	if op == "-" && left.typ.dynamic() && right.typ.dynamic() {
		return node{typ: Any, eval: both(left, right, func(e *Env, a, b any) (any, error) {
			if _, ok := timeOf(a); ok || isDuration(a) || isDuration(b) {
				return e.shift(a, b, -1)
			}
			return calculate(a, b, op)
		})}
	}
	left = c.want(left, Number, c.at(n.Left), quoted(op))
	right = c.want(right, Number, c.at(n.Right), quoted(op))
	return node{typ: Number, eval: both(left, right, func(_ *Env, a, b any) (any, error) { return calculate(a, b, op) })}
}

func calculate(a, b any, op string) (any, error) {
	x, err := asNumber(a)
	if err != nil {
		return nil, fmt.Errorf("%q %w", op, err)
	}
	y, err := asNumber(b)
	if err != nil {
		return nil, fmt.Errorf("%q %w", op, err)
	}
	switch op {
	case "+":
		return tidy(x + y)
	case "-":
		return tidy(x - y)
	case "*":
		return tidy(x * y)
	case "/", "%":
		if y == 0 {
			return nil, fmt.Errorf("%q cannot divide by zero", op)
		}
		if op == "%" {
			return tidy(math.Mod(x, y))
		}
		return tidy(x / y)
	}
	return tidy(math.Pow(x, y))
}

// tidy takes off what binary fractions add, so that 0.1 + 0.2 is 0.3, and
// refuses what is not a number any more.
func tidy(f float64) (any, error) {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return nil, fmt.Errorf("the result is too large for a number")
	case f == math.Trunc(f):
		return f + 0, nil
	}
	const digits = 15 // what every float64 holds
	f, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', digits, 64), 64)
	return f, err
}

// timely compiles + and - with dates, and + - * / with durations.
func (c *compiler) timely(n *ast.BinaryNode, left, right node) node {
	op := n.Operator
	result := timelyType(op, left.typ, right.typ)
	if result == "" {
		hint := ""
		if left.typ.temporal() && right.typ == Number {
			hint = "write days(…) for a number of days"
		}
		c.problem(CodeType, c.at(n), hint, "%q cannot work on %s and %s", op, left.typ.phrase(), right.typ.phrase())
		return unknown()
	}
	return node{typ: result, eval: both(left, right, func(e *Env, a, b any) (any, error) {
		v, err := e.shiftBy(op, a, b)
		if err != nil {
			return nil, fmt.Errorf("%q %w", op, err)
		}
		return v, nil
	})}
}

// timelyType is the type of an operator's result, "" when there is none.
func timelyType(op string, a, b Type) Type {
	like := func(t, want Type) bool { return t == want || t.dynamic() }
	switch {
	case a.temporal() && b.temporal() && op == "-":
		return duration
	case a.temporal() && like(b, duration) && (op == "+" || op == "-"):
		if a == DateTime {
			return DateTime
		}
		return moment
	case a == duration && b.temporal() && op == "+":
		return moment
	case a == duration && b == duration && (op == "+" || op == "-"):
		return duration
	case a == duration && like(b, Number) && (op == "*" || op == "/"), like(a, Number) && b == duration && op == "*":
		return duration
	case (a.dynamic() || b.dynamic()) && (op == "+" || op == "-"):
		return Any
	}
	return ""
}

func (e *Env) shiftBy(op string, a, b any) (any, error) {
	switch op {
	case "+":
		return e.shift(a, b, 1)
	case "-":
		return e.shift(a, b, -1)
	}
	x, isLength := a.(time.Duration)
	factor := b
	if !isLength {
		x, factor = b.(time.Duration), a
	}
	f, err := asNumber(factor)
	if err != nil {
		return nil, err
	}
	if op == "/" {
		if f == 0 {
			return nil, fmt.Errorf("cannot divide by zero")
		}
		return boundDuration(float64(x) / f)
	}
	return boundDuration(float64(x) * f)
}

// shift adds or takes away durations, and tells how far two moments are apart.
// A date moved by whole days stays a date, whatever the clocks do in between.
func (e *Env) shift(a, b any, sign int) (any, error) {
	if _, ok := timeOf(b); ok && isDuration(a) {
		a, b = b, a
	}
	x, xok := timeOf(a)
	if text, ok := b.(string); ok && xok && sign < 0 {
		if m, err := e.parseMoment(text); err == nil {
			b = m
		}
	}
	y, yok := timeOf(b)
	switch {
	case xok && yok && sign < 0:
		return boundDuration(float64(x.Sub(y)))
	case a == nil:
		return nil, nil // an unset date moved is still unset
	}
	length, err := asDuration(b)
	if err != nil {
		return nil, err
	}
	by := time.Duration(sign) * length.(time.Duration)
	if d, ok := a.(day); ok && by%(24*time.Hour) == 0 {
		return bound(day{d.AddDate(0, 0, int(by/(24*time.Hour)))})
	}
	if xok {
		return bound(x.Add(by))
	}
	from, err := asDuration(a)
	if err != nil {
		return nil, err
	}
	return boundDuration(float64(from.(time.Duration) + by))
}

// bound refuses moments that cannot be kept.
func bound(v any) (any, error) {
	if t, ok := timeOf(v); ok && (t.Year() < 1 || t.Year() > 9999) {
		return nil, fmt.Errorf("the date is out of range")
	}
	return v, nil
}
