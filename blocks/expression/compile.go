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
	typed     string // as it was written
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
	check.limit, check.either = MaxCheckSteps, true
	return &compiler{scope: s, source: joinWords(source), typed: source, offset: offset, check: check}
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
	place := c.bytes(err.From)
	var other habit
	if strings.HasPrefix(message, "unexpected token ") || strings.HasPrefix(message, "unrecognized character") {
		other = c.otherSyntax(place)
	}
	switch {
	case strings.Contains(c.source, "{{"):
		c.problem(CodeSyntax, strings.Index(c.source, "{{"), bare(c.source), "an expression is written without {{ }}")
		return
	case other.message != "":
		place, message, hint = other.at, other.message, other.hint
	case strings.HasPrefix(message, `bad number syntax: "`):
		number := strings.Trim(strings.TrimPrefix(message, "bad number syntax: "), `"`)
		message = quote(number) + " is no number"
		if at := strings.LastIndex(c.source[:min(place+1, len(c.source))], number); at >= 0 {
			place = at
		}
		if _, err := ParseDuration(number); err == nil {
			hint = fmt.Sprintf("write duration(%q)", number)
		}
	case strings.HasPrefix(message, `unexpected token Operator("=")`):
		message, hint = "= is no comparison", "write == to compare"
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
	c.problem(CodeSyntax, place, hint, "%s", message)
}

// bare hints at an expression that somebody put into braces as in a text.
func bare(source string) string {
	inner, opened := strings.CutPrefix(strings.TrimSpace(source), "{{")
	inner, closed := strings.CutSuffix(inner, "}}")
	if inner = strings.TrimSpace(inner); !opened || !closed || inner == "" || strings.Contains(inner, "{{") {
		return ""
	}
	return "write " + quote(inner)
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
