package blocks

import "github.com/blockcast/blockcast/blocks/expression"

// KindModule is the kind of ModuleStep.
const KindModule = "module"

// ModuleStep says what a module says, and comes back.
//
//	{"type": "module", "module": "opening hours", "when": "channel == 'line'"}
type ModuleStep struct {
	Module Ref         `json:"module" doc:"The module's name."`
	When   *Expression `json:"when,omitempty" doc:"Includes it only when this holds."`
}

// Kind implements Step.
func (s *ModuleStep) Kind() string { return KindModule }

// Check implements Step.
func (s *ModuleStep) Check(c *Checker) {
	c.Ref("module", &s.Module)
	if s.Module.ID != "" && !s.Module.Module {
		c.In("module", func() {
			c.Problem(CodeModule, quoted(s.Module.Name)+" is a block, not a module", `go there with {"type": "goto"}, or move it to "modules"`)
		})
	}
	c.Expression("when", s.When, expression.Boolean)
}

// Compile implements Step.
func (s *ModuleStep) Compile(c *Code) {
	if s.When == nil {
		c.Emit(include{s.Module.ID})
		return
	}
	u := &unless{when: s.When}
	c.Emit(u)
	c.Emit(include{s.Module.ID})
	u.to = c.PC()
}

// include runs a module and comes back.
type include struct{ module string }

func (i include) Run(Env) Next { return Include{i.module} }
func (i include) ways() Ways   { return Ways{Next: true, Module: i.module} }
