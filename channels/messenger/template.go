package messenger

import (
	"cmp"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

// template says what Meta has approved beforehand, also for outside the 24
// hours: a utility message. A button that comes back when it is tapped does so
// as a quick reply does. Meta shows but an example of the form; the header and
// the open end of an address are as in WhatsApp's templates, which it follows.
func (r *rendering) template(p *blocks.ApprovedTemplate) {
	name, code := channels.Clean(p.Name), cmp.Or(channels.Clean(p.Language), "en_US")
	if name == "" || channels.Units(name) > maxTemplateName || channels.Units(code) > maxLanguage {
		r.warn("template:refused", "nothing is said: Messenger knows no template %q in the language %q", clip(name), clip(code))
		return
	}
	made := payload{TemplateType: "utility_messages", Name: name, Language: &language{Code: code}}
	if h := r.templateHeader(p.Header); h != nil {
		made.Components = append(made.Components, component{Type: "header", Parameters: []parameter{*h}})
	}
	if len(p.Body) > 0 {
		body := component{Type: "body"}
		for _, text := range p.Body {
			body.Parameters = append(body.Parameters, r.templateText(text))
		}
		made.Components = append(made.Components, body)
	}
	for i := range p.Buttons {
		if c := r.templateButton(&p.Buttons[i]); c != nil {
			c.Index = &i
			made.Components = append(made.Components, *c)
		}
	}
	r.attach(made)
	r.said[len(r.said)-1].approved = true
}

// templateText fills one place; Meta takes no empty one.
func (r *rendering) templateText(s string) parameter {
	s = channels.Clean(s)
	if s == "" {
		r.warn("template:empty", "a place of the template is filled with %q: Messenger takes no empty one", channels.Ellipsis)
	}
	short := cut(cmp.Or(s, channels.Ellipsis), maxParameter)
	if s != "" && short != s {
		r.warn("template:text_cut", "%q is cut to %d characters", clip(s), maxParameter)
	}
	return parameter{Type: "text", Text: short}
}

// templateHeader fills the header, nil for none.
func (r *rendering) templateHeader(h *blocks.TemplateHeader) *parameter {
	if h == nil {
		return nil
	}
	if h.Text != "" {
		p := r.templateText(h.Text)
		return &p
	}
	p := &parameter{}
	given := cmp.Or(h.Image, h.Video, h.File)
	address := &link{Link: webURL(given)}
	if address.Link == "" {
		r.warn("template:header_refused", "the header is left out: Messenger fetches nothing from %q", clip(given))
		return nil
	}
	switch given {
	case h.Image:
		p.Type, p.Image = "image", address
	case h.Video:
		p.Type, p.Video = "video", address
	default:
		p.Type, p.Document = "document", address
	}
	return p
}

// templateButton fills a button, nil for one that needs nothing.
func (r *rendering) templateButton(b *blocks.Button) *component {
	switch b.Action {
	case blocks.ActionNone:
		return nil
	case blocks.ActionURLTail:
		p := r.templateText(b.Value)
		return &component{Type: "button", SubType: "url", Parameters: []parameter{p}}
	}
	return &component{Type: "button", SubType: "quick_reply", Parameters: []parameter{{Type: "payload", Payload: r.data(b, channels.Ellipsis)}}}
}
