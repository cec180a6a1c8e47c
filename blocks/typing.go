package blocks

import "time"

// KindTyping is the kind of TypingStep.
const KindTyping = "typing"

// MaxTyping is how long a platform shows that somebody is writing: LINE's
// loading animation ends after 60 seconds.
const MaxTyping = time.Minute

// TypingStep shows for a while that an answer is being written, then goes on.
//
//	{"type": "typing", "for": "3s"}
type TypingStep struct {
	For Span `json:"for" doc:"How long, up to 60s."`
}

// Kind implements Step.
func (s *TypingStep) Kind() string { return KindTyping }

// Check implements Step.
func (s *TypingStep) Check(c *Checker) { c.Span("for", &s.For, time.Second, MaxTyping) }

// Compile implements Step.
func (s *TypingStep) Compile(c *Code) {
	c.Emit(typing{&s.For})
	c.Emit(pause{&s.For, time.Second, MaxTyping})
}

type typing struct{ span *Span }

func (t typing) Run(env Env) Next {
	if d, err := t.span.run(env, time.Second, MaxTyping); err == nil { // the pause that follows reports it
		env.Do(Typing{For: d})
	}
	return Continue{}
}
