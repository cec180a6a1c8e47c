package expression

import (
	"time"

	"github.com/expr-lang/expr/ast"
)

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
