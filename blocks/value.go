package blocks

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/blockcast/blockcast/blocks/expression"
)

// Value is any JSON whose strings are templates.
type Value struct {
	Source any

	node node
}

// node is a compiled Value: one of a constant, a text, a list or an object.
type node struct {
	constant any
	fixed    bool
	text     *Template
	items    []node
	keys     []string // of an object; its values are items
	object   bool
}

// Read implements Field.
func (v *Value) Read(source any) error {
	v.Source = source
	return nil
}

// Schema implements Field.
func (v *Value) Schema() map[string]any { return reference("value") }

// Value checks and compiles a value.
func (c *Checker) Value(key string, v *Value) {
	if v != nil {
		c.In(key, func() { v.node = c.node(v.Source) })
	}
}

func (c *Checker) node(source any) node {
	switch s := source.(type) {
	case string:
		t := &Template{Source: s, given: true}
		c.template(t)
		if t.constant {
			return node{constant: t.text, fixed: true}
		}
		return node{text: t}
	case []any:
		n := node{items: make([]node, len(s))}
		for i, item := range s {
			c.At(i, func() { n.items[i] = c.node(item) })
		}
		return n
	case map[string]any:
		n := node{object: true, keys: sortedKeys(s)}
		n.items = make([]node, len(n.keys))
		for i, key := range n.keys {
			c.In(key, func() { n.items[i] = c.node(s[key]) })
		}
		return n
	}
	return node{constant: source, fixed: true}
}

// Typed checks a value that becomes one of the type; a constant is converted
// at once. name is the attribute's.
func (c *Checker) Typed(key string, v *Value, name string, t expression.Type) {
	c.Value(key, v)
	if v == nil || !v.node.fixed || emptyFor(t, v.node.constant) {
		return
	}
	// The order of day and month is the bot's, which nobody knows yet: such a
	// constant is converted when it is set.
	if s, ok := v.node.constant.(string); ok && (t == expression.Date || t == expression.DateTime) && !isoDate(s) {
		return
	}
	c.In(key, func() {
		converted, err := expression.Convert(t, v.node.constant, expression.Locale{})
		if err != nil {
			c.Problem(CodeValue, fmt.Sprintf("attribute %s %v", quoted(name), err), "")
			return
		}
		if t != expression.DateTime { // which reads local times in the contact's zone
			v.node.constant = converted
		}
	})
}

// run evaluates the value. A text that is exactly one {{ … }} keeps its type.
func (v *Value) run(env Env, locals map[string]any) (any, error) { return v.node.run(env, locals) }

func (n *node) run(env Env, locals map[string]any) (any, error) {
	switch {
	case n.fixed:
		return n.constant, nil
	case n.text != nil && n.text.compiled == nil:
		return nil, errUnchecked
	case n.text != nil:
		return env.Eval(n.text.compiled, locals)
	case n.object:
		m := make(map[string]any, len(n.keys))
		for i, key := range n.keys {
			v, err := n.items[i].run(env, locals)
			if err != nil {
				return nil, err
			}
			m[key] = v
		}
		return m, nil
	}
	list := make([]any, len(n.items))
	for i := range n.items {
		v, err := n.items[i].run(env, locals)
		if err != nil {
			return nil, err
		}
		list[i] = v
	}
	return list, nil
}

// typed evaluates the value and converts it to the kept form of the type.
func (v *Value) typed(env Env, locals map[string]any, t expression.Type) (any, error) {
	got, err := v.run(env, locals)
	if err != nil || emptyFor(t, got) {
		return nil, err
	}
	return keep(t, got, env.Place().Locale)
}

// keep converts a value to the kept form of the type. A text for what has no
// declared type stays a text.
func keep(t expression.Type, v any, l expression.Locale) (any, error) {
	if _, isText := v.(string); isText && t == expression.Any {
		return v, nil
	}
	return expression.Convert(t, v, l)
}

// emptyFor reports whether the value unsets an attribute of the type: nothing,
// or an empty text where text cannot be.
func emptyFor(t expression.Type, v any) bool {
	s, isText := v.(string)
	return v == nil || isText && t != expression.Text && t != expression.Any && blank(s)
}

// isoDate reports whether the text begins with a year, month and day.
func isoDate(s string) bool {
	return len(s) >= 10 && s[4] == '-' && s[7] == '-'
}

// Number is a JSON number, or a template that gives one.
type Number struct {
	Source Value

	given    bool // in the document, and a number or text
	constant float64
}

// Read implements Field.
func (n *Number) Read(v any) error {
	switch v := v.(type) {
	case string:
		n.given = true
		return n.Source.Read(v)
	case json.Number:
		f, err := strconv.ParseFloat(v.String(), 64)
		if err != nil {
			return wanted("a number", v)
		}
		n.constant, n.given = f, true
		return n.Source.Read(v)
	}
	return wanted("a number", v)
}

// Schema implements Field.
func (n *Number) Schema() map[string]any {
	return map[string]any{"anyOf": []any{map[string]any{"type": "number"}, reference("template")}}
}

// Number checks a number between least and most.
func (c *Checker) Number(key string, n *Number, least, most float64) {
	if !n.given {
		return
	}
	c.Value(key, &n.Source)
	if !n.Source.node.fixed {
		return
	}
	c.In(key, func() {
		v, err := expression.Convert(expression.Number, n.Source.node.constant, expression.Locale{})
		f, ok := v.(float64)
		switch {
		case err != nil || !ok:
			c.Problem(CodeValue, key+" needs a number", "")
		case f < least || f > most:
			c.Problem(CodeValue, fmt.Sprintf("%s is %v, but from %v to %v is possible", key, f, least, most), "")
		default:
			n.constant = f
		}
	})
}

func (n *Number) run(env Env, locals map[string]any) (float64, error) {
	if n.Source.node.fixed {
		return n.constant, nil
	}
	v, err := n.Source.typed(env, locals, expression.Number)
	f, _ := v.(float64)
	return f, err
}
