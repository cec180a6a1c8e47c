package expression

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
)

// evaluate computes a value against a running Env.
type evaluate func(e *Env) (any, error)

// node is a compiled part of an expression.
type node struct {
	typ  Type
	eval evaluate
	// raw reads a name as ?? and has see it: nil when unset or empty. It is
	// nil for everything that is not a name.
	raw      evaluate
	constant bool  // the value is known at check time
	value    any   // of a constant
	samples  []any // what it may be, from the document's samples
	name     string
}

func constant(t Type, v any) node {
	return node{typ: t, constant: true, value: v, eval: func(*Env) (any, error) { return v, nil }}
}

// unknown stands in for what had a problem, so that it causes no others.
func unknown() node { return node{typ: Any, eval: func(*Env) (any, error) { return nil, nil }} }

// compiler checks one expression and makes a node of it.
type compiler struct {
	scope     *Scope
	source    string // its words joined
	offset    int    // of the source in the text it was found in
	problems  []*Problem
	nodes     int
	check     *Env // runs what is constant
	variables []variable
	slots     int   // of variables
	item      *node // what # is, nil outside of a condition over a list
	condition string
	secret    bool // it reads secret.x
}

// variable is a name given by let.
type variable struct {
	name string
	slot int
	node node
}

// checkTime and checkLocale are the turn of calls that are run at check time.
var checkTime = time.Date(2024, time.February, 29, 12, 30, 0, 0, time.UTC)

const checkLocale = "vi_VN"

func (s *Scope) compiler(source string, offset int) *compiler {
	check := s.Env(Values{Now: checkTime, Facts: map[string]any{"locale": checkLocale}})
	check.limit = MaxCheckSteps
	return &compiler{scope: s, source: joinWords(source), offset: offset, check: check}
}

// compile returns the compiled source; ok is false when there are problems that
// are more than warnings.
func (c *compiler) compile() (n node, ok bool) {
	switch {
	case len(c.source) > MaxExpression:
		c.problem(CodeLimit, 0, "", "an expression is at most %d KB long", MaxExpression>>10)
	case strings.TrimSpace(c.source) == "":
		c.problem(CodeSyntax, 0, "write a name, such as first_name", "an expression is missing")
	default:
		tree, err := parse(c.source)
		if err != nil {
			c.syntax(err)
			break
		}
		n = c.node(tree)
	}
	return n, !failed(c.problems)
}

// parse reads the source with expr-lang's parser.
func parse(source string) (tree ast.Node, err *file.Error) {
	defer func() {
		if r := recover(); r != nil {
			tree, err = nil, &file.Error{Message: "it cannot be read"}
		}
	}()
	config := &conf.Config{MaxNodes: MaxNodes}
	config.WithEnv(map[string]any{})
	parsed, failure := parser.ParseWithConfig(source, config)
	if failure == nil {
		return parsed.Node, nil
	}
	if e, ok := failure.(*file.Error); ok {
		return nil, e
	}
	return nil, &file.Error{Message: failure.Error()}
}

// syntax reports what the parser could not read, in an author's words.
func (c *compiler) syntax(err *file.Error) {
	message, hint := err.Message, ""
	switch {
	case strings.Contains(message, "token EOF"), strings.Contains(message, "unexpected end"):
		message = "the expression ends too early"
	case strings.HasPrefix(message, "unexpected token "):
		_, token, _ := strings.Cut(message, "(")
		message = strings.TrimSuffix(token, ")") + " is not expected here"
	case strings.Contains(message, "maximum allowed nodes"):
		c.problem(CodeLimit, 0, "", "the expression has more than %d parts", MaxNodes)
		return
	case strings.Contains(message, "cannot be mixed"):
		message, hint = "?? beside another operator needs parentheses", "such as (x ?? 0) + 1"
	case strings.Contains(message, "literal not terminated"):
		message = "a quoted text does not end"
	case strings.HasPrefix(message, "wrap predicate"):
		message = "a condition with ; needs braces"
	}
	c.problem(CodeSyntax, c.bytes(err.From), hint, "%s", message)
}

// bytes turns the parser's offset in runes into one in bytes.
func (c *compiler) bytes(runes int) int {
	for i := range c.source {
		if runes == 0 {
			return i
		}
		runes--
	}
	return len(c.source)
}

// at is the offset of a parsed node within the source.
func (c *compiler) at(n ast.Node) int { return c.bytes(n.Location().From) }

func (c *compiler) problem(code string, at int, hint, format string, args ...any) {
	c.problems = append(c.problems, &Problem{Code: code, Message: fmt.Sprintf(format, args...), Hint: hint, Offset: c.offset + at})
}

func (c *compiler) warn(code string, at int, hint, format string, args ...any) {
	c.problem(code, at, hint, format, args...)
	c.problems[len(c.problems)-1].Warning = true
}

// node compiles one part of the tree. The parser shares parts of a ?: b, which
// makes long chains of it double; counting here bounds them.
func (c *compiler) node(n ast.Node) node {
	if c.nodes++; c.nodes > MaxNodes {
		if c.nodes == MaxNodes+1 {
			c.problem(CodeLimit, 0, "", "the expression has more than %d parts", MaxNodes)
		}
		return unknown()
	}
	switch n := n.(type) {
	case *ast.NilNode:
		return constant(nothing, nil)
	case *ast.BoolNode:
		return constant(Boolean, n.Value)
	case *ast.IntegerNode:
		if n.Value > maxExact || n.Value < -maxExact {
			c.problem(CodeArgument, c.at(n), "write it as a text, in quotes", "the number %d is too large to be exact", n.Value)
		}
		return constant(Number, float64(n.Value))
	case *ast.FloatNode:
		return constant(Number, n.Value)
	case *ast.StringNode:
		return constant(Text, n.Value)
	case *ast.IdentifierNode:
		return c.identifier(n)
	case *ast.UnaryNode:
		return c.unary(n)
	case *ast.BinaryNode:
		return c.binary(n)
	case *ast.ChainNode:
		return c.node(n.Node)
	case *ast.MemberNode:
		return c.member(n)
	case *ast.SliceNode:
		return c.slice(n)
	case *ast.CallNode:
		return c.call(n)
	case *ast.BuiltinNode:
		return c.named(n, n.Name, n.Arguments)
	case *ast.PointerNode:
		return c.pointer(n)
	case *ast.ConditionalNode:
		return c.conditional(n)
	case *ast.VariableDeclaratorNode:
		return c.let(n)
	case *ast.ArrayNode:
		return c.array(n)
	case *ast.MapNode:
		return c.mapping(n)
	case *ast.SequenceNode:
		c.problem(CodeSyntax, c.at(n), "only let may stand before a ;", "an expression gives one value")
	default:
		c.problem(CodeSyntax, c.at(n), "", "this is not part of the language here")
	}
	return unknown()
}

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
		hint := didYouMean(name, c.names())
		if hint == "" {
			hint = fmt.Sprintf("declare it as an attribute, or read another flow's as attr[%q]", name)
		}
		c.problem(CodeUnknownName, at, hint, "unknown name %q", name)
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

// conditional compiles a ? b : c and if a { b } else { c }.
func (c *compiler) conditional(n *ast.ConditionalNode) node {
	cond := c.want(c.node(n.Cond), Boolean, c.at(n.Cond), "a condition")
	yes, no := c.node(n.Exp1), c.node(n.Exp2)
	test, a, b := cond.eval, yes.eval, no.eval
	return node{
		typ:     common(yes, no),
		samples: slices.Concat(yes.samples, no.samples),
		eval: func(e *Env) (any, error) {
			v, err := test(e)
			if err != nil {
				return nil, err
			}
			if v.(bool) {
				return a(e)
			}
			return b(e)
		},
	}
}

// common is the type of a value that is one of the two.
func common(a, b node) Type {
	switch {
	case a.typ == b.typ:
		return a.typ
	case a.typ.temporal() && b.typ.temporal():
		return moment
	}
	return Any
}

// array compiles [a, b].
func (c *compiler) array(n *ast.ArrayNode) node {
	items := make([]evaluate, len(n.Nodes))
	all := true
	for i := range n.Nodes {
		item := c.node(n.Nodes[i])
		items[i] = item.eval
		all = all && item.constant
	}
	list := node{typ: List, eval: func(e *Env) (any, error) {
		if err := e.spend(len(items)); err != nil {
			return nil, err
		}
		list := make([]any, len(items))
		for i, item := range items {
			v, err := item(e)
			if err != nil {
				return nil, err
			}
			list[i] = v
		}
		return list, nil
	}}
	if all {
		return c.settle(list, c.at(n))
	}
	return list
}

// mapping compiles {a: 1, "b": 2}.
func (c *compiler) mapping(n *ast.MapNode) node {
	type pair struct{ key, value evaluate }
	pairs := make([]pair, 0, len(n.Pairs))
	for i := range n.Pairs {
		p, ok := n.Pairs[i].(*ast.PairNode)
		if !ok {
			continue
		}
		key := c.want(c.node(p.Key), Text, c.at(p.Key), "a key")
		pairs = append(pairs, pair{key.eval, c.node(p.Value).eval})
	}
	return node{typ: JSON, eval: func(e *Env) (any, error) {
		if err := e.spend(len(pairs)); err != nil {
			return nil, err
		}
		m := make(map[string]any, len(pairs))
		for _, p := range pairs {
			key, err := p.key(e)
			if err != nil {
				return nil, err
			}
			if m[key.(string)], err = p.value(e); err != nil {
				return nil, err
			}
		}
		return m, nil
	}}
}

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
