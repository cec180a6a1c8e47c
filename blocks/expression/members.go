package expression

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
)

// member compiles a.b, a["b"] and a[0]. What is not there is nil.
func (c *compiler) member(n *ast.MemberNode) node {
	if space, ok := c.space(n); ok {
		return space
	}
	base := c.node(n.Node)
	key := c.node(n.Property)
	if !c.hasMembers(n, base, key) {
		return unknown()
	}
	samples := c.memberSamples(n, base, key)
	if key.constant {
		return constantMember(base, key.value, samples)
	}
	read := both(base, key, func(e *Env, v, k any) (any, error) { return e.memberOf(v, k) })
	return node{typ: Any, samples: samples, eval: read, raw: read}
}

// constantMember compiles the common case of a member named in the text.
func constantMember(base node, key any, samples []any) node {
	eval := base.eval
	read := func(e *Env) (any, error) {
		v, err := eval(e)
		if err != nil {
			return nil, err
		}
		if m, ok := v.(map[string]any); ok {
			if name, ok := key.(string); ok {
				return plain(m[name]), nil
			}
		}
		return e.memberOf(v, key)
	}
	name := ""
	if k, ok := key.(string); ok && base.name != "" {
		name = base.name + "." + k
	}
	return node{typ: Any, samples: samples, name: name, eval: read, raw: read}
}

// memberOf reads a member of a map or an item of a list, nil-safe.
func (e *Env) memberOf(v, key any) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		name, err := e.asText(key)
		return plain(v[name]), err
	case []any:
		f, ok := key.(float64)
		if !ok {
			return nil, nil
		}
		if i, ok := index(f, len(v)); ok {
			return plain(v[i]), nil
		}
	case string:
		if err := e.spend(len(v) / stepBytes); err != nil {
			return nil, err
		}
		if f, ok := key.(float64); ok {
			if i, ok := index(f, utf8.RuneCountInString(v)); ok {
				return string([]rune(v)[i]), nil
			}
		}
	}
	return nil, nil
}

// index finds the place of a number in a list; negative ones count from its
// end.
func index(f float64, length int) (int, bool) {
	if f < 0 {
		f += float64(length)
	}
	if f != math.Trunc(f) || f < 0 || f >= float64(length) {
		return 0, false
	}
	return int(f), true
}

// hasMembers reports what can have no members, and wrong keys.
func (c *compiler) hasMembers(n *ast.MemberNode, base, key node) bool {
	switch {
	case base.typ.dynamic() || base.typ == nothing:
		return true
	case base.typ == List || base.typ == Text:
		if key.typ == Number || key.typ.dynamic() {
			return true
		}
		hint := ""
		if base.typ == List && base.name != "" && key.constant {
			hint = fmt.Sprintf("write %s[0].%v", base.name, key.value)
		}
		c.problem(CodeType, c.at(n), hint, "%s has items, not members", base.typ.phrase())
	default:
		c.problem(CodeType, c.at(n), "", "%s has no members", base.typ.phrase())
	}
	return false
}

// memberSamples follows the samples, and warns of a member none of them has.
func (c *compiler) memberSamples(n *ast.MemberNode, base, key node) []any {
	if key.typ == Number {
		return itemsOf(base.samples)
	}
	name, ok := key.value.(string)
	if !key.constant || !ok || len(base.samples) == 0 {
		return nil
	}
	members, keys, known := membersOf(base.samples, name)
	if known {
		if len(members) == 0 {
			hint := didYouMean(name, keys)
			if hint == "" {
				hint = "it has " + strings.Join(keys[:min(len(keys), 8)], ", ")
			}
			c.warn(CodeUnknownPath, c.at(n), hint, "the sample of %s has no %q", calledIn(base, "this value"), name)
		}
		return members
	}
	if len(itemsOf(base.samples)) > 0 {
		c.warn(CodeUnknownPath, c.at(n), "take an item first, such as [0]", "the sample of %s is a list", calledIn(base, "this value"))
	}
	return nil
}

// calledIn names a value in a message.
func calledIn(n node, otherwise string) string {
	if n.name == "" {
		return otherwise
	}
	return n.name
}

// slice compiles list[a:b] and text[a:b]; texts are cut between letters.
func (c *compiler) slice(n *ast.SliceNode) node {
	base := c.node(n.Node)
	if base.typ != List && base.typ != Text && !base.typ.dynamic() {
		c.problem(CodeType, c.at(n), "", "%s cannot be cut", base.typ.phrase())
		return unknown()
	}
	from, to := constant(Number, 0.0), constant(Number, math.Inf(1))
	if n.From != nil {
		from = c.want(c.node(n.From), Number, c.at(n.From), "a place in a list or text")
	}
	if n.To != nil {
		to = c.want(c.node(n.To), Number, c.at(n.To), "a place in a list or text")
	}
	eval := base.eval
	return node{typ: base.typ, samples: base.samples, eval: func(e *Env) (any, error) {
		v, err := eval(e)
		if err != nil {
			return nil, err
		}
		a, err := from.eval(e)
		if err != nil {
			return nil, err
		}
		b, err := to.eval(e)
		if err != nil {
			return nil, err
		}
		return e.sliceOf(v, a.(float64), b.(float64))
	}}
}

func (e *Env) sliceOf(v any, from, to float64) (any, error) {
	switch v := v.(type) {
	case []any:
		a, b := bounds(from, to, len(v))
		return v[a:b:b], nil
	case string:
		if err := e.spend(len(v) / stepBytes); err != nil {
			return nil, err
		}
		letters := []rune(v)
		a, b := bounds(from, to, len(letters))
		return e.made(string(letters[a:b]))
	case nil:
		return nil, nil
	}
	return nil, fmt.Errorf("only lists and texts can be cut, not %s", kindOf(v))
}

func bounds(from, to float64, length int) (int, int) {
	place := func(f float64) int {
		if f < 0 {
			f += float64(length)
		}
		return int(max(0, min(f, float64(length))))
	}
	a, b := place(from), place(to)
	return a, max(a, b)
}

// pointer compiles # and #index inside a condition over a list.
func (c *compiler) pointer(n *ast.PointerNode) node {
	switch {
	case c.item == nil:
		c.problem(CodeSyntax, c.at(n), "such as filter(orders, #.total > 0)", "# is only known in a condition over a list")
	case n.Name == "":
		return *c.item
	case n.Name == "index":
		return node{typ: Number, eval: func(e *Env) (any, error) { return float64(e.position), nil }}
	default:
		c.problem(CodeUnknownName, c.at(n), "did you mean #."+n.Name+"?", "unknown name #%s", n.Name)
	}
	return unknown()
}
