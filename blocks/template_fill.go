package blocks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/blocks/expression"
)

// Limits of what is filled into one template.
const (
	MaxTemplateBody    = 50 // places of its text
	MaxTemplateButtons = 10
)

// Filling is what is filled into a template that a platform has approved.
type Filling struct {
	Header  *HeaderForm          `json:"header,omitempty" doc:"What stands over the text, where the template leaves a place for it."`
	Body    []*Template          `json:"body,omitempty" doc:"Values of the template's places, in order."`
	Buttons []TemplateButtonForm `json:"buttons,omitempty" doc:"What the template's buttons do, in their order there."`
}

// HeaderForm is the header of a template as authored: one of its fields.
type HeaderForm struct {
	Text  *Template `json:"text,omitempty" doc:"The value of its one place."`
	Image *Template `json:"image,omitempty" doc:"The address of a picture, https."`
	Video *Template `json:"video,omitempty" doc:"The address of a film, https."`
	File  *Template `json:"file,omitempty" doc:"The address of a file, https."`
}

// TemplateButtonForm is what a button of a template does. Its title is the
// platform's.
type TemplateButtonForm struct {
	Goto        *Ref       `json:"goto,omitempty" doc:"Runs a block or module."`
	Subscribe   *Consented `json:"subscribe,omitempty" doc:"Agrees to broadcasts; may name a block that follows."`
	Unsubscribe *Consented `json:"unsubscribe,omitempty" doc:"Ends broadcasts; may name a block that follows."`
	URLTail     *Template  `json:"url_tail,omitempty" doc:"The end of the button's address, where the template leaves it open."`
	None        *Flag      `json:"none,omitempty" doc:"Nothing is filled in: it does what the platform has it do."`

	Set   map[string]*Value `json:"set,omitempty" doc:"Attributes set on tap."`
	Tag   []*Template       `json:"tag,omitempty" doc:"Tags added on tap."`
	Untag []*Template       `json:"untag,omitempty" doc:"Tags removed on tap."`

	action ActionForm // of what comes back on a tap
}

// Check reports every problem of a filling at its place.
func (f *Filling) Check(c *Checker) {
	if f.Header != nil {
		c.In("header", func() { f.Header.check(c) })
	}
	c.AtMost("body", len(f.Body), MaxTemplateBody)
	c.Templates("body", f.Body)
	c.In("body", func() {
		for i, t := range f.Body {
			c.At(i, func() { c.place(t) })
		}
	})
	c.AtMost("buttons", len(f.Buttons), MaxTemplateButtons)
	c.In("buttons", func() {
		for i := range f.Buttons {
			c.At(i, func() { f.Buttons[i].check(c) })
		}
	})
}

// Brings tells the checker which attributes callers bring along with a send.
func (c *Checker) Brings(names []string) { c.brought = names }

// place warns where a place of a template may have nothing to fill in, which
// platforms refuse: where it is one name alone that nobody may have set.
func (c *Checker) place(t *Template) {
	if t.constant {
		if blank(t.text) {
			c.Problem(CodeMissing, "a place of a template cannot be empty", "")
		}
		return
	}
	inner, opens := strings.CutPrefix(strings.TrimSpace(t.Source), "{{")
	inner, shuts := strings.CutSuffix(inner, "}}")
	if !opens || !shuts || t.compiled == nil {
		return
	}
	name := strings.TrimSpace(inner)
	d, declared := c.scope.Attribute(name)
	f, fact := expression.FactNamed(name)
	if !declared && !(fact && f.Writable) || d.Default != nil || slices.Contains(c.brought, name) {
		return
	}
	c.Warn(CodeMaybeEmpty, quoted(name)+" may not be set, and no place of a template can be empty", "say what stands there then: {{ "+name+" ?? '–' }}")
}

func (h *HeaderForm) check(c *Checker) {
	given := 0
	for _, t := range []*Template{h.Text, h.Image, h.Video, h.File} {
		if t != nil {
			given++
		}
	}
	switch {
	case given == 0:
		c.Problem(CodeMissing, "the header is empty", "give one of text, image, video, file")
	case given > 1:
		c.Problem(CodeChoice, "a template has one header", "give one of text, image, video, file")
	}
	if h.Text != nil {
		c.Needed("text", h.Text)
	}
	c.MediaURL("image", h.Image)
	c.MediaURL("video", h.Video)
	c.MediaURL("file", h.File)
}

// templateActions is what a hint offers.
const templateActions = "goto, subscribe, unsubscribe, url_tail, none"

func (f *TemplateButtonForm) check(c *Checker) {
	f.action = ActionForm{Goto: f.Goto, Subscribe: f.Subscribe, Unsubscribe: f.Unsubscribe, Set: f.Set, Tag: f.Tag, Untag: f.Untag}
	given := f.action.actions()
	if f.URLTail != nil {
		given = append(given, string(ActionURLTail))
	}
	if f.None != nil {
		given = append(given, string(ActionNone))
	}
	switch {
	case len(given) == 0:
		c.Problem(CodeMissing, "it is not said what the template's button does", "give one of "+templateActions)
	case len(given) > 1:
		c.Problem(CodeChoice, "does several things when tapped ("+strings.Join(given, ", ")+"): only one is possible", "")
	case f.comesBack():
		f.action.check(c)
	default:
		if f.URLTail != nil {
			c.Needed("url_tail", f.URLTail)
		}
		if len(f.Set)+len(f.Tag)+len(f.Untag) > 0 {
			c.Problem(CodeChoice, "the platform does not tell of a tap on this button: it can set and tag nothing", `a button with "goto" can`)
		}
	}
}

// comesBack reports whether the platform tells of a tap.
func (f *TemplateButtonForm) comesBack() bool { return f.URLTail == nil && f.None == nil }

// FillTemplate evaluates what is filled into a template.
func FillTemplate(env Env, name string, lang *Template, f *Filling) (*ApprovedTemplate, error) {
	made := &ApprovedTemplate{Name: name}
	var err error
	if made.Language, err = lang.run(env, nil); err != nil {
		return nil, fmt.Errorf("language of the template: %w", err)
	}
	if made.Header, err = f.Header.fill(env); err != nil {
		return nil, fmt.Errorf("header of the template: %w", err)
	}
	for i, t := range f.Body {
		text, err := t.run(env, nil)
		if err != nil {
			return nil, fmt.Errorf("value %d of the template: %w", i+1, err)
		}
		if blank(text) {
			env.Report(ReportTemplate, fmt.Sprintf("value %d of the template %s, %s, came out empty", i+1, quoted(made.Name), quoted(t.Source)))
		}
		made.Body = append(made.Body, text)
	}
	for i := range f.Buttons {
		b, err := f.Buttons[i].button(env)
		if err != nil {
			return nil, fmt.Errorf("button %d of the template: %w", i+1, err)
		}
		made.Buttons = append(made.Buttons, b)
	}
	return made, nil
}

// fill evaluates the header; one that comes out empty is none.
func (h *HeaderForm) fill(env Env) (*TemplateHeader, error) {
	if h == nil {
		return nil, nil
	}
	made := &TemplateHeader{}
	var err error
	if made.Text, err = h.Text.run(env, nil); err != nil {
		return nil, err
	}
	for _, x := range []struct {
		into *string
		from *Template
	}{{&made.Image, h.Image}, {&made.Video, h.Video}, {&made.File, h.File}} {
		if *x.into, err = mediaURL(env, nil, x.from); err != nil {
			return nil, err
		}
	}
	if *made == (TemplateHeader{}) {
		env.Report(ReportTemplate, "the header of the template came out empty")
		return nil, nil
	}
	return made, nil
}

func (f *TemplateButtonForm) button(env Env) (Button, error) {
	switch {
	case f.None != nil:
		return Button{Action: ActionNone}, nil
	case f.URLTail != nil:
		tail, err := f.URLTail.run(env, nil)
		return Button{Action: ActionURLTail, Value: strings.TrimSpace(tail)}, err
	}
	return f.action.button(env, nil)
}
