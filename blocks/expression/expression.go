// Package expression compiles and runs what authors write between {{ and }}:
// templates and bare expressions, typed against what their document declares
// and bounded in time and size. It is the only package that knows expr-lang;
// it knows no blocks, flows or people.
package expression

import (
	"errors"
	"time"
)

// Type is the declared type of an attribute or the wanted type of an
// expression.
type Type string

const (
	Text     Type = "text"
	Number   Type = "number"
	Boolean  Type = "boolean"
	Date     Type = "date"
	DateTime Type = "datetime"
	List     Type = "list"
	JSON     Type = "json"
	Any      Type = "any" // only wanted, never declared
)

// Declaration is one attribute a document declares.
type Declaration struct {
	Name    string
	Type    Type
	Default any // as read from JSON, nil when none
	Sample  any // as read from JSON, nil when none
}

// Options is what a scope lets its texts name.
type Options struct {
	Attributes []Declaration
	Texts      map[string]map[string]string // t('status', value)
	Secrets    bool                         // secret.x may be read
}

// Scope is what templates and expressions of one document may name. It is
// immutable; With makes a narrower place of it.
type Scope struct{}

// NewScope checks the declarations (types, reserved names, defaults) and
// returns all their problems at once.
func NewScope(o Options) (*Scope, []*Problem) { return nil, nil }

// With returns the scope with local names added, such as each … as o. A
// local's sample, when not nil, types its members.
func (s *Scope) With(locals map[string]any) *Scope { return s }

// Problem is a mistake in a text, at a byte offset within it.
type Problem struct {
	Code    string // expression:syntax, expression:unknown_name, expression:type, expression:unknown_function …
	Message string
	Hint    string // such as the nearest names
	Offset  int
	Warning bool
}

// Template compiles text with {{ expressions }} inside.
func (s *Scope) Template(text string) (*Template, []*Problem) { return nil, nil }

// Expression compiles a bare expression whose result must be want.
func (s *Scope) Expression(text string, want Type) (*Program, []*Problem) { return nil, nil }

// Template is a compiled text, safe for concurrent use.
type Template struct{}

// Program is a compiled expression, safe for concurrent use.
type Program struct{}

// Evaluator is a Template or a Program.
type Evaluator interface {
	// Eval returns the value: for a template that is exactly one {{ … }} the
	// expression's own type, for any other template text.
	Eval(e *Env, locals map[string]any) (any, error)
}

var (
	_ Evaluator = (*Template)(nil)
	_ Evaluator = (*Program)(nil)
)

// Text evaluates the template to text, at most 64 KB.
func (t *Template) Text(e *Env, locals map[string]any) (string, error) { return "", ErrStub }

// Constant returns the text of a template without any expression.
func (t *Template) Constant() (string, bool) { return "", false }

// Source returns the text as the author wrote it.
func (t *Template) Source() string { return "" }

// Eval implements Evaluator.
func (t *Template) Eval(e *Env, locals map[string]any) (any, error) { return nil, ErrStub }

// Eval implements Evaluator.
func (p *Program) Eval(e *Env, locals map[string]any) (any, error) { return nil, ErrStub }

// Source returns the expression as the author wrote it.
func (p *Program) Source() string { return "" }

// ErrStub is here until the package is whole.
var ErrStub = errors.New("expression: not built yet")

// Values is what a turn knows, by name. Missing names read as their defaults.
type Values struct {
	Facts      map[string]any // first_name, phone, tags, today …
	Attributes map[string]any // as kept: JSON values of the declared types
	Bot        map[string]any
	Answer     map[string]any
	Send       map[string]any
	Secret     func(name string) (string, bool)
	Now        time.Time
	Zone       *time.Location
	Seed       uint64 // pick and random repeat for the same seed
}

// Env is the values of one turn, ready to evaluate against. It is not safe for
// concurrent use. Set changes an attribute or fact for what is evaluated
// afterwards.
type Env struct{}

// Env readies values for the texts of this scope.
func (s *Scope) Env(v Values) *Env { return nil }

// Set makes a later evaluation see the value under the attribute's or fact's
// name; nil unsets it.
func (e *Env) Set(name string, value any) {}

// Locale decides how outside values are read.
type Locale struct {
	Zone     *time.Location
	MonthDay bool // 12/30/2023 rather than 30/12/2023
}

// Convert turns a value from outside (JSON, with numbers as json.Number, or a
// string from a query) into the kept form of the declared type, exactly; an
// error says what was expected.
func Convert(t Type, v any, l Locale) (any, error) { return nil, ErrStub }
