package expression

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
)

// maxName is the longest name of an attribute, in bytes.
const maxName = 100

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
type Scope struct {
	table   *table
	locals  map[string]any // by name, their samples
	secrets bool
	people  map[string]int // of a scope over people: the slots of attributes, by folded name
}

// table is what all scopes of one document share. A name's place in it is the
// slot an Env keeps its value in.
type table struct {
	names []entry
	index map[string]int // by folded name
	texts map[string]map[string]string
}

type entry struct {
	Declaration
	fact   bool
	folded string // its name
}

// NewScope checks the declarations (types, reserved names, defaults) and
// returns all their problems at once. The scope holds whatever is right, so
// the texts of a document can be checked even when its declarations have
// problems.
func NewScope(o Options) (*Scope, []*Problem) {
	t := &table{index: map[string]int{}, texts: o.Texts}
	for _, f := range facts {
		t.add(entry{Declaration: Declaration{Name: f.Name, Type: f.Type}, fact: true})
	}
	var problems []*Problem
	for _, d := range o.Attributes {
		problems = append(problems, t.declare(d)...)
	}
	return &Scope{table: t, secrets: o.Secrets}, problems
}

func (t *table) add(e entry) {
	e.folded = fold(e.Name)
	t.index[e.folded] = len(t.names)
	t.names = append(t.names, e)
}

// declare adds what is right of a declaration and returns what is not.
func (t *table) declare(d Declaration) []*Problem {
	if p := t.nameProblem(d.Name); p != nil {
		return []*Problem{p}
	}
	var problems []*Problem
	wrong := func(hint, format string, args ...any) {
		problems = append(problems, &Problem{Code: CodeDeclaration, Name: d.Name, Message: fmt.Sprintf(format, args...), Hint: hint})
	}
	if !d.Type.Declarable() {
		wrong(didYouMean(string(d.Type), typeNames()), "attribute %q has the unknown type %q", d.Name, d.Type)
		d.Type, d.Default, d.Sample = JSON, nil, nil
	}
	for _, part := range []struct {
		word  string
		value *any
	}{{"default", &d.Default}, {"sample", &d.Sample}} {
		if *part.value == nil {
			continue
		}
		kept, err := Convert(d.Type, *part.value, Locale{})
		if err != nil {
			wrong("", "the %s of attribute %q %v", part.word, d.Name, err)
		}
		*part.value = kept
	}
	t.add(entry{Declaration: d})
	return problems
}

// nameProblem says why an attribute cannot have the name, nil when it can.
func (t *table) nameProblem(name string) *Problem {
	p := &Problem{Code: CodeReserved, Name: name, Hint: "choose another name"}
	folded := fold(name)
	switch i, taken := t.index[folded]; {
	case folded == "":
		p.Message = "an attribute needs a name"
	case len(name) > maxName:
		p.Message = fmt.Sprintf("the attribute name %s is longer than %d bytes", quote(name), maxName)
	case taken && t.names[i].fact:
		p.Message = fmt.Sprintf("attribute %q is named like a fact", name)
		p.Hint = "facts need no declaration"
	case taken:
		p.Message = fmt.Sprintf("attribute %q is declared twice", name)
		p.Hint = fmt.Sprintf("spaces and underscores are alike: %q", t.names[i].Name)
	case isKeyword(folded):
		p.Message = fmt.Sprintf("attribute %q is named like a word of the expression language", name)
	case isSpace(folded):
		p.Message = fmt.Sprintf("attribute %q is named like the values read as %s.x", name, folded)
	case inSpace(folded):
		space, rest, _ := strings.Cut(folded, ".")
		p.Message = fmt.Sprintf("attribute %q is named like a value read as %s.%s, and those are not declared", name, space, rest)
		if p.Hint = "leave it out of the attributes"; space == "bot" {
			p.Hint = fmt.Sprintf("leave it out: a set of %q gives it a value, or blockcast bots update --value, and every flow reads it", folded)
		}
	case functionNamed(folded) != nil:
		p.Message = fmt.Sprintf("attribute %q is named like a function", name)
		p.Hint = fmt.Sprintf("choose another name, such as %s; what callers send as %s is kept and read as attr[%q]", "my_"+folded, name, name)
	default:
		return nil
	}
	return p
}

// inSpace reports whether a name is that of a value in one of the spaces, such
// as bot.x.
func inSpace(folded string) bool {
	space, _, within := strings.Cut(folded, ".")
	return within && isSpace(space)
}

func typeNames() []string {
	var names []string
	for _, t := range Types() {
		names = append(names, string(t))
	}
	return names
}

// With returns the scope with local names added, such as each … as o. A
// local's sample, when not nil, types its members. A local hides a declared
// name.
func (s *Scope) With(locals map[string]any) *Scope {
	inner := *s
	inner.locals = make(map[string]any, len(s.locals)+len(locals))
	maps.Copy(inner.locals, s.locals)
	for name, sample := range locals {
		inner.locals[fold(name)] = sample
	}
	return &inner
}

// WithSecrets returns the scope with secret.x readable. Its texts run against
// the same Env.
func (s *Scope) WithSecrets() *Scope {
	inner := *s
	inner.secrets = true
	return &inner
}

// Attribute returns the declaration of the attribute, its default and sample in
// kept form. Spaces and underscores in the name are alike.
func (s *Scope) Attribute(name string) (Declaration, bool) {
	i, ok := s.table.index[fold(name)]
	if !ok || s.table.names[i].fact {
		return Declaration{}, false
	}
	return s.table.names[i].Declaration, true
}

// Names returns every name a text of the scope may use by itself: locals,
// declared attributes and facts, sorted.
func (s *Scope) Names() []string {
	names := slices.Collect(maps.Keys(s.locals))
	for _, e := range s.table.names {
		if _, hidden := s.locals[fold(e.Name)]; !hidden {
			names = append(names, e.Name)
		}
	}
	sort.Strings(names)
	return names
}

// slot returns the place of a declared name or fact.
func (t *table) slot(name string) (int, bool) {
	i, ok := t.index[fold(name)]
	return i, ok
}
