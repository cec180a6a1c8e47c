package blocks

// KindText is the kind of TextStep.
const KindText = "text"

// TextStep says a text, with buttons under it.
//
//	{"type": "text", "text": "Hi {{ first_name ?? 'there' }}, what would you like?",
//	 "buttons": [{"title": "See shirts", "goto": "shirts"}, {"title": "Call us", "call": "0800 123 456"}]}
type TextStep struct {
	Text    Template     `json:"text" doc:"What is said."`
	Buttons []ButtonForm `json:"buttons,omitempty" doc:"Under the text."`
	Speech
}

// Kind implements Step.
func (s *TextStep) Kind() string { return KindText }

// Check implements Step.
func (s *TextStep) Check(c *Checker) {
	c.Needed("text", &s.Text)
	c.Buttons("buttons", s.Buttons)
	s.Speech.check(c)
}

// Compile implements Step.
func (s *TextStep) Compile(c *Code) { c.Emit(say{s}) }

func (s *TextStep) part(env Env) (Part, error) {
	text, err := s.Text.run(env, nil)
	if err != nil {
		return nil, err
	}
	if blank(text) {
		env.Report(ReportEmpty, "the text "+quoted(s.Text.Source)+" came out empty and is not sent")
		return nil, nil
	}
	list, err := buttons(env, nil, s.Buttons)
	if err != nil {
		return nil, err
	}
	return &Text{Text: text, Buttons: list}, nil
}
