package outbox

import (
	"encoding/json"
	"fmt"

	"github.com/blockcast/blockcast/blocks"
)

// Places are where the buttons of messages stand, in the order of their index:
// message, card and button, as "0.1.2". Messages and cards are counted from 0,
// buttons from 1, and 0 is a tap on the card or picture itself. Quick replies
// follow a message's last button, on its card 0.
func Places(messages []blocks.Message) []string {
	var out []string
	for n := range messages {
		m, last := &messages[n], 0
		at := func(card, button int) {
			out = append(out, fmt.Sprintf("%d.%d.%d", n, card, button))
			if card == 0 {
				last = max(last, button)
			}
		}
		list := func(card int, bs []blocks.Button) {
			for i := range bs {
				at(card, i+1)
			}
		}
		switch p := m.Part.(type) {
		case *blocks.Text:
			list(0, p.Buttons)
		case *blocks.Media:
			list(0, p.Buttons)
		case *blocks.Carousel:
			for i := range p.Cards {
				if p.Cards[i].Tap != nil {
					at(i, 0)
				}
				list(i, p.Cards[i].Buttons)
			}
		case *blocks.ImageCarousel:
			for i := range p.Columns {
				if p.Columns[i].Tap != nil {
					at(i, 0)
				}
				if p.Columns[i].Button != nil {
					at(i, 1)
				}
			}
		case *blocks.ApprovedTemplate:
			list(0, p.Buttons)
		}
		for range m.QuickReplies {
			at(0, last+1)
		}
	}
	return out
}

// PlaceOf is where a render's button stands, "" when the render has none of this
// index.
func PlaceOf(render json.RawMessage, index int) string {
	var messages []blocks.Message
	if json.Unmarshal(render, &messages) != nil {
		return ""
	}
	if places := Places(messages); index >= 0 && index < len(places) {
		return places[index]
	}
	return ""
}
