package blocks

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
)

// Field is a part of a step with a JSON form of its own.
type Field interface {
	// Read takes what the document holds: nil, a string, json.Number, bool,
	// []any or map[string]any. The error says what was wanted instead.
	Read(v any) error
	// Schema is the JSON Schema of the form.
	Schema() map[string]any
}

var (
	_ Field = (*Template)(nil)
	_ Field = (*Expression)(nil)
	_ Field = (*Value)(nil)
	_ Field = (*Number)(nil)
	_ Field = (*Span)(nil)
	_ Field = (*Ref)(nil)
	_ Field = (*Flag)(nil)
	_ Field = (*Consented)(nil)
	_ Field = (*ApprovedName)(nil)
)

// errUnchecked is met by a run of a text whose check found problems, such as a
// stored version that an older program accepted.
var errUnchecked = errors.New("the text has problems: check the flow")

// Template is a text with {{ expressions }} inside.
type Template struct {
	Source string

	given    bool // in the document, and a text
	compiled *expression.Template
	text     string // the text itself
	constant bool   // when it holds no expression
}

// Read implements Field.
func (t *Template) Read(v any) error {
	s, ok := v.(string)
	if !ok {
		return wanted("a text", v)
	}
	t.Source, t.given = s, true
	return nil
}

// Schema implements Field.
func (t *Template) Schema() map[string]any { return reference("template") }

// Template checks and compiles a text.
func (c *Checker) Template(key string, t *Template) {
	if t != nil {
		c.In(key, func() { c.template(t) })
	}
}

func (c *Checker) template(t *Template) {
	if !t.given {
		return
	}
	compiled, problems := c.scope.Template(t.Source)
	if !c.texts(problems) || compiled == nil {
		return
	}
	t.compiled = compiled
	t.text, t.constant = compiled.Constant()
}

// Needed checks a text that must not be empty. what names it in the problem.
func (c *Checker) Needed(key string, t *Template) {
	c.Template(key, t)
	if t != nil && t.constant && blank(t.text) {
		c.In(key, func() { c.Problem(CodeMissing, quoted(key)+" is empty", "") })
	}
}

// run evaluates the text; a constant one costs nothing. A nil Template is "".
func (t *Template) run(env Env, locals map[string]any) (string, error) {
	switch {
	case t == nil || t.constant:
		return t.constantText(), nil
	case t.compiled == nil:
		return "", errUnchecked
	}
	return env.Text(t.compiled, locals)
}

// Text evaluates a checked text in a run. A nil Template is "".
func (t *Template) Text(env Env) (string, error) { return t.run(env, nil) }

func (t *Template) constantText() string {
	if t == nil {
		return ""
	}
	return t.text
}

// Expression is an expression that stands alone, as in "if", rather than between
// braces in a text.
type Expression struct {
	Source string

	given    bool // in the document, and readable
	compiled *expression.Program
}

// Read implements Field.
func (e *Expression) Read(v any) error {
	switch v := v.(type) {
	case string:
		e.Source = v
	case bool, json.Number: // min: 1 and when: true read well
		e.Source = fmt.Sprint(v)
	default:
		return wanted("an expression", v)
	}
	e.given = true
	return nil
}

// Schema implements Field.
func (e *Expression) Schema() map[string]any { return reference("expression") }

// Expression checks and compiles an expression whose value must be want.
func (c *Checker) Expression(key string, e *Expression, want expression.Type) {
	if e == nil || !e.given {
		return
	}
	c.In(key, func() {
		compiled, problems := c.scope.Expression(e.Source, want)
		if c.texts(problems) {
			e.compiled = compiled
		}
	})
}

func (e *Expression) run(env Env, locals map[string]any) (any, error) {
	if e.compiled == nil {
		return nil, errUnchecked
	}
	return env.Eval(e.compiled, locals)
}

// holds evaluates a condition; a nil one holds.
func (e *Expression) holds(env Env, locals map[string]any) (bool, error) {
	if e == nil {
		return true, nil
	}
	v, err := e.run(env, locals)
	if err != nil {
		return false, fmt.Errorf("when: %w", err)
	}
	b, _ := v.(bool)
	return b, nil
}

// Ref is the name of a block or module, and what it means after the check.
type Ref struct {
	Name   string
	ID     string
	Module bool
}

// Read implements Field.
func (r *Ref) Read(v any) error {
	s, ok := v.(string)
	if !ok || blank(s) {
		return wanted("the name of a block", v)
	}
	r.Name = s
	return nil
}

// Schema implements Field.
func (r *Ref) Schema() map[string]any { return reference("block_name") }

func (r *Ref) id() string {
	if r == nil {
		return ""
	}
	return r.ID
}

// Flag is a switch of a button: true, or an object where the format will grow.
type Flag struct{}

// Read implements Field.
func (f *Flag) Read(v any) error {
	if m, ok := v.(map[string]any); v == true || ok && len(m) == 0 {
		return nil
	}
	return wanted("true", v)
}

// Schema implements Field.
func (f *Flag) Schema() map[string]any {
	return map[string]any{"anyOf": []any{
		map[string]any{"const": true},
		map[string]any{"type": "object", "additionalProperties": false},
	}}
}

// Consented is true, or says which block follows the consent.
type Consented struct{ Goto *Ref }

// Read implements Field.
func (s *Consented) Read(v any) error {
	if v == true {
		return nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		return wanted(`true, or {"goto": "a block"}`, v)
	}
	for key, value := range m {
		if key != "goto" {
			return fmt.Errorf("has the unknown key %s", quoted(key))
		}
		s.Goto = new(Ref)
		if err := s.Goto.Read(value); err != nil {
			return fmt.Errorf("goto %w", err)
		}
	}
	return nil
}

// Schema implements Field.
func (s *Consented) Schema() map[string]any {
	return map[string]any{"anyOf": []any{
		map[string]any{"const": true},
		map[string]any{"type": "object", "additionalProperties": false,
			"properties": map[string]any{"goto": reference("block_name")}},
	}}
}

// Span is a length of time such as "30m", which may come from a template.
type Span struct {
	Template

	fixed bool
	span  time.Duration // when fixed
}

// Schema implements Field.
func (s *Span) Schema() map[string]any { return reference("duration") }

// Span checks a length of time between least and most.
func (c *Checker) Span(key string, s *Span, least, most time.Duration) {
	if s == nil {
		return
	}
	c.Template(key, &s.Template)
	if !s.Template.constant {
		return
	}
	c.In(key, func() {
		d, err := expression.ParseDuration(s.text)
		switch {
		case err != nil:
			c.Problem(CodeValue, err.Error(), "")
		case d < least || d > most:
			c.Problem(CodeValue, fmt.Sprintf("is %s, but from %s to %s is possible",
				quoted(s.text), expression.FormatDuration(least), expression.FormatDuration(most)), "")
		default:
			s.span, s.fixed = d, true
		}
	})
}

// run returns the length, brought between least and most.
func (s *Span) run(env Env, least, most time.Duration) (time.Duration, error) {
	switch {
	case s == nil:
		return 0, nil
	case s.fixed:
		return s.span, nil
	}
	text, err := s.Template.run(env, nil)
	if err != nil {
		return 0, err
	}
	d, err := expression.ParseDuration(text)
	if err != nil {
		return 0, err
	}
	return min(max(d, least), most), nil
}

// wanted says what a field needs instead of what it has.
func wanted(what string, got any) error { return fmt.Errorf("needs %s, not %s", what, shape(got)) }

// shape names what a JSON value is.
func shape(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return fmt.Sprint(v)
	case json.Number:
		return "the number " + v.String()
	case string:
		if v == "" {
			return "an empty text"
		}
		return "the text " + quoted(v)
	case float64:
		return fmt.Sprintf("the number %v", v)
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return "something else"
}

// reference points at a definition every schema has.
func reference(name string) map[string]any { return map[string]any{"$ref": "#/$defs/" + name} }

func blank(s string) bool {
	for _, r := range s {
		switch r {
		case ' ', '\t', '\n', '\r', '\u00a0', '\u3000', '\u200b':
		default:
			return false
		}
	}
	return true
}

// sortedKeys returns the keys in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
