package blocks

// KindGoto is the kind of GotoStep.
const KindGoto = "goto"

// GotoStep leaves for another block and does not come back.
//
//	{"type": "goto", "block": "main menu"}
type GotoStep struct {
	Block Ref `json:"block" doc:"The block's name."`
}

// Kind implements Step.
func (s *GotoStep) Kind() string { return KindGoto }

// Check implements Step.
func (s *GotoStep) Check(c *Checker) { c.Ref("block", &s.Block) }

// Compile implements Step.
func (s *GotoStep) Compile(c *Code) { c.Emit(leave{s.Block.ID}) }
