package blocks

// KindStop is the kind of StopStep.
const KindStop = "stop"

// StopStep ends the run.
//
//	{"type": "stop"}
type StopStep struct{}

// Kind implements Step.
func (s *StopStep) Kind() string { return KindStop }

// Check implements Step.
func (s *StopStep) Check(*Checker) {}

// Compile implements Step.
func (s *StopStep) Compile(c *Code) { c.Emit(stop{}) }

type stop struct{}

func (stop) Run(Env) Next { return Stop{} }
func (stop) ways() Ways   { return Ways{Ends: true} }
