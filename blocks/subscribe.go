package blocks

// KindSubscribe is the kind of SubscribeStep.
const KindSubscribe = "subscribe"

// SubscribeStep notes that the person agrees to broadcasts on this account.
//
//	{"type": "subscribe"}
type SubscribeStep struct{}

// Kind implements Step.
func (s *SubscribeStep) Kind() string { return KindSubscribe }

// Check implements Step.
func (s *SubscribeStep) Check(*Checker) {}

// Compile implements Step.
func (s *SubscribeStep) Compile(c *Code) { c.Emit(consent{true}) }

// consent gives or withdraws the consent to broadcasts.
type consent struct{ subscribed bool }

func (s consent) Run(env Env) Next {
	env.Do(Consent{Subscribed: s.subscribed})
	return Continue{}
}
