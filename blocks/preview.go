package blocks

import (
	"strings"
)

// Saying is an instruction that says a message, and the place of its step. A
// check shows with it what a channel would make of the message.
type Saying struct {
	Path        string
	Instruction Instruction
}

// says notes what the step at the current place says.
func (c *Checker) says(s Step) {
	var i Instruction
	switch s := s.(type) {
	case *AskStep:
		if s.question == nil {
			return
		}
		i = question{s}
	case speaker:
		i = say{s}
	default:
		return
	}
	c.Sayings = append(c.Sayings, Saying{string(c.path), i})
}

// Message makes the message for the values of env. A condition is asked only
// where it is about the channel; any other is taken to hold. False means that
// there is nothing to say, or that it cannot be told.
func (s *Saying) Message(env Env) (Message, bool) {
	var m Message
	var err error
	switch i := s.Instruction.(type) {
	case question:
		m, err = i.message(env)
	case say:
		speech := i.speech()
		if holds, failed := speech.When.holds(env, nil); speech.When.aboutChannel() && (failed != nil || !holds) {
			return m, false
		}
		if m.Part, err = i.part(env); err == nil {
			m.QuickReplies, err = quickReplies(env, speech.QuickReplies)
		}
	}
	return m, err == nil && m.Part != nil
}

// WaysWith is WaysOf for a known channel: of a condition about it only the way
// that is taken is left.
func WaysWith(i Instruction, env Env) Ways {
	w := WaysOf(i)
	u, ok := i.(*unless)
	if !ok || !u.when.aboutChannel() {
		return w
	}
	holds, err := u.when.holds(env, nil)
	switch {
	case err != nil:
	case holds:
		w.Jumps = nil
	default:
		w.Next = false
	}
	return w
}

// aboutChannel reports whether the expression reads the channel.
func (e *Expression) aboutChannel() bool {
	return e != nil && e.compiled != nil && strings.Contains(e.Source, "channel")
}
