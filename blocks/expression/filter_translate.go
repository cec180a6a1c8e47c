package expression

import (
	"fmt"
	"slices"
	"time"

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

// within translates item in list.
func (t *translator) within(n *ast.BinaryNode, item, list ast.Node) Filter {
	if !t.personal(list) {
		return t.among(item, list)
	}
	whole, ok := t.term(list)
	if !ok {
		return nobody()
	}
	if whole.Field.Type == Text {
		part, ok := t.typed(item, Text)
		if !ok {
			return nobody()
		}
		return Filter{Op: Contains, Left: whole, Right: part}
	}
	if whole.Field.Type != List {
		t.refuse(list)
		return nobody()
	}
	if t.personal(item) {
		t.unreadable(t.at(item), `write the value, as in "vip" in tags`, "only a constant can be looked for in a list of each person")
		return nobody()
	}
	v, ok := t.constant(item, Any)
	if !ok {
		return nobody()
	}
	if whole.Field.Kind == FactField {
		tag, ok := v.(string)
		if !ok {
			t.problem(CodeType, t.at(item), `such as "vip" in tags`, "a tag is text, in quotes")
			return nobody()
		}
		return Filter{Op: Tagged, Name: tag}
	}
	switch v.(type) {
	case string, float64, bool:
		return Filter{Op: Includes, Left: whole, Right: Term{Value: v}}
	}
	t.unreadable(t.at(item), "", "only a text, a number or a boolean can be looked for in a list of each person")
	return nobody()
}

// among translates item in ["a", "b"].
func (t *translator) among(item, list ast.Node) Filter {
	field, ok := t.term(item)
	if !ok {
		return nobody()
	}
	v, ok := t.constant(list, Any)
	if !ok {
		return nobody()
	}
	switch v := v.(type) {
	case string: // a part of the constant text
		if field.Field.Type == Text {
			return Filter{Op: Contains, Left: Term{Value: v}, Right: field}
		}
	case []any:
		return t.oneOf(item, field, v)
	}
	t.refuse(list)
	return nobody()
}

func (t *translator) oneOf(n ast.Node, field Term, items []any) Filter {
	one := Filter{Op: OneOf, Left: field}
	var others []Filter
	for _, item := range items {
		item = plain(item)
		if item == nil {
			others = append(others, t.isZero(field))
			continue
		}
		switch x := item.(type) {
		case string:
			if field.Field.Type == Text {
				one.Among = append(one.Among, x)
			} else if field.Field.Type.temporal() {
				if m, err := t.check.parseMoment(x); err == nil {
					others = append(others, t.equal(n, field, Term{Value: m}))
				}
			}
		case float64:
			if field.Field.Type == Number {
				one.Among = append(one.Among, x)
			}
		case bool:
			if field.Field.Type == Boolean {
				others = append(others, Filter{Op: Equal, Left: field, Right: Term{Value: x}})
			}
		case day, time.Time:
			if field.Field.Type.temporal() {
				others = append(others, t.equal(n, field, Term{Value: x}))
			}
		}
	}
	if len(one.Among) > 0 {
		others = append(others, one)
	}
	switch len(others) {
	case 0:
		return nobody()
	case 1:
		return others[0]
	}
	return Filter{Op: Or, Args: others}
}

// isZero holds where a field reads as nothing does.
func (t *translator) isZero(field Term) Filter {
	switch field.Field.Type {
	case Text, Number, Boolean:
		return Filter{Op: Equal, Left: field, Right: Term{Value: field.Field.Type.zero()}}
	}
	return Filter{Op: Has, Left: field}.Negated()
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
	return Filter{Op: Outcome, Name: question, IDs: slices.Clone(ids)}
}

// text is the constant text that a function is asked about.
func (t *translator) text(arg ast.Node, who string) (string, bool) {
	if t.personal(arg) {
		t.unreadable(t.at(arg), fmt.Sprintf(`such as %s("name")`, who), "%s needs a constant text", who)
		return "", false
	}
	v, ok := t.constant(arg, Text)
	name, isText := v.(string)
	return name, ok && isText
}

// typed is a side that has to be of one type.
func (t *translator) typed(n ast.Node, want Type) (Term, bool) {
	if !t.personal(n) {
		v, ok := t.constant(n, want)
		return Term{Value: v}, ok
	}
	f, ok := t.term(n)
	if ok && f.Field.Type != want {
		t.refuse(n)
		return f, false
	}
	return f, ok
}

// term translates a field of the person.
func (t *translator) term(n ast.Node) (Term, bool) {
	switch n := n.(type) {
	case *ast.ChainNode:
		return t.term(n.Node)
	case *ast.IdentifierNode:
		if i, ok := t.scope.table.slot(n.Value); ok {
			return t.scope.table.field(i), true
		}
	case *ast.MemberNode:
		if base, ok := n.Node.(*ast.IdentifierNode); ok && base.Value == spaceAttribute && !t.personal(n.Property) {
			if name, ok := t.text(n.Property, "attr"); ok {
				if i, ok := t.scope.people[fold(name)]; ok {
					return t.scope.table.field(i), true
				}
				return Term{Field: Field{Kind: AttributeField, Name: name, Type: Text, Default: ""}}, true
			}
		}
	case *ast.BuiltinNode:
		if n.Name == "len" && len(n.Arguments) == 1 && isTags(n.Arguments[0]) {
			return Term{Field: Field{Kind: FactField, Name: "tags", Type: Number, Default: 0.0}}, true
		}
	case *ast.CallNode:
		if name, ok := n.Callee.(*ast.IdentifierNode); ok {
			if name.Value == "tagged_at" {
				tag, ok := t.text(n.Arguments[0], name.Value)
				return Term{Field: Field{Kind: TaggedAtField, Name: t.people.options.Fold(tag), Type: DateTime}}, ok
			}
		}
	}
	t.refuse(n)
	return Term{}, false
}

// field is the term of a name of the table.
func (t *table) field(i int) Term {
	n := &t.names[i]
	f := Field{Kind: AttributeField, Name: n.Name, Type: n.Type, Default: n.Default}
	if n.fact {
		f.Kind = FactField
	}
	if f.Default == nil {
		f.Default = n.Type.zero()
	}
	return Term{Field: f}
}

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

// attributeOfPeople compiles attr["x"]. One that is not declared is text, as
// values that callers bring without a declaration are.
func (c *compiler) attributeOfPeople(space, name string, at int) node {
	if space != spaceAttribute {
		c.problem(CodeUnknownName, at, fmt.Sprintf("attributes are read as attr[%q]", name), "%s.%s says nothing about a person of an audience", space, name)
		return unknown()
	}
	if i, ok := c.scope.people[fold(name)]; ok {
		return c.scope.table.reader(i)
	}
	var names []string
	for _, i := range c.scope.people {
		names = append(names, c.scope.table.names[i].Name)
	}
	slices.Sort(names)
	hint := didYouMean(name, names)
	if hint == "" {
		hint = "it is read as text; declare it to compare it as something else"
	}
	c.warn(CodeUnknownName, at, hint, "the attribute %s is not declared", quote(name))
	raw := func(e *Env) (any, error) { return e.typed(Text, e.attribute(name)), nil }
	return node{typ: Text, name: name, raw: raw, eval: func(e *Env) (any, error) {
		if v, err := raw(e); v != nil || err != nil {
			return v, err
		}
		return "", nil
	}}
}
