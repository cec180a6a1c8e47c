package expression

import (
	"fmt"

	"github.com/expr-lang/expr/ast"
)

// identifier compiles a name.
func (c *compiler) identifier(n *ast.IdentifierNode) node {
	for i := len(c.variables) - 1; i >= 0; i-- {
		if v := c.variables[i]; v.name == n.Value {
			return v.node
		}
	}
	if sample, ok := c.scope.locals[n.Value]; ok {
		return local(n.Value, sample)
	}
	if i, ok := c.scope.table.slot(n.Value); ok {
		return c.scope.table.reader(i)
	}
	c.unknownName(n.Value, c.at(n))
	return unknown()
}

func (c *compiler) unknownName(name string, at int) {
	switch {
	case isSpace(name):
		c.problem(CodeUnknownName, at, fmt.Sprintf("such as %s.x", name), "%s needs the name of what to read", name)
	case functionNamed(name) != nil:
		c.problem(CodeUnknownName, at, "write "+functionNamed(name).Example, "%s is a function", name)
	default:
		if word, write, place := c.operatorIn(name, at); word != "" {
			c.problem(CodeSyntax, place, "write "+write, "%q is no operator", word)
			return
		}
		c.problem(CodeUnknownName, at, c.nameHint(name), "unknown name %q", name)
	}
}

// names are those a text may use here, for hints.
func (c *compiler) names() []string {
	names := c.scope.Names()
	for _, v := range c.variables {
		names = append(names, v.name)
	}
	return names
}

// reader compiles the reading of a declared name or fact.
func (t *table) reader(i int) node {
	n := &t.names[i]
	return node{
		typ:     n.Type,
		name:    n.Name,
		samples: sampled(n.Sample),
		eval:    func(e *Env) (any, error) { return e.slot(i).value, nil },
		raw: func(e *Env) (any, error) {
			if s := e.slot(i); s.set {
				return s.value, nil
			}
			return nil, nil
		},
	}
}

// local compiles the reading of a name that With added.
func local(name string, sample any) node {
	read := func(e *Env) (any, error) {
		if v, ok := e.locals[name]; ok {
			return plain(v), nil
		}
		return plain(loosely(e.locals, name)), nil
	}
	return node{typ: Any, name: name, samples: sampled(sample), eval: read, raw: read}
}

// optional makes a node that gives nil for what is unset or empty.
func (n node) optional() node {
	if n.raw != nil {
		n.eval = n.raw
	}
	return n
}

// let compiles let x = value; expr.
func (c *compiler) let(n *ast.VariableDeclaratorNode) node {
	value := c.node(n.Value)
	if c.means(n.Name) {
		c.problem(CodeReserved, c.at(n), "choose another name", "%q already means something", n.Name)
		return unknown()
	}
	slot := c.slots
	c.slots++
	read := node{typ: value.typ, name: n.Name, samples: value.samples, eval: func(e *Env) (any, error) { return e.variables[slot], nil }}
	c.variables = append(c.variables, variable{n.Name, slot, read})
	body := c.node(n.Expr)
	c.variables = c.variables[:len(c.variables)-1]

	set, get := value.eval, body.eval
	body.raw, body.constant = nil, false
	body.eval = func(e *Env) (any, error) {
		v, err := set(e)
		if err != nil {
			return nil, err
		}
		for len(e.variables) <= slot {
			e.variables = append(e.variables, nil)
		}
		e.variables[slot] = v
		return get(e)
	}
	return body
}

// means reports whether a name is taken here.
func (c *compiler) means(name string) bool {
	for _, v := range c.variables {
		if v.name == name {
			return true
		}
	}
	_, local := c.scope.locals[name]
	_, declared := c.scope.table.slot(name)
	return local || declared || isSpace(name) || functionNamed(name) != nil
}
