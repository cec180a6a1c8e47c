package expression

import (
	"fmt"
	"math"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"
)

// unary compiles not, - and +.
func (c *compiler) unary(n *ast.UnaryNode) node {
	inner, at := c.node(n.Node), c.at(n.Node)
	var result node
	switch n.Operator {
	case "not", "!":
		x := c.want(inner, Boolean, at, quoted(n.Operator))
		result = node{typ: Boolean, eval: func(e *Env) (any, error) {
			v, err := x.eval(e)
			if err != nil {
				return nil, err
			}
			return !v.(bool), nil
		}}
	default:
		x := c.want(inner, Number, at, quoted(n.Operator))
		sign := 1.0
		if n.Operator == "-" {
			sign = -1
		}
		result = node{typ: Number, eval: func(e *Env) (any, error) {
			v, err := x.eval(e)
			if err != nil {
				return nil, err
			}
			return 0 + sign*v.(float64), nil
		}}
	}
	if inner.constant {
		return c.settle(result, at)
	}
	return result
}

func quoted(operator string) string { return `"` + operator + `"` }

// binary compiles an operator with two sides.
func (c *compiler) binary(n *ast.BinaryNode) node {
	left, right := c.node(n.Left), c.node(n.Right)
	var result node
	switch n.Operator {
	case "??":
		return coalesce(left.optional(), right)
	case "and", "&&", "or", "||":
		return c.logic(n, left, right)
	case "==", "!=":
		result = c.equality(n, left, right)
	case "<", "<=", ">", ">=":
		result = c.order(n, left, right)
	case "+":
		result = c.plus(n, left, right)
	case "-", "*", "/", "%", "**", "^":
		result = c.arithmetic(n, left, right)
	case "in":
		result = c.in(n, left, right)
	case "contains":
		result = c.contains(n, left, right)
	case "startsWith":
		result = c.texts(n, left, right, strings.HasPrefix)
	case "endsWith":
		result = c.texts(n, left, right, strings.HasSuffix)
	case "matches":
		result = c.matches(n, left, right)
	case "..":
		result = c.span(n, left, right)
	default:
		c.problem(CodeSyntax, c.at(n), "", "%q is not an operator here", n.Operator)
		return unknown()
	}
	if left.constant && right.constant {
		return c.settle(result, c.at(n))
	}
	return result
}

// both runs two sides.
func both(left, right node, use func(e *Env, a, b any) (any, error)) evaluate {
	l, r := left.eval, right.eval
	return func(e *Env) (any, error) {
		a, err := l(e)
		if err != nil {
			return nil, err
		}
		b, err := r(e)
		if err != nil {
			return nil, err
		}
		return use(e, a, b)
	}
}

// coalesce gives the left unless it is unset or empty.
func coalesce(left, right node) node {
	l, r := left.eval, right.eval
	return node{
		typ:     common(left, right),
		samples: slices.Concat(left.samples, right.samples),
		eval: func(e *Env) (any, error) {
			if v, err := l(e); err != nil || !isEmpty(v) {
				return v, err
			}
			return r(e)
		},
	}
}

func (c *compiler) logic(n *ast.BinaryNode, left, right node) node {
	l := c.want(left, Boolean, c.at(n.Left), quoted(n.Operator)).eval
	r := c.want(right, Boolean, c.at(n.Right), quoted(n.Operator)).eval
	decides := n.Operator == "or" || n.Operator == "||"
	return node{typ: Boolean, eval: func(e *Env) (any, error) {
		v, err := l(e)
		if err != nil || v.(bool) == decides {
			return v, err
		}
		return r(e)
	}}
}

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
		c.problem(CodeType, c.at(n), conversionHint(left, right.typ), "%s is never equal to %s", left.typ.phrase(), right.typ.phrase())
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
		c.problem(CodeType, c.at(n), conversionHint(left, right.typ), "%q cannot compare %s with %s", n.Operator, left.typ.phrase(), right.typ.phrase())
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

// in compiles x in list, and a key in a JSON object.
func (c *compiler) in(n *ast.BinaryNode, left, right node) node {
	if right.typ != List && !right.typ.dynamic() && right.typ != Text {
		c.problem(CodeType, c.at(n), "such as 'vip' in tags", `"in" needs a list but got %s`, right.typ.phrase())
		return unknown()
	}
	if right.typ == Text {
		left = c.want(left, Text, c.at(n.Left), `"in"`)
	}
	return node{typ: Boolean, eval: both(left, right, (*Env).within)}
}

func (e *Env) within(a, b any) (any, error) {
	switch b := b.(type) {
	case map[string]any:
		key, err := e.asText(a)
		_, ok := b[key]
		return ok, err
	case string:
		part, err := e.asText(a)
		if err != nil {
			return nil, err
		}
		return strings.Contains(b, part), e.spendText(len(b))
	}
	list, err := asList(b)
	if err != nil {
		return nil, fmt.Errorf(`"in" %w`, err)
	}
	for _, item := range list {
		if same, err := e.equal(a, item, 0); same || err != nil {
			return same, err
		}
	}
	return false, nil
}

// contains compiles text contains text and list contains item.
func (c *compiler) contains(n *ast.BinaryNode, left, right node) node {
	if left.typ == List || left.typ.dynamic() {
		return node{typ: Boolean, eval: both(left, right, func(e *Env, a, b any) (any, error) {
			if _, list := a.([]any); list {
				return e.within(b, a)
			}
			text, err := e.asText(a)
			if err != nil {
				return nil, err
			}
			return e.within(b, text)
		})}
	}
	return c.texts(n, left, right, strings.Contains)
}

// texts compiles an operator that asks something of two texts.
func (c *compiler) texts(n *ast.BinaryNode, left, right node, ask func(a, b string) bool) node {
	left = c.want(left, Text, c.at(n.Left), quoted(n.Operator))
	right = c.want(right, Text, c.at(n.Right), quoted(n.Operator))
	return node{typ: Boolean, eval: both(left, right, func(e *Env, a, b any) (any, error) {
		return ask(a.(string), b.(string)), e.spendText(len(a.(string)))
	})}
}

// matches compiles text matches 'pattern'. Patterns are constant: they are
// compiled once, and they take time in proportion to the text only.
func (c *compiler) matches(n *ast.BinaryNode, left, right node) node {
	left = c.want(left, Text, c.at(n.Left), `"matches"`)
	pattern, ok := right.value.(string)
	if !right.constant || !ok {
		c.problem(CodeType, c.at(n.Right), `such as phone matches '^09'`, `"matches" needs a pattern written as a constant text`)
		return unknown()
	}
	re, cost, err := compilePattern(pattern)
	if err != nil {
		c.problem(CodeArgument, c.at(n.Right), "", "the pattern cannot be read: %v", err)
		return unknown()
	}
	eval := left.eval
	return node{typ: Boolean, eval: func(e *Env) (any, error) {
		v, err := eval(e)
		if err != nil {
			return nil, err
		}
		if err := e.spend(1 + len(v.(string))*cost/stepBytes); err != nil {
			return nil, fmt.Errorf(`"matches" %w`, err)
		}
		return re.MatchString(v.(string)), nil
	}}
}

// compilePattern returns the pattern and how many instructions each letter of
// a text may meet.
func compilePattern(pattern string) (re *regexp.Regexp, cost int, err error) {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, 0, err
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil, 0, err
	}
	if len(program.Inst) > MaxPattern {
		return nil, 0, fmt.Errorf("it repeats too much")
	}
	re, err = regexp.Compile(pattern)
	return re, len(program.Inst), err
}

// span compiles a..b.
func (c *compiler) span(n *ast.BinaryNode, left, right node) node {
	left = c.want(left, Number, c.at(n.Left), `".."`)
	right = c.want(right, Number, c.at(n.Right), `".."`)
	return node{typ: List, eval: both(left, right, func(e *Env, a, b any) (any, error) {
		from, to := math.Ceil(a.(float64)), math.Floor(b.(float64))
		if to < from {
			return []any{}, nil
		}
		count := int(min(to-from+1, MaxItems))
		list := make([]any, count)
		for i := range list {
			list[i] = from + float64(i)
		}
		return list, e.spend(count)
	})}
}
