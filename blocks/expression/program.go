package expression

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Evaluator is a Template or a Program.
type Evaluator interface {
	// Eval returns the value: for a template that is exactly one {{ … }} the
	// expression's own type, for any other template text. Values are string,
	// float64, bool, time.Time (a date at its midnight, nil when unset),
	// time.Duration, []any and map[string]any; lists and maps belong to the
	// caller.
	Eval(e *Env, locals map[string]any) (any, error)
}

var (
	_ Evaluator = (*Template)(nil)
	_ Evaluator = (*Program)(nil)
)

// Program is a compiled expression, safe for concurrent use.
type Program struct {
	source string
	table  *table
	node   node
	secret bool // its errors must not show what it computed with
}

// Expression compiles a bare expression whose result must be want. The program
// is nil when a problem is more than a warning.
func (s *Scope) Expression(text string, want Type) (*Program, []*Problem) {
	c := s.compiler(text, 0)
	p, ok := c.program(text)
	if ok {
		p.node = c.want(p.node, want, 0, "this")
		ok = !failed(c.problems)
	}
	if !ok {
		return nil, c.problems
	}
	return p, c.problems
}

func (c *compiler) program(source string) (*Program, bool) {
	n, ok := c.compile()
	return &Program{source: source, table: c.scope.table, node: n, secret: c.secret}, ok
}

// Eval implements Evaluator. The value is of the type the expression was
// compiled for; a date stays one, also as JSON: 2006-01-02.
func (p *Program) Eval(e *Env, locals map[string]any) (any, error) {
	e.begin(p.table, locals)
	v, err := p.run(e)
	if err != nil {
		return nil, err
	}
	if v, err = outside(v); err != nil {
		return nil, p.failure(err)
	}
	return v, nil
}

// Source returns the expression as the author wrote it.
func (p *Program) Source() string { return p.source }

// Type returns what is known of the result before it is run; Any when nothing
// is.
func (p *Program) Type() Type {
	switch p.node.typ {
	case nothing, duration:
		return Any
	case moment:
		return DateTime
	}
	return p.node.typ
}

// Item returns a sample of one item of the list the program gives, for With:
// the members of all items in the document's sample. It is nil without one.
func (p *Program) Item() any { return merged(itemsOf(p.node.samples)) }

// run computes the value within a begun evaluation.
func (p *Program) run(e *Env) (any, error) {
	v, err := p.node.eval(e)
	if err != nil {
		return nil, p.failure(err)
	}
	return v, nil
}

// failure names the expression in its error. What a secret was computed into
// is not shown.
func (p *Program) failure(err error) error {
	var missing *missingSecret
	if p.secret && !errors.As(err, &missing) {
		return fmt.Errorf("{{ %s }} could not be computed", shortened(p.source))
	}
	return fmt.Errorf("{{ %s }}: %w", shortened(p.source), err)
}

// shortened is a source as a message shows it.
func shortened(source string) string {
	const most = 80
	r := []rune(strings.TrimSpace(source))
	if len(r) > most {
		return string(r[:most]) + "…"
	}
	return string(r)
}

// outside makes of a value inside what Eval returns.
func outside(v any) (any, error) {
	switch v := v.(type) {
	case nil, string, float64, bool, day, time.Time, time.Duration:
		return v, nil
	}
	return exactly(v)
}
