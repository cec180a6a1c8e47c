package expression

import (
	"fmt"

	"github.com/expr-lang/expr/ast"
)

// call compiles f(x).
func (c *compiler) call(n *ast.CallNode) node {
	name, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		c.problem(CodeSyntax, c.at(n), "such as upper(name)", "values have no functions of their own")
		return unknown()
	}
	return c.named(n, name.Value, n.Arguments)
}

// named compiles a call of the function with the name.
func (c *compiler) named(n ast.Node, name string, args []ast.Node) node {
	f := c.scope.function(name)
	switch {
	case f == nil:
		c.unknownFunction(name, c.at(n))
		return unknown()
	case len(args) < f.least() || len(args) > f.most():
		c.problem(CodeType, c.at(n), "write "+f.signature(), "%s takes %s, not %d", name, f.count(), len(args))
		return unknown()
	case name == "has":
		return c.has(args[0])
	case name == "t":
		return c.translation(n, args)
	case f.isCondition():
		return c.overList(n, f, args)
	}
	return c.plainCall(n, f, args)
}

func (c *compiler) unknownFunction(name string, at int) {
	switch name {
	case "reduce":
		c.problem(CodeUnknownFunction, at, "use sum, count, min, max or join", "reduce is not available: its work has no bound")
		return
	case "":
		c.problem(CodeSyntax, at, "", "a function name is missing")
		return
	}
	names := functionNames()
	if c.scope.people != nil {
		for _, f := range PeopleFunctions() {
			names = append(names, f.Name)
		}
	}
	hint := functionHint(name)
	if hint == "" {
		hint = didYouMean(name, names)
	}
	if c.means(name) {
		hint = fmt.Sprintf("%s is a value: write it without ()", name)
	}
	c.problem(CodeUnknownFunction, at, hint, "unknown function %q", name)
}

// function is the one the scope means by a name, nil when there is none.
func (s *Scope) function(name string) *function {
	if s.people != nil {
		if f := peopleFunctionNamed(name); f != nil {
			return f
		}
	}
	return functionNamed(name)
}

// count says how many arguments are taken.
func (f *function) count() string {
	least, most := f.least(), f.most()
	switch {
	case most == 0:
		return "no arguments"
	case most == maxArguments:
		return fmt.Sprintf("at least %d arguments", least)
	case least == most && most == 1:
		return "one argument"
	case least == most:
		return fmt.Sprintf("%d arguments", most)
	}
	return fmt.Sprintf("%d to %d arguments", least, most)
}

// plainCall compiles a call whose arguments are values.
func (c *compiler) plainCall(n ast.Node, f *function, args []ast.Node) node {
	nodes := make([]node, len(args))
	settled := len(args) > 0
	for i := range args {
		nodes[i] = c.argument(f, i, args[i])
		settled = settled && nodes[i].constant
	}
	result := node{typ: f.gives, eval: f.caller(nodes)}
	switch {
	case f.givesFor != nil:
		result.typ = f.givesFor(nodes)
	case f.same:
		result.typ, result.samples = nodes[0].typ, nodes[0].samples
	case f.item:
		result.samples = itemsOf(nodes[0].samples)
	}
	if !settled {
		return result
	}
	tried := c.settle(result, c.at(n))
	if f.varies {
		return result
	}
	return tried
}

// argument compiles one argument. Texts take every scalar, as a template would
// print it; dates are read from texts.
func (c *compiler) argument(f *function, i int, arg ast.Node) node {
	p, at := f.param(i), c.at(arg)
	who := f.Name
	if len(f.params) > 1 {
		who = fmt.Sprintf("%q of %s", p.name, f.Name)
	}
	n := c.node(arg)
	loose := p.typ == Text && n.typ.scalar() && n.typ != Text || (p.typ.temporal() || p.typ == duration) && n.typ == Text
	if loose {
		n = c.convert(n, p.typ, at, who)
	} else {
		n = c.want(n, p.typ, at, who)
	}
	if p.check != nil && n.constant {
		if err := p.check(c.check, n.value); err != nil {
			c.problem(CodeArgument, at, "", "%s: %v", f.Name, err)
		}
	}
	return n
}

// caller runs the arguments and then the function. Arguments live on the Env's
// stack, so that calls allocate nothing.
func (f *function) caller(args []node) evaluate {
	evals := make([]evaluate, len(args))
	for i := range args {
		evals[i] = args[i].eval
	}
	run, name := f.run, f.Name
	return func(e *Env) (any, error) {
		base := len(e.arguments)
		for _, eval := range evals {
			v, err := eval(e)
			if err != nil {
				return nil, err
			}
			e.arguments = append(e.arguments, v)
		}
		given := e.arguments[base:]
		if err := e.spendArguments(given); err != nil {
			return nil, fmt.Errorf("%s %w", name, err)
		}
		v, err := run(e, given)
		e.arguments = e.arguments[:base]
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return v, nil
	}
}

// has compiles has("x"), has(x) and has(x.y): whether it is set and not empty.
func (c *compiler) has(arg ast.Node) node {
	var n node
	if s, ok := arg.(*ast.StringNode); ok {
		n = c.identifier(c.nameIn(s))
	} else {
		n = c.node(arg)
	}
	eval := n.optional().eval
	return node{typ: Boolean, eval: func(e *Env) (any, error) {
		v, err := eval(e)
		return !isEmpty(v), err
	}}
}

// nameIn makes the name in a text a name of the source.
func (c *compiler) nameIn(s *ast.StringNode) *ast.IdentifierNode {
	name := &ast.IdentifierNode{Value: fold(s.Value)}
	name.SetLocation(s.Location())
	return name
}

// translation compiles t('table', value): the text of the value in one of the
// document's tables, that of * for others, else the value itself.
func (c *compiler) translation(n ast.Node, args []ast.Node) node {
	name := c.node(args[0])
	table, ok := name.value.(string)
	if !name.constant || !ok {
		c.problem(CodeType, c.at(args[0]), "such as t('status', o.status)", "t needs the name of a table in quotes")
		return unknown()
	}
	texts, ok := c.scope.table.texts[table]
	if !ok {
		names := make([]string, 0, len(c.scope.table.texts))
		for name := range c.scope.table.texts {
			names = append(names, name)
		}
		c.problem(CodeUnknownName, c.at(args[0]), didYouMean(table, names), "there is no table %q in texts", table)
		return unknown()
	}
	value := c.argument(functionNamed("t"), 1, args[1])
	eval := value.eval
	result := node{typ: Text, eval: func(e *Env) (any, error) {
		v, err := eval(e)
		if err != nil {
			return nil, err
		}
		if text, ok := texts[v.(string)]; ok {
			return text, nil
		}
		if text, ok := texts["*"]; ok {
			return text, nil
		}
		return v, nil
	}}
	if value.constant {
		return c.settle(result, c.at(n))
	}
	return result
}
