package blocks

// KindUnsubscribe is the kind of UnsubscribeStep.
const KindUnsubscribe = "unsubscribe"

// UnsubscribeStep withdraws the person's consent to broadcasts on this account.
//
//	{"type": "unsubscribe"}
type UnsubscribeStep struct{}

// Kind implements Step.
func (s *UnsubscribeStep) Kind() string { return KindUnsubscribe }

// Check implements Step.
func (s *UnsubscribeStep) Check(*Checker) {}

// Compile implements Step.
func (s *UnsubscribeStep) Compile(c *Code) { c.Emit(consent{false}) }
