package expression

import (
	"fmt"
	"slices"

	"github.com/expr-lang/expr/ast"
)

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
