package blocks

import "time"

// KindHandover is the kind of HandoverStep.
const KindHandover = "handover"

// MaxHandover is the longest time a person holds a conversation without
// renewing it.
const MaxHandover = 30 * 24 * time.Hour

// HandoverStep gives the conversation to a person. The bot still says what the
// block says after it, then is silent until the time has passed or the person
// gives the conversation back.
//
//	{"type": "handover", "note": "Wants a refund for {{ order_id }}", "for": "2h"}
type HandoverStep struct {
	Note *Template `json:"note,omitempty" doc:"What the person who takes over should know."`
	For  *Span     `json:"for,omitempty" doc:"How long the bot is silent; 30m unless said."`
}

// Kind implements Step.
func (s *HandoverStep) Kind() string { return KindHandover }

// Check implements Step.
func (s *HandoverStep) Check(c *Checker) {
	c.Hands = append(c.Hands, string(c.path))
	c.Template("note", s.Note)
	c.Span("for", s.For, time.Minute, MaxHandover)
}

// Compile implements Step.
func (s *HandoverStep) Compile(c *Code) { c.Emit(handover{s}) }

type handover struct{ *HandoverStep }

func (h handover) Run(env Env) Next {
	note, err := h.Note.run(env, nil)
	if err != nil {
		env.Report(ReportExpression, "note: "+err.Error())
	}
	d, err := h.For.run(env, time.Minute, MaxHandover)
	if err != nil {
		env.Report(ReportExpression, "for: "+err.Error())
	}
	env.Do(Handover{For: d, Note: note})
	return Continue{}
}
