package expression

import (
	"github.com/expr-lang/expr/ast"
)

// refuse says that a part cannot be asked.
func (t *translator) refuse(n ast.Node) {
	at, hint := t.at(n), "compare a field of the person with a constant, such as last_seen_at > now - duration(\"30d\")"
	switch n := n.(type) {
	case *ast.CallNode:
		at, hint = t.at(n.Callee), "what is computed has to stand on the other side, without fields of the person"
	case *ast.BinaryNode:
		switch n.Operator {
		case "+", "-", "*", "/", "%", "**", "^":
			hint = "move what is added to the other side: last_seen_at < now - duration(\"7d\")"
		}
	case *ast.BuiltinNode:
		switch n.Name {
		case "lower", "upper", "trim":
			hint = "texts are compared as they are written: city in [\"Taipei\", \"taipei\"]"
		case "int", "float", "string":
			hint = "compare it with a value of its own type, as it is kept: birthday_month == 3, city == \"3\""
		default:
			hint = "of a list its length can be asked, and what is in it: len(tags) > 2, \"vip\" in tags"
		}
	case *ast.VariableDeclaratorNode:
		hint = "write the value where it is used"
	}
	t.unreadable(at, hint, "%s cannot be asked of many people at once", quote(n.String()))
}

// personal reports whether a part reads anything of the person.
func (t *translator) personal(n ast.Node) bool {
	look := &personalNames{table: t.scope.table}
	ast.Walk(&n, look)
	return look.found
}

type personalNames struct {
	table *table
	found bool
}

// Visit implements ast.Visitor.
func (p *personalNames) Visit(n *ast.Node) {
	name, ok := (*n).(*ast.IdentifierNode)
	if !ok || name.Value == "now" || name.Value == "today" {
		return
	}
	_, declared := p.table.slot(name.Value)
	p.found = p.found || declared || name.Value == "has" || isSpace(name.Value) || peopleFunctionNamed(name.Value) != nil
}
