package expression

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// Question is a checked expression over people: a tree for a database, and the
// same asked of one person at a time. It is safe for concurrent use.
type Question struct {
	Source string
	Filter Filter
	people *People
	node   node
	parts  []*Question
}

// Question compiles an expression over people. It is nil when a problem is more
// than a warning; what a database cannot be asked is one, with its place.
func (p *People) Question(source string) (*Question, []*Problem) {
	c := p.scope.compiler(source, 0)
	// A check runs what is constant: at the moment the expression is about.
	c.check = p.scope.Env(Values{Now: p.options.Now, Zone: p.options.Zone, MonthDay: p.options.MonthDay})
	c.check.limit = MaxCheckSteps
	tree := c.readPeople()
	if failed(c.problems) {
		return nil, c.problems
	}
	p.foldTags(tree)
	q := c.question(p, source, tree)
	if failed(c.problems) {
		return nil, c.problems
	}
	if both, ok := tree.(*ast.BinaryNode); ok && isAnd(both) {
		warnings := c.problems // the parts have the same once more
		for _, side := range operands(both, nil) {
			part := c.question(p, textOf(side), side)
			if failed(c.problems) { // it counts twice towards MaxNodes
				return nil, c.problems
			}
			q.parts = append(q.parts, part)
		}
		c.problems = warnings
	}
	return q, c.problems
}

// readPeople parses the source and holds its limits.
func (c *compiler) readPeople() ast.Node {
	switch {
	case len(c.source) > MaxExpression:
		c.problem(CodeLimit, 0, "", "an expression is at most %d KB long", MaxExpression>>10)
	case isBlankText(c.source):
		c.problem(CodeSyntax, 0, `write a condition, such as "vip" in tags; everybody is said as {"all": true}`, "an expression is missing")
	default:
		tree, err := parse(c.source)
		if err == nil {
			return tree
		}
		c.syntax(err)
	}
	return nil
}

func isBlankText(s string) bool {
	return !slices.ContainsFunc([]rune(s), func(r rune) bool { return r != ' ' && r != '\t' && r != '\n' && r != '\r' })
}

// question checks a tree as flows' expressions are checked, then makes a filter
// of it.
func (c *compiler) question(p *People, source string, tree ast.Node) *Question {
	c.nodes = 0
	n := c.want(c.node(tree), Boolean, c.at(tree), "a condition over people")
	q := &Question{Source: source, people: p, node: n}
	if !failed(c.problems) {
		q.Filter = (&translator{compiler: c, people: p}).condition(tree)
	}
	return q
}

// Conditions are what the expression joins with and at its top; itself when it
// joins nothing.
func (q *Question) Conditions() []*Question {
	if len(q.parts) == 0 {
		return []*Question{q}
	}
	return q.parts
}

// Holds asks it of one person, as flows' expressions are evaluated.
func (q *Question) Holds(who *Person) (bool, error) {
	e := q.people.scope.Env(q.people.values(who))
	v, err := (&Program{source: q.Source, table: q.people.scope.table, node: q.node}).Eval(e, nil)
	if err != nil {
		return false, err
	}
	return asBoolean(v)
}

func isAnd(n *ast.BinaryNode) bool { return n.Operator == "and" || n.Operator == "&&" }

// operands flattens a chain of and.
func operands(n ast.Node, into []ast.Node) []ast.Node {
	if both, ok := n.(*ast.BinaryNode); ok && isAnd(both) {
		return operands(both.Right, operands(both.Left, into))
	}
	return append(into, n)
}

// textOf is a part as it is shown.
func textOf(part ast.Node) string {
	text := part.String()
	if len(text) > MaxExpression {
		return text[:strings.LastIndexByte(text[:MaxExpression], ' ')+1] + "…"
	}
	return text
}

// foldTags writes the tags that are compared with as they are kept.
func (p *People) foldTags(tree ast.Node) {
	ast.Walk(&tree, tagFolder(p.options.Fold))
}

type tagFolder func(string) string

// Visit implements ast.Visitor.
func (fold tagFolder) Visit(n *ast.Node) {
	b, ok := (*n).(*ast.BinaryNode)
	if !ok {
		return
	}
	tag := b.Left
	switch {
	case b.Operator == "in" && isTags(b.Right):
	case b.Operator == "contains" && isTags(b.Left):
		tag = b.Right
	default:
		return
	}
	if text, ok := tag.(*ast.StringNode); ok {
		text.Value = fold(text.Value)
	}
}

func isTags(n ast.Node) bool {
	name, ok := n.(*ast.IdentifierNode)
	return ok && name.Value == "tags"
}
