package console

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
)

// What is said, as the form's choices name it.
const (
	saysBlock    = "block"
	saysMessages = "messages"
	saysTemplate = "template"
	saysVariants = "variants"
)

// shownVariants is how many variants the form has fields for at least.
const shownVariants = 3

// formSays is the form's part about what is said.
type formSays struct {
	Says     string
	Block    string
	Messages []formMessage
	Raw      string // messages the page has no fields for, as JSON
	Template formTemplate
	Variants []formVariant
	HoldOut  string // a number
}

// formVariant is one variant: a block, or a message, or what the page has no
// fields for.
type formVariant struct {
	Name, Weight, Block string
	Message             formMessage
	Raw                 string // a content, as JSON
}

// Empty reports whether nothing was typed.
func (v formVariant) Empty() bool { return v == formVariant{} }

// formTemplate is a template with the values of its text.
type formTemplate struct {
	Name, Language string
	Body           string // a value in each line
	Raw            string // as JSON, when there is more to it
}

// approved is a template as flows are written: the part of it the page has
// fields for.
type approved struct {
	Name     string   `json:"name"`
	Language string   `json:"language"`
	Body     []string `json:"body,omitempty"`
}

func saysOf(p *engine.Plan) formSays {
	f := formSays{Says: saysBlock, Block: p.Content.Block, Messages: blank(nil)}
	switch {
	case len(p.Variants) > 0:
		f.Says = saysVariants
	case len(p.Content.Template) > 0:
		f.Says, f.Template = saysTemplate, templateOf(p.Content.Template)
	case len(p.Content.Messages) > 0:
		f.Says = saysMessages
		f.Messages, f.Raw = readMessages(p.Content.Messages)
	}
	for _, v := range p.Variants {
		f.Variants = append(f.Variants, variantOf(v))
	}
	f.Variants = slots(f.Variants)
	if p.HoldOut > 0 {
		f.HoldOut = strconv.Itoa(p.HoldOut)
	}
	return f
}

// slots adds empty variants up to as many as are shown.
func slots(list []formVariant) []formVariant {
	for len(list) < shownVariants {
		list = append(list, formVariant{})
	}
	return list
}

func variantOf(v engine.Variant) formVariant {
	f := formVariant{Name: v.Name, Weight: strconv.Itoa(v.Weight), Block: v.Content.Block}
	if v.Content.Block != "" {
		return f
	}
	if fields, raw := readMessages(v.Content.Messages); raw == "" && !fields[0].Empty() && fields[1].Empty() {
		f.Message = fields[0]
		return f
	}
	if text, err := json.Marshal(v.Content); err == nil {
		f.Raw = string(text)
	}
	return f
}

func templateOf(raw json.RawMessage) formTemplate {
	var t approved
	if json.Unmarshal(raw, &t) != nil || slices.ContainsFunc(t.Body, func(line string) bool {
		return strings.TrimSpace(line) != line || line == "" || strings.Contains(line, "\n")
	}) {
		return formTemplate{Raw: string(raw)}
	}
	f := formTemplate{Name: t.Name, Language: t.Language, Body: strings.Join(t.Body, "\n")}
	if written, err := f.write(); err != nil || !sameJSON(written, raw) {
		return formTemplate{Raw: string(raw)}
	}
	return f
}

func readSays(c *fiber.Ctx) formSays {
	text := func(name string) string { return strings.TrimSpace(c.FormValue(name)) }
	f := formSays{Says: text("says"), Block: text("block"), Raw: text("raw"), HoldOut: text("hold_out"),
		Template: formTemplate{Name: text("template_name"), Language: text("template_language"), Body: text("template_body"), Raw: text("template_raw")}}
	for n := range maxMessages {
		f.Messages = append(f.Messages, readMessage(func(name string) string { return text("message" + strconv.Itoa(n) + "_" + name) }))
	}
	for n := range maxVariants {
		at := "variant" + strconv.Itoa(n) + "_"
		f.Variants = append(f.Variants, formVariant{Name: text(at + "name"), Weight: text(at + "weight"), Block: text(at + "block"), Raw: text(at + "raw"),
			Message: readMessage(func(name string) string { return text(at + name) })})
	}
	for len(f.Variants) > shownVariants && f.Variants[len(f.Variants)-1].Empty() {
		f.Variants = f.Variants[:len(f.Variants)-1]
	}
	return f
}

// into writes what is said into a plan.
func (f *formSays) into(p *engine.Plan) error {
	var err error
	if p.HoldOut, err = number("hold_out", f.HoldOut); err != nil {
		return err
	}
	if f.Says == saysVariants {
		p.Content = engine.Content{}
		p.Variants, err = f.variants(p.Variants)
		return err
	}
	p.Variants = nil
	p.Content, err = f.content(p.Content)
	return err
}

// content is what everybody is told; kept is what it was before, whose text
// stays where it says the same.
func (f *formSays) content(kept engine.Content) (engine.Content, error) {
	var c engine.Content
	var err error
	switch f.Says {
	case saysMessages:
		c.Messages, err = f.messages()
	case saysTemplate:
		c.Template, err = f.Template.write()
		if err == nil && sameJSON(c.Template, kept.Template) {
			c.Template = kept.Template
		}
	default:
		if c.Block = f.Block; c.Block == "" {
			err = invalid("content.block", "Choose the block that is sent.")
		}
	}
	return c, err
}

func (f *formSays) messages() (json.RawMessage, error) {
	if f.Raw != "" {
		if !json.Valid([]byte(f.Raw)) {
			return nil, invalid("content.messages", "The messages are no JSON.")
		}
		return json.RawMessage(f.Raw), nil
	}
	said := slices.DeleteFunc(slices.Clone(f.Messages), formMessage.Empty)
	if len(said) == 0 {
		return nil, invalid("content.messages", "Write at least one message.")
	}
	return writeMessages("content.messages", said)
}

func (t formTemplate) write() (json.RawMessage, error) {
	if t.Raw != "" {
		if !json.Valid([]byte(t.Raw)) {
			return nil, invalid("content.template", "The template is no JSON.")
		}
		return json.RawMessage(t.Raw), nil
	}
	if t.Name == "" {
		return nil, invalid("content.template.name", "Write the name that the platform has approved the template under.")
	}
	if t.Language == "" {
		return nil, invalid("content.template.language", "Write the language the template is approved in, as the platform does: en_US, zh_TW, vi.")
	}
	out := approved{Name: t.Name, Language: t.Language}
	for line := range strings.Lines(t.Body) {
		if line = strings.TrimSpace(line); line != "" {
			out.Body = append(out.Body, line)
		}
	}
	return json.Marshal(out)
}

func (f *formSays) variants(kept []engine.Variant) ([]engine.Variant, error) {
	var out []engine.Variant
	for n, v := range f.Variants {
		if v.Empty() {
			continue
		}
		field := "variants[" + strconv.Itoa(len(out)) + "]"
		one := engine.Variant{Name: v.Name}
		if v.Name == "" {
			return nil, invalid(field+".name", "Variant %d needs a name: reports tell variants apart by it.", n+1)
		}
		var err error
		if one.Weight, err = number(field+".weight", v.Weight); err != nil {
			return nil, err
		}
		one.Weight = max(1, one.Weight)
		if one.Content, err = v.content(field + ".content"); err != nil {
			return nil, err
		}
		if i := len(out); i < len(kept) && sameContent(one.Content, kept[i].Content) {
			one.Content = kept[i].Content
		}
		out = append(out, one)
	}
	if len(out) < 2 {
		return nil, invalid("variants", "Write at least two variants: one alone is no choice.")
	}
	return out, nil
}

func (v formVariant) content(field string) (engine.Content, error) {
	var c engine.Content
	var err error
	switch {
	case v.Raw != "":
		d := json.NewDecoder(bytes.NewReader([]byte(v.Raw)))
		d.DisallowUnknownFields()
		if err = d.Decode(&c); err != nil {
			err = invalid(field, "What %s says is no content: a block, messages or a template, as JSON.", v.Name)
		}
	case v.Block != "" && !v.Message.Empty():
		err = invalid(field, "%s says a block and a message of its own: only one of them.", v.Name)
	case v.Block == "" && v.Message.Empty():
		err = invalid(field, "Say what %s says: a block, or a message of its own.", v.Name)
	case v.Block != "":
		c.Block = v.Block
	default:
		c.Messages, err = writeMessages(field, []formMessage{v.Message})
	}
	return c, err
}

// sameContent reports whether nothing differs but how it is written.
func sameContent(a, b engine.Content) bool {
	one, errA := json.Marshal(a)
	two, errB := json.Marshal(b)
	return errA == nil && errB == nil && sameJSON(one, two)
}

// silent reports whether nothing to say is written yet.
func (f *formSays) silent() bool {
	switch f.Says {
	case saysBlock:
		return f.Block == ""
	case saysMessages:
		return f.Raw == "" && !slices.ContainsFunc(f.Messages, func(m formMessage) bool { return !m.Empty() })
	case saysTemplate:
		return f.Template.Raw == "" && f.Template.Name == ""
	case saysVariants:
		return !slices.ContainsFunc(f.Variants, func(v formVariant) bool { return v.Block != "" || v.Raw != "" || !v.Message.Empty() })
	}
	return false
}
