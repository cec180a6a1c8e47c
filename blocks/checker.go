package blocks

import (
	"fmt"
	"strings"

	"github.com/blockcast/blockcast/blocks/expression"
)

// Codes of problems that steps report. Those of texts begin with expression:.
const (
	CodeMissing      = "missing"       // something needed is not there
	CodeValue        = "value"         // a value that cannot be
	CodeLimit        = "limit"         // too many, too long or nested too deep
	CodeChoice       = "choice"        // several things of which only one may be
	CodeUnknownBlock = "unknown_block" // no block or module has the name
	CodeUnknownName  = "unknown_name"  // no attribute or fact has the name
	CodeReadOnly     = "read_only"     // a fact that cannot be written
	CodeModule       = "module"        // what a module may not do
	CodeNotYet       = "not_yet"       // of the format, but not to be had yet
	CodeUnseen       = "unseen"        // no connected channel can show it; as a warning: one cannot
	CodeMaybeEmpty   = "maybe_empty"   // warning: a place of a template that must not be empty and may be
	CodeNoFail       = "ask_no_fail"   // warning: nothing said about answers that never fit
	CodeDead         = "never_reached" // warning: steps nothing leads to
)

// Problem is a mistake in a step. Offset counts bytes within the text at Path,
// -1 when it is about the whole value.
type Problem struct {
	Code    string
	Path    string // JSON pointer
	Offset  int
	Message string
	Hint    string
	Warning bool
}

// Target is a block or module that a name means.
type Target struct {
	ID     string
	Module bool
}

// Names finds blocks and modules.
type Names interface {
	Block(name string) (Target, bool)
	Nearest(name string) []string // the names like it, for the hint
}

// Link is one place of a block that names another.
type Link struct {
	Block string // id
	Path  string
	Name  string
}

// FileLink is one place that shows a file the bot keeps.
type FileLink struct {
	ID   string
	Path string
}

// Checker collects the problems of a block's steps, with the path of each. It
// knows what names and attributes there are.
type Checker struct {
	Problems []Problem
	Links    []Link   // blocks the checked steps name
	Sayings  []Saying // what the checked steps say
	Files    []FileLink
	Hands    []string // places of the steps that give the conversation to a person
	Tells    bool     // whether a step tells outgoing webhooks of something

	scope    *expression.Scope
	names    Names
	module   bool
	path     []byte
	steps    int
	nesting  int
	messages int

	connected []string // kinds of the bot's channels; none: unknown
	templated []string // those of them that have approved templates
	brought   []string // attributes that callers bring
}

// NewChecker returns a Checker of steps whose texts see scope.
func NewChecker(scope *expression.Scope, names Names) *Checker {
	return &Checker{scope: scope, names: names}
}

// Block checks a block's steps; path is the JSON pointer of the block.
func (c *Checker) Block(path string, steps Steps, module bool) {
	c.path = append(c.path[:0], path...)
	c.module, c.steps, c.nesting, c.messages = module, 0, 0, 0
	c.In("steps", func() {
		if steps != nil && len(steps) == 0 {
			c.Problem(CodeMissing, "a block needs at least one step", "")
		}
		c.list(steps)
		if module && c.messages > ModuleMessages {
			c.Problem(CodeModule, fmt.Sprintf("a module says at most %d messages, this one has %d", ModuleMessages, c.messages), "")
		}
	})
}

// Module reports whether the steps are a module's.
func (c *Checker) Module() bool { return c.module }

// Problem reports a mistake at the current place.
func (c *Checker) Problem(code, message, hint string) {
	c.Problems = append(c.Problems, Problem{Code: code, Path: string(c.path), Offset: -1, Message: message, Hint: hint})
}

// Warn reports a doubt at the current place.
func (c *Checker) Warn(code, message, hint string) {
	c.Problems = append(c.Problems, Problem{Code: code, Path: string(c.path), Offset: -1, Message: message, Hint: hint, Warning: true})
}

// In runs f at the member of that name.
func (c *Checker) In(key string, f func()) {
	n := len(c.path)
	c.path = append(c.path, '/')
	c.path = append(c.path, Pointer(key)...)
	f()
	c.path = c.path[:n]
}

// At runs f at the item of that index.
func (c *Checker) At(i int, f func()) {
	n := len(c.path)
	c.path = fmt.Appendf(c.path, "/%d", i)
	f()
	c.path = c.path[:n]
}

// With runs f with local names added; a sample that is not nil types the
// name's members.
func (c *Checker) With(locals map[string]any, f func()) {
	outer := c.scope
	c.scope = outer.With(locals)
	f()
	c.scope = outer
}

// Secrets runs f with secret.x readable.
func (c *Checker) Secrets(f func()) {
	outer := c.scope
	c.scope = outer.WithSecrets()
	f()
	c.scope = outer
}

// Steps checks a list of steps one level deeper.
func (c *Checker) Steps(key string, steps Steps) {
	if len(steps) == 0 {
		return
	}
	c.In(key, func() { c.inner(steps) })
}

func (c *Checker) inner(steps Steps) {
	c.nesting++
	if c.nesting > MaxNesting {
		c.Problem(CodeLimit, fmt.Sprintf("branches can be nested %d deep at most", MaxNesting), "move the inner steps to a block of their own")
	} else {
		c.list(steps)
	}
	c.nesting--
}

func (c *Checker) list(steps Steps) {
	for i, s := range steps {
		if s == nil { // could not be read; said already
			continue
		}
		c.At(i, func() {
			if c.steps++; c.steps == MaxSteps+1 {
				c.Problem(CodeLimit, fmt.Sprintf("a block has at most %d steps", MaxSteps), "continue in another block with goto")
			}
			if i > 0 && ends(steps[i-1]) {
				c.Warn(CodeDead, fmt.Sprintf("nothing after %s is ever run", quoted(steps[i-1].Kind())), "")
			}
			if c.module && !inModule(s) {
				c.Problem(CodeModule, fmt.Sprintf("a module only speaks, sets and tags: it cannot have %s", quoted(s.Kind())), "make it a block")
			}
			s.Check(c)
			c.says(s)
		})
	}
}

// ends reports whether nothing of the list can follow the step.
func ends(s Step) bool {
	switch s.(type) {
	case *GotoStep, *StopStep:
		return true
	}
	return false
}

// inModule reports whether a module may have the step.
func inModule(s Step) bool {
	switch s.(type) {
	case *SetStep, *TagStep, *RawStep:
		return true
	}
	_, speaks := s.(speaker)
	_, includes := s.(*ModuleStep)
	return speaks || includes
}

// Branch checks a block's name or steps.
func (c *Checker) Branch(key string, b *Branch) {
	if b == nil {
		return
	}
	if b.Block.Name != "" {
		c.Ref(key, &b.Block)
		return
	}
	c.In(key, func() {
		if b.Steps != nil && len(b.Steps) == 0 {
			c.Problem(CodeMissing, "needs the name of a block, or steps", "")
		}
		c.inner(b.Steps)
	})
}

// Ref resolves the name of a block or module.
func (c *Checker) Ref(key string, r *Ref) {
	if r == nil || r.Name == "" {
		return
	}
	c.In(key, func() {
		t, ok := c.names.Block(r.Name)
		if !ok {
			c.unknownBlock(r.Name)
			return
		}
		r.ID = t.ID
		r.Module = t.Module
		c.Links = append(c.Links, Link{Block: t.ID, Path: string(c.path), Name: r.Name})
	})
}

func (c *Checker) unknownBlock(name string) {
	hint := ""
	if near := c.names.Nearest(name); len(near) > 0 {
		hint = DidYouMean(name, near)
	}
	c.Problem(CodeUnknownBlock, "there is no block or module "+quoted(name), hint)
}

// Attribute finds the declared attribute or writable fact of the name, as it is
// kept; ok is false when there is none, which is then reported at the current
// place.
func (c *Checker) Attribute(name string) (kept string, t expression.Type, ok bool) {
	if d, ok := c.scope.Attribute(name); ok {
		return d.Name, d.Type, true
	}
	f, ok := expression.FactNamed(name)
	switch {
	case ok && f.Writable:
		return f.Name, f.Type, true
	case ok:
		c.Problem(CodeReadOnly, quoted(name)+" can be read but not set", "")
		return "", "", false
	}
	c.Problem(CodeUnknownName, "no attribute "+quoted(name)+" is declared", c.nearAttribute(name))
	return "", "", false
}

func (c *Checker) nearAttribute(name string) string {
	if hint := DidYouMean(name, c.scope.Names()); hint != "" {
		return hint
	}
	return fmt.Sprintf(`declare it at the top: "attributes": {%q: "text"}`, name)
}

// texts turns what the expression package says about a text into problems at
// the current place.
func (c *Checker) texts(problems []*expression.Problem) (ok bool) {
	ok = true
	for _, p := range problems {
		ok = ok && p.Warning
		c.Problems = append(c.Problems, Problem{p.Code, string(c.path), p.Offset, p.Message, p.Hint, p.Warning})
	}
	return ok
}

// AtMost reports a list that is too long.
func (c *Checker) AtMost(key string, n, most int) {
	if n > most {
		c.In(key, func() { c.Problem(CodeLimit, fmt.Sprintf("has %d entries, of at most %d", n, most), "") })
	}
}

// Pointer escapes a key as a part of a JSON pointer.
func Pointer(key string) string {
	if !strings.ContainsAny(key, "~/") {
		return key
	}
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
}

// Outside runs f at a place that is no part of a block's steps; path is its
// JSON pointer.
func (c *Checker) Outside(path string, f func()) {
	c.path = append(c.path[:0], path...)
	f()
}

// Templates checks a list of texts.
func (c *Checker) Templates(key string, list []*Template) {
	c.In(key, func() {
		for i, t := range list {
			c.At(i, func() { c.template(t) })
		}
	})
}
