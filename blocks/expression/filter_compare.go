package expression

import (
	"github.com/expr-lang/expr/ast"
)

func (t *translator) equality(n *ast.BinaryNode) Filter {
	_, left := n.Left.(*ast.NilNode)
	_, right := n.Right.(*ast.NilNode)
	switch {
	case left:
		return t.about(Blank, n.Right)
	case right:
		return t.about(Blank, n.Left)
	}
	a, b, ok := t.sides(n)
	if !ok {
		return nobody()
	}
	return t.equal(n, a, b)
}

func (t *translator) order(n *ast.BinaryNode) Filter {
	a, b, ok := t.sides(n)
	if !ok {
		return nobody()
	}
	op := Less
	if n.Operator == "<=" || n.Operator == ">=" {
		op = AtMost
	}
	if n.Operator == ">" || n.Operator == ">=" {
		a, b = b, a
	}
	return t.ordered(n, op, a, b)
}

// sides are the terms of a comparison, a constant read as the other's type.
func (t *translator) sides(n *ast.BinaryNode) (a, b Term, ok bool) {
	if t.personal(n.Left) {
		if a, ok = t.term(n.Left); !ok {
			return a, b, false
		}
		if t.personal(n.Right) {
			b, ok = t.term(n.Right)
			return a, b, ok && t.alike(n, a, b)
		}
		v, ok := t.constant(n.Right, a.Field.Type)
		return a, Term{Value: v}, ok
	}
	if b, ok = t.term(n.Right); !ok {
		return a, b, false
	}
	v, ok := t.constant(n.Left, b.Field.Type)
	return Term{Value: v}, b, ok
}

// alike refuses to compare two fields that are kept in different ways.
func (t *translator) alike(n ast.Node, a, b Term) bool {
	if a.Field.Type == b.Field.Type && (a.Field.Type != DateTime || (a.Field.Kind == AttributeField) == (b.Field.Kind == AttributeField)) {
		return true
	}
	t.unreadable(t.at(n), "compare each with a date", "%s and %s are kept in different ways and cannot be compared with each other here", a.Field.Name, b.Field.Name)
	return false
}
