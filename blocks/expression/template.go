package expression

import (
	"fmt"
	"strings"
)

// Template is a compiled text, safe for concurrent use.
type Template struct {
	source string
	pieces []piece
	table  *table
	single bool // exactly one {{ … }}
}

// piece is a constant part of a template or an expression within it.
type piece struct {
	text    string
	program *Program // nil for constant text
}

// Template compiles text with {{ expressions }} inside. \{{ stands for {{
// itself. The template is nil when a problem is more than a warning.
func (s *Scope) Template(text string) (*Template, []*Problem) {
	if len(text) > MaxTemplate {
		return nil, []*Problem{{Code: CodeLimit, Message: fmt.Sprintf("a text is at most %d KB long", MaxTemplate>>10)}}
	}
	sources, problems := split(text)
	if expressions(sources) > MaxExpressions {
		return nil, []*Problem{{Code: CodeLimit, Message: fmt.Sprintf("a text holds at most %d expressions", MaxExpressions)}}
	}
	t := &Template{source: text, table: s.table, pieces: make([]piece, 0, len(sources))}
	for _, part := range sources {
		if !part.code {
			t.pieces = append(t.pieces, piece{text: part.text})
			continue
		}
		c := s.compiler(part.text, part.offset)
		program, _ := c.program(strings.TrimSpace(part.text))
		problems = append(problems, c.problems...)
		t.pieces = append(t.pieces, piece{program: program})
	}
	if failed(problems) {
		return nil, problems
	}
	t.single = len(t.pieces) == 1 && t.pieces[0].program != nil
	return t, problems
}

// Text evaluates the template to text, at most 64 KB.
func (t *Template) Text(e *Env, locals map[string]any) (string, error) {
	if s, ok := t.Constant(); ok {
		return s, nil
	}
	e.begin(t.table, locals)
	if e.buffer == nil {
		e.buffer = make([]byte, 0, usualText)
	}
	buffer := e.buffer[:0]
	var err error
	for i := range t.pieces {
		p := &t.pieces[i]
		if p.program == nil {
			buffer = append(buffer, p.text...)
			continue
		}
		v, failure := p.program.run(e)
		if failure != nil {
			return "", failure
		}
		if buffer, err = appendValue(buffer, v); err != nil {
			return "", p.program.failure(err)
		}
	}
	if cap(buffer) <= maxKept {
		e.buffer = buffer
	}
	if len(buffer) > MaxText {
		return "", errText
	}
	return string(buffer), nil
}

// usualText is the room an Env's first text has before it must grow.
const usualText = 256

// maxKept is the largest buffer an Env keeps for its next text.
const maxKept = 16 << 10

// Constant returns the text of a template without any expression.
func (t *Template) Constant() (string, bool) {
	switch {
	case len(t.pieces) == 0:
		return "", true
	case len(t.pieces) == 1 && t.pieces[0].program == nil:
		return t.pieces[0].text, true
	}
	return "", false
}

// Source returns the text as the author wrote it.
func (t *Template) Source() string { return t.source }

// Type returns what Eval gives: Text, or the type of the only expression.
func (t *Template) Type() Type {
	if t.single {
		return t.pieces[0].program.Type()
	}
	return Text
}

// Eval implements Evaluator.
func (t *Template) Eval(e *Env, locals map[string]any) (any, error) {
	if t.single {
		return t.pieces[0].program.Eval(e, locals)
	}
	s, err := t.Text(e, locals)
	if err != nil {
		return nil, err
	}
	return s, nil
}
