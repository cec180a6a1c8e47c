package expression

import "fmt"

// settle runs what depends on constants only, so that its mistakes show at
// check time and its work is done once. Dates are made again in every turn:
// they are in the turn's zone. Where there are problems already nothing is run.
func (c *compiler) settle(n node, at int) node {
	if failed(c.problems) {
		return n
	}
	c.check.arguments = c.check.arguments[:0]
	v, err := n.eval(c.check)
	if err != nil {
		c.problem(CodeArgument, at, "", "%v", err)
		return unknown()
	}
	if _, ok := timeOf(v); ok {
		return n
	}
	return constant(n.typ, v)
}

// want makes a node of the wanted type: the same node, one that converts when
// it is run, or a problem when its type can never be it. who says in the
// message what needs the type.
func (c *compiler) want(n node, t Type, at int, who string) node {
	if n.typ == t || t == Any || t == JSON || t == moment && n.typ.temporal() {
		return n
	}
	written := n.constant && n.typ == Text && (t.temporal() || t == duration)
	if !n.typ.dynamic() && n.typ != nothing && !written && !(t.temporal() && n.typ.temporal()) {
		c.problem(CodeType, at, conversionHint(n, t), "%s needs %s but got %s", who, t.phrase(), n.typ.phrase())
		return unknown()
	}
	c.warnSample(n, t, at, who)
	return c.convert(n, t, at, who)
}

// convert makes a node whose value is converted when it is run.
func (c *compiler) convert(n node, t Type, at int, who string) node {
	inner := n.eval
	converted := node{typ: t, samples: n.samples, eval: func(e *Env) (any, error) {
		v, err := inner(e)
		if err != nil {
			return nil, err
		}
		if v, err = e.as(t, v); err != nil {
			return nil, fmt.Errorf("%s %w", who, err)
		}
		return v, nil
	}}
	if n.constant {
		return c.settle(converted, at)
	}
	return converted
}

// conversionHint says how to get from what there is to what is needed.
func conversionHint(n node, t Type) string {
	name := n.name
	if name == "" {
		name = "…"
	}
	switch {
	case t == Boolean && n.name != "":
		return fmt.Sprintf("write has(%q), or compare it", n.name)
	case t == Boolean:
		return "compare it with something"
	case t == Number && n.typ == Text:
		return fmt.Sprintf("write float(%s)", name)
	case t == Text && n.typ == List:
		return fmt.Sprintf(`write join(%s, ", ")`, name)
	case t == Text:
		return fmt.Sprintf("write string(%s)", name)
	case t.temporal() && n.typ == Text:
		return fmt.Sprintf("write date(%s)", name)
	}
	return ""
}
