package blocks

import (
	"fmt"

	"github.com/blockcast/blockcast/blocks/expression"
)

// Speech is what every step that says a message may also have.
type Speech struct {
	When         *Expression      `json:"when,omitempty" doc:"Says it only when this holds."`
	QuickReplies []QuickReplyForm `json:"quick_replies,omitempty" doc:"Offered under the message; shown on the last message of a turn."`
}

// speaker is a step that says one message.
type speaker interface {
	Step
	// part makes what is said, nil when nothing is left to say.
	part(env Env) (Part, error)
	speech() *Speech
}

func (s *Speech) speech() *Speech { return s }

// check checks what is common to all steps that say a message.
func (s *Speech) check(c *Checker) {
	c.messages++
	c.Expression("when", s.When, expression.Boolean)
	c.QuickReplies("quick_replies", s.QuickReplies)
}

// say says one message.
type say struct{ speaker }

func (s say) Run(env Env) Next {
	m, err := message(env, s.speaker)
	if err != nil {
		return Fail{err}
	}
	if m.Part != nil {
		env.Say(m)
	}
	return Continue{}
}

func (s say) ways() Ways {
	_, template := s.speaker.(*TemplateStep)
	return Ways{Next: true, Messages: 1, Template: template}
}

// message makes the message of a step; its Part is nil when the condition does
// not hold or nothing is left to say.
func message(env Env, s speaker) (Message, error) {
	speech := s.speech()
	if ok, err := speech.When.holds(env, nil); err != nil || !ok {
		return Message{}, err
	}
	part, err := s.part(env)
	if err != nil || part == nil {
		return Message{}, err
	}
	replies, err := quickReplies(env, speech.QuickReplies)
	return Message{Part: part, QuickReplies: replies}, err
}

// Loop is what makes none, one or many of a card, column, button, quick reply
// or choice.
type Loop struct {
	Each *Expression `json:"each,omitempty" doc:"A list: one of these is made for each of its items."`
	As   string      `json:"as,omitempty" doc:"What an item is called in the texts; \"item\" unless said."`
	When *Expression `json:"when,omitempty" doc:"Makes it only when this holds."`
}

// DefaultItem is what an item is called when nothing else is said.
const DefaultItem = "item"

// Loop checks the loop, and by f what is inside it.
func (c *Checker) Loop(l *Loop, f func()) {
	c.each(l.Each)
	inside := func() {
		c.Expression("when", l.When, expression.Boolean)
		f()
	}
	if l.Each == nil {
		if l.As != "" {
			c.In("as", func() { c.Problem(CodeChoice, `"as" names the items of "each", which is missing`, "") })
		}
		inside()
		return
	}
	c.In("as", func() {
		if l.As != "" && !isWord(l.As) {
			c.Problem(CodeValue, quoted(l.As)+" cannot be a name: use letters, digits and _", "")
		}
	})
	c.With(map[string]any{l.item(): c.itemSample(l.Each.Source)}, inside)
}

// each refuses what is never a list, but takes any value at run time: JSON that
// is not set is an empty object, and one object stands for a list of one.
func (c *Checker) each(e *Expression) {
	c.Expression("each", e, expression.List)
	if e != nil && e.compiled != nil {
		e.compiled, _ = c.scope.Expression(e.Source, expression.Any)
	}
}

// itemSample is the first item of the sample of the attribute that each names.
func (c *Checker) itemSample(source string) any {
	d, ok := c.scope.Attribute(source)
	if list, isList := d.Sample.([]any); ok && isList && len(list) > 0 {
		return list[0]
	}
	return nil
}

func (l *Loop) item() string {
	if l.As == "" {
		return DefaultItem
	}
	return l.As
}

// run calls f for each thing the loop makes, with the names known there, until
// f returns false.
func (l *Loop) run(env Env, locals map[string]any, f func(locals map[string]any) (bool, error)) (bool, error) {
	if l.Each == nil {
		if ok, err := l.When.holds(env, locals); err != nil || !ok {
			return true, err
		}
		return f(locals)
	}
	items, err := l.items(env, locals)
	if err != nil {
		return false, err
	}
	for _, item := range items {
		inner := make(map[string]any, len(locals)+1)
		for k, v := range locals {
			inner[k] = v
		}
		inner[l.item()] = item
		ok, err := l.When.holds(env, inner)
		if err != nil {
			return false, err
		}
		if !ok {
			continue
		}
		if more, err := f(inner); err != nil || !more {
			return false, err
		}
	}
	return true, nil
}

func (l *Loop) items(env Env, locals map[string]any) ([]any, error) {
	v, err := l.Each.run(env, locals)
	if err != nil {
		return nil, fmt.Errorf("each: %w", err)
	}
	switch v := v.(type) {
	case []any:
		return v, nil
	case nil:
		return nil, nil
	case map[string]any:
		if len(v) == 0 { // unset JSON
			return nil, nil
		}
		return []any{v}, nil
	case string:
		if v == "" {
			return nil, nil
		}
	}
	return nil, fmt.Errorf("each %s: is %s, not a list", quoted(l.Each.Source), shape(v))
}

// isWord reports whether an expression can use the text as a name.
func isWord(s string) bool {
	for i, r := range s {
		letter := r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}
