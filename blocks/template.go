package blocks

import "strings"

// KindTemplate is the kind of TemplateStep.
const KindTemplate = "template"

// TemplateStep says a message that the platform has approved beforehand, with
// what is filled in. It is the one message that may go out also where no free
// one may any more, and it looks as the platform has it: with its own words,
// footer and titles of buttons. Only Messenger has such templates by now, which
// Meta calls utility messages. Other channels say nothing in its place: keep it
// to where it is seen by when, and say it in another way elsewhere. A block that
// says nothing but templates needs no when_closed. Quick replies of the turn
// find no place under a template.
//
//	{"type": "template", "name": "order_ready", "language": "en_US", "body": ["{{ first_name ?? 'there' }}", "A-17"],
//	 "buttons": [{"goto": "track"}, {"url_tail": "A-17"}]}
type TemplateStep struct {
	Name     ApprovedName `json:"name" doc:"The template's name on the platform."`
	Language Template     `json:"language" doc:"The language it is approved in, as the platform writes it."`
	Filling
	When *Expression `json:"when,omitempty" doc:"Says it only when this holds."`
}

// Kind implements Step.
func (s *TemplateStep) Kind() string { return KindTemplate }

// Check implements Step.
func (s *TemplateStep) Check(c *Checker) {
	s.speech().check(c)
	c.Needed("language", &s.Language)
	s.Filling.Check(c)
	c.templateSeen(s.When)
}

// Compile implements Step.
func (s *TemplateStep) Compile(c *Code) { c.Emit(say{s}) }

func (s *TemplateStep) speech() *Speech { return &Speech{When: s.When} }

func (s *TemplateStep) part(env Env) (Part, error) {
	return FillTemplate(env, string(s.Name), &s.Language, &s.Filling)
}

// ApprovedName is the name of a template on the platform that approved it.
type ApprovedName string

// Read implements Field.
func (n *ApprovedName) Read(v any) error {
	s, ok := v.(string)
	if !ok || blank(s) {
		return wanted("the name of a template on its platform", v)
	}
	*n = ApprovedName(strings.TrimSpace(s))
	return nil
}

// Schema implements Field.
func (n *ApprovedName) Schema() map[string]any {
	return map[string]any{"type": "string", "minLength": 1}
}

// templateSeen tells where a template is not seen.
func (c *Checker) templateSeen(when *Expression) {
	c.seenOn(c.templated, when, "an approved template")
}
