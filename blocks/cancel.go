package blocks

// KindCancel is the kind of CancelStep.
const KindCancel = "cancel"

// CancelStep takes back what later has planned for this person. Where nothing
// is planned by the key, nothing happens.
//
//	{"type": "cancel", "key": "visit {{ order_id }}"}
type CancelStep struct {
	Key Template `json:"key" doc:"The key that later was given."`
}

// Kind implements Step.
func (s *CancelStep) Kind() string { return KindCancel }

// Check implements Step.
func (s *CancelStep) Check(c *Checker) { c.key("key", &s.Key) }

// Compile implements Step.
func (s *CancelStep) Compile(c *Code) { c.Emit(cancel{s}) }

type cancel struct{ *CancelStep }

func (s cancel) Run(env Env) Next {
	key, err := runKey(env, &s.Key)
	if err != nil {
		env.Report(ReportLater, "nothing is canceled: "+err.Error())
		return Continue{}
	}
	env.Do(Unschedule{Key: key})
	return Continue{}
}
