package broadcast

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
)

// texts is all that people read of a render, a line each.
func texts(r *engine.Render) string {
	var messages []blocks.Message
	if err := json.Unmarshal(r.Messages, &messages); err != nil {
		return ""
	}
	var lines []string
	for i := range messages {
		lines = append(lines, textsOf(&messages[i])...)
	}
	return strings.Join(slices.DeleteFunc(lines, func(s string) bool { return s == "" }), "\n")
}

// textsOf is what people read of one message.
func textsOf(m *blocks.Message) []string {
	var out []string
	switch p := m.Part.(type) {
	case *blocks.Text:
		out = []string{p.Text}
	case *blocks.Media:
		out = []string{p.Name}
	case *blocks.Carousel:
		for _, c := range p.Cards {
			out = append(out, c.Title, c.Subtitle)
		}
	case *blocks.ImageCarousel:
		for _, c := range p.Columns {
			if c.Badge != nil {
				out = append(out, c.Badge.Text)
			}
		}
	case *blocks.Location:
		out = []string{p.Title, p.Address}
	case *blocks.ApprovedTemplate:
		if p.Header != nil {
			out = append(out, p.Header.Text)
		}
		out = append(out, p.Body...)
	case *blocks.Raw:
		out = textsIn(p.Payload)
	}
	m.Buttons(func(b *blocks.Button) { out = append(out, b.Title) })
	return out
}

// textsIn are the texts of a platform's own JSON that read like words: not
// addresses, and not the one-word values of its keys.
func textsIn(payload json.RawMessage) []string {
	var v any
	if err := json.Unmarshal(payload, &v); err != nil {
		return nil
	}
	var out []string
	var walk func(key string, v any)
	walk = func(key string, v any) {
		switch v := v.(type) {
		case string:
			if key == "text" || key == "altText" || key == "title" || key == "label" || key == "subtitle" {
				out = append(out, v)
			}
		case []any:
			for _, e := range v {
				walk(key, e)
			}
		case map[string]any:
			keys := make([]string, 0, len(v))
			for k := range v {
				keys = append(keys, k)
			}
			slices.Sort(keys)
			for _, k := range keys {
				walk(k, v[k])
			}
		}
	}
	walk("", v)
	return out
}
