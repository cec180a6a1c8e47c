package blocks

import "github.com/blockcast/blockcast/blocks/expression"

// KindIf is the kind of IfStep.
const KindIf = "if"

// IfStep runs its steps only when something holds. A condition that cannot be
// evaluated is reported and does not hold.
//
//	{"type": "if", "when": "total >= 1000000", "then": [{"type": "text", "text": "Shipping is free."}],
//	 "else": [{"type": "text", "text": "Shipping is {{ money(30000, 'VND') }}."}]}
type IfStep struct {
	When Expression `json:"when" doc:"The condition."`
	Then Steps      `json:"then" doc:"Run when it holds."`
	Else Steps      `json:"else,omitempty" doc:"Run when it does not."`
}

// Kind implements Step.
func (s *IfStep) Kind() string { return KindIf }

// Check implements Step.
func (s *IfStep) Check(c *Checker) {
	c.Expression("when", &s.When, expression.Boolean)
	if s.Then != nil && len(s.Then) == 0 {
		c.In("then", func() { c.Problem(CodeMissing, "needs at least one step", `turn the condition around with "not"`) })
	}
	c.Steps("then", s.Then)
	c.Steps("else", s.Else)
}

// Compile implements Step.
func (s *IfStep) Compile(c *Code) {
	u := &unless{when: &s.When}
	c.Emit(u)
	c.Steps(s.Then)
	if len(s.Else) == 0 {
		u.to = c.PC()
		return
	}
	over := &jump{}
	c.Emit(over)
	u.to = c.PC()
	c.Steps(s.Else)
	over.to = c.PC()
}
