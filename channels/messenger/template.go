package messenger

import (
	"cmp"

	"github.com/blockcast/blockcast/channels"
)

// RenderTemplate implements channels.Templater by utility messages, what Meta
// approves beforehand for outside the 24 hours. Every button is filled in with
// its payload, which comes back when it is tapped.
func (*Channel) RenderTemplate(t channels.Template) channels.Payload {
	p := payload{TemplateType: "utility_messages", Name: clean(t.Name), Language: &language{Code: cmp.Or(clean(t.Language), "en_US")}}
	if len(t.Body) > 0 {
		body := component{Type: "body"}
		for _, text := range t.Body {
			body.Parameters = append(body.Parameters, parameter{Type: "text", Text: cmp.Or(clean(text), ellipsis)})
		}
		p.Components = append(p.Components, body)
	}
	for i, data := range t.Buttons {
		if data == "" {
			continue // a button without anything to fill in
		}
		p.Components = append(p.Components, component{
			Type: "button", SubType: "quick_reply", Index: &i, Parameters: []parameter{{Type: "payload", Payload: data}},
		})
	}
	return channels.Payload{Body: encode(message{Attachment: &attachment{Type: "template", Payload: p}}), Messages: 1}
}
