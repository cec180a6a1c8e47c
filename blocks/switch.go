package blocks

import "github.com/blockcast/blockcast/blocks/expression"

// KindSwitch is the kind of SwitchStep.
const KindSwitch = "switch"

// SwitchStep runs the steps of the first case that holds, else its default.
//
//	{"type": "switch", "cases": [
//	  {"when": "status == 'shipping'", "steps": [{"type": "text", "text": "On its way."}]},
//	  {"when": "status == 'delivered'", "steps": [{"type": "text", "text": "Delivered."}]}],
//	 "default": [{"type": "text", "text": "We are packing it."}]}
type SwitchStep struct {
	Cases   []Case `json:"cases" doc:"Looked at from the first to the last."`
	Default Steps  `json:"default,omitempty" doc:"Run when no case holds."`
}

// Case is one case of a SwitchStep.
type Case struct {
	When  Expression `json:"when" doc:"The condition."`
	Steps Steps      `json:"steps" doc:"Run when it is the first that holds."`
}

// Kind implements Step.
func (s *SwitchStep) Kind() string { return KindSwitch }

// Check implements Step.
func (s *SwitchStep) Check(c *Checker) {
	c.In("cases", func() {
		if s.Cases != nil && len(s.Cases) == 0 {
			c.Problem(CodeMissing, "needs at least one case", "")
		}
		for i := range s.Cases {
			c.At(i, func() {
				c.Expression("when", &s.Cases[i].When, expression.Boolean)
				c.Steps("steps", s.Cases[i].Steps)
			})
		}
	})
	c.AtMost("cases", len(s.Cases), MaxCases)
	c.Steps("default", s.Default)
}

// Compile implements Step.
func (s *SwitchStep) Compile(c *Code) {
	var overs []*jump
	for i := range s.Cases {
		u := &unless{when: &s.Cases[i].When}
		c.Emit(u)
		c.Steps(s.Cases[i].Steps)
		over := &jump{}
		c.Emit(over)
		overs = append(overs, over)
		u.to = c.PC()
	}
	c.Steps(s.Default)
	for _, over := range overs {
		over.to = c.PC()
	}
}
