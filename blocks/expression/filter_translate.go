package expression

import (
	"slices"

	"github.com/expr-lang/expr/ast"
)

// translator makes a Filter of a tree that the compiler has found right. What a
// database cannot be asked is a problem at its place.
type translator struct {
	*compiler
	people *People
}

// nobody is the filter of a part with a problem, and of what never holds.
func nobody() Filter { return Filter{Op: Everyone}.Negated() }

// condition translates what is true or false of a person.
func (t *translator) condition(n ast.Node) Filter {
	if !t.personal(n) {
		v, _ := t.constant(n, Boolean)
		if v == true {
			return Filter{Op: Everyone}
		}
		return nobody()
	}
	switch n := n.(type) {
	case *ast.UnaryNode:
		return t.condition(n.Node).Negated()
	case *ast.BinaryNode:
		return t.binary(n)
	case *ast.ConditionalNode:
		test, yes, no := t.condition(n.Cond), t.condition(n.Exp1), t.condition(n.Exp2)
		return Filter{Op: Or, Args: []Filter{AllOf(test, yes), AllOf(test.Negated(), no)}}
	case *ast.CallNode:
		if name, ok := n.Callee.(*ast.IdentifierNode); ok {
			switch {
			case name.Value == "has":
				return t.has(n.Arguments[0])
			case peopleFunctionNamed(name.Value) != nil:
				return t.outcome(name.Value, n.Arguments[0])
			}
		}
	case *ast.IdentifierNode, *ast.MemberNode:
		if left, ok := t.term(n); ok {
			return Filter{Op: Equal, Left: left, Right: Term{Value: true}}
		}
		return nobody()
	}
	t.refuse(n)
	return nobody()
}

func (t *translator) binary(n *ast.BinaryNode) Filter {
	switch n.Operator {
	case "and", "&&":
		return t.joined(And, isAnd, n)
	case "or", "||":
		return t.joined(Or, func(b *ast.BinaryNode) bool { return b.Operator == "or" || b.Operator == "||" }, n)
	case "==", "!=":
		f := t.equality(n)
		if n.Operator == "!=" {
			return f.Negated()
		}
		return f
	case "<", "<=", ">", ">=":
		return t.order(n)
	case "in":
		return t.within(n, n.Left, n.Right)
	case "contains":
		return t.within(n, n.Right, n.Left)
	case "startsWith", "endsWith":
		op := StartsWith
		if n.Operator == "endsWith" {
			op = EndsWith
		}
		left, lok := t.typed(n.Left, Text)
		right, rok := t.typed(n.Right, Text)
		if lok && rok {
			return Filter{Op: op, Left: left, Right: right}
		}
		return nobody()
	case "matches":
		t.unreadable(t.at(n), "use contains, startsWith or endsWith", "a pattern cannot be asked of many people at once")
		return nobody()
	}
	t.refuse(n)
	return nobody()
}

// joined flattens a chain of one operator.
func (t *translator) joined(op FilterOp, same func(*ast.BinaryNode) bool, n *ast.BinaryNode) Filter {
	f := Filter{Op: op}
	var walk func(ast.Node)
	walk = func(part ast.Node) {
		if b, ok := part.(*ast.BinaryNode); ok && same(b) {
			walk(b.Left)
			walk(b.Right)
			return
		}
		f.Args = append(f.Args, t.condition(part))
	}
	walk(n)
	return f
}

// about translates has(x) and x == nil.
func (t *translator) about(op FilterOp, n ast.Node) Filter {
	f, ok := t.term(n)
	if !ok {
		return nobody()
	}
	return Filter{Op: op, Left: f}
}

func (t *translator) has(arg ast.Node) Filter {
	if text, ok := arg.(*ast.StringNode); ok {
		return t.about(Has, t.nameIn(text))
	}
	if !t.personal(arg) {
		if v, ok := t.constant(arg, Any); ok && !isEmpty(v) {
			return Filter{Op: Everyone}
		}
		return nobody()
	}
	return t.about(Has, arg)
}

// outcome translates received("b") and its kind.
func (t *translator) outcome(question string, arg ast.Node) Filter {
	name, ok := t.text(arg, question)
	if !ok {
		return nobody()
	}
	ids, near := t.people.options.Broadcast(name)
	if len(ids) == 0 {
		t.problem(CodeUnknownName, t.at(arg), didYouMean(name, near), "there is no broadcast %s", quote(name))
		return nobody()
	}
	if len(ids) > 1 {
		t.warn(CodeAmbiguous, t.at(arg), "to mean one, name it by its id: "+quote(ids[0])+" is the newest", "%d broadcasts have the subject %s: any of them counts", len(ids), quote(name))
	}
	return Filter{Op: Outcome, Name: question, IDs: slices.Clone(ids)}
}
