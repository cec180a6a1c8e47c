package expression

import (
	"fmt"

	"github.com/expr-lang/expr/ast"
)

// space compiles attr["x"], bot.x, answer.x, send.x and secret.x; ok is false
// when the member is of something else.
func (c *compiler) space(n *ast.MemberNode) (result node, ok bool) {
	base, isName := n.Node.(*ast.IdentifierNode)
	if !isName || !isSpace(base.Value) {
		return node{}, false
	}
	if _, hidden := c.scope.locals[base.Value]; hidden {
		return node{}, false
	}
	c.nodes++
	key := c.node(n.Property)
	name, named := key.value.(string)
	if key.constant && named {
		return c.spaceNamed(base.Value, name, c.at(n)), true
	}
	if base.Value == spaceSecret {
		c.problem(CodeType, c.at(n), "", "a secret is named in the text itself")
		return unknown(), true
	}
	return c.spaceComputed(base.Value, c.want(key, Text, c.at(n.Property), base.Value+"[…]")), true
}

func (c *compiler) spaceNamed(space, name string, at int) node {
	i, declared := c.scope.table.slot(name)
	if c.scope.people != nil {
		return c.attributeOfPeople(space, name, at)
	}
	switch space {
	case spaceAttribute:
		if declared {
			return c.scope.table.reader(i)
		}
		return open(space, name, func(e *Env) any { return e.attribute(name) })
	case spaceBot:
		return open(space, name, func(e *Env) any { return plain(loosely(e.values.Bot, name)) })
	case spaceAnswer, spaceForeign:
		if !declared {
			c.problem(CodeUnknownName, at, didYouMean(name, c.scope.Names()), "no ask can save to %q: it is not declared", name)
			return unknown()
		}
		return c.scope.table.closed(i, space, func(e *Env) map[string]any { return e.values.Answer })
	case spaceSend:
		if declared {
			return c.scope.table.closed(i, space, func(e *Env) map[string]any { return e.values.Send })
		}
		return open(space, name, func(e *Env) any { return plain(loosely(e.values.Send, name)) })
	}
	return c.secretNamed(name, at)
}

// open compiles a value of any type.
func open(space, name string, read func(e *Env) any) node {
	eval := func(e *Env) (any, error) { return read(e), nil }
	return node{typ: Any, name: space + "." + name, eval: eval, raw: eval}
}

// closed compiles a value of the type its name is declared with.
func (t *table) closed(i int, space string, values func(e *Env) map[string]any) node {
	d := t.names[i].Declaration
	raw := func(e *Env) (any, error) { return e.typed(d.Type, loosely(values(e), d.Name)), nil }
	return node{typ: d.Type, name: space + "." + d.Name, samples: sampled(d.Sample), raw: raw, eval: func(e *Env) (any, error) {
		if v, err := raw(e); v != nil || err != nil {
			return v, err
		}
		return d.Type.zero(), nil
	}}
}

func (c *compiler) spaceComputed(space string, key node) node {
	eval := func(e *Env) (any, error) {
		v, err := key.eval(e)
		if err != nil {
			return nil, err
		}
		name := v.(string)
		switch space {
		case spaceAttribute:
			if i, ok := e.table.slot(name); ok {
				return e.slot(i).value, nil
			}
			return e.attribute(name), nil
		case spaceBot:
			return plain(loosely(e.values.Bot, name)), nil
		case spaceSend:
			return plain(loosely(e.values.Send, name)), nil
		}
		return plain(loosely(e.values.Answer, name)), nil
	}
	return node{typ: Any, eval: eval, raw: eval}
}

func (c *compiler) secretNamed(name string, at int) node {
	if !c.scope.secrets {
		c.problem(CodeUnknownName, at, "secrets are for the url, headers and body of a request", "secret.%s cannot be read here", name)
		return unknown()
	}
	c.secret = true
	return node{typ: Text, name: "secret." + name, eval: func(e *Env) (any, error) {
		if e.values.Secret != nil {
			if v, ok := e.values.Secret(name); ok {
				return v, nil
			}
		}
		return nil, &missingSecret{name}
	}}
}

// missingSecret is the one error about a secret that may be shown.
type missingSecret struct{ name string }

func (m *missingSecret) Error() string {
	return fmt.Sprintf("secret.%s is not set: use blockcast secrets set", m.name)
}
