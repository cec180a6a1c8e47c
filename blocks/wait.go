package blocks

import "time"

// KindWait is the kind of WaitStep.
const KindWait = "wait"

// MaxWait is the longest pause inside a turn; what comes later than that is no
// part of the conversation any more.
const MaxWait = time.Hour

// WaitStep pauses. What the person does meanwhile ends the run.
//
//	{"type": "wait", "for": "10m"}
type WaitStep struct {
	For Span `json:"for" doc:"How long, up to 1h."`
}

// Kind implements Step.
func (s *WaitStep) Kind() string { return KindWait }

// Check implements Step.
func (s *WaitStep) Check(c *Checker) { c.Span("for", &s.For, time.Second, MaxWait) }

// Compile implements Step.
func (s *WaitStep) Compile(c *Code) { c.Emit(pause{&s.For, time.Second, MaxWait}) }

// pause waits for time to pass.
type pause struct {
	span        *Span
	least, most time.Duration
}

func (p pause) Run(env Env) Next {
	d, err := p.span.run(env, p.least, p.most)
	if err != nil {
		env.Report(ReportExpression, "for: "+err.Error())
		return Continue{}
	}
	return Wait{For: d}
}

func (p pause) ways() Ways { return Ways{Next: true, Pauses: true} }
