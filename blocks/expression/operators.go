package expression

import (
	"fmt"
	"math"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

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
	switch n.Operator {
	case "==", "!=", "<", "<=", ">", ">=", "contains", "startsWith", "endsWith":
		if c.strange(n) {
			return unknown()
		}
	}
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
