package line

import (
	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

// text says a text with the buttons under it: as a text message without
// buttons, as a buttons template when all fits there, else as a Flex bubble,
// with a text too long for one said before it.
func (r *rendering) text(text string, buttons []blocks.Button) {
	buttons = r.buttons(buttons)
	text = channels.Clean(channels.Join("\n\n", text, r.takeHints()))
	switch {
	case len(buttons) == 0:
		r.plain(text)
	case text == "":
		r.warn("text:empty", "the buttons stand alone: the text over them is empty")
		r.flexText("", buttons)
	case letters(text) <= maxButtonsText && templateButtons(buttons, maxButtonsActions):
		r.add(message{Type: "template", AltText: alt(text), Template: &template{
			Type: "buttons", Text: text, Actions: r.actions(buttons, maxTemplateLabel),
		}})
	case channels.Units(text) <= maxFlexTextUnits:
		r.flexText(text, buttons)
	default:
		r.plain(text)
		r.flexText("", buttons)
	}
}

// plain says text in as many messages as it needs.
func (r *rendering) plain(text string) {
	if text = channels.Clean(text); text == "" {
		r.warn("text:empty", "nothing is said: LINE takes no empty text")
		return
	}
	pieces := channels.Split(text, maxTextUnits)
	if len(pieces) > 1 {
		r.warn("text:split", "the text is longer than %d characters and becomes %d messages", maxTextUnits, len(pieces))
	}
	for _, piece := range pieces {
		r.add(message{Type: "text", Text: piece})
	}
}

// flexText says text and buttons as a bubble, or several where there are more
// buttons than one can hold.
func (r *rendering) flexText(text string, buttons []blocks.Button) {
	groups := r.groups(buttons)
	if len(groups) > 1 {
		r.warn("text:buttons_split", "%d buttons become %d messages", len(buttons), len(groups))
	}
	for i, group := range groups {
		b := &flex{Type: "bubble", Footer: group}
		words := channels.Join(" / ", labels(group)...)
		if i == 0 && text != "" {
			b.Body = vertical(textBlock(text))
			words = text
		}
		r.add(message{Type: "flex", AltText: alt(words), Contents: b})
	}
}

// alt is what notifications and the list of chats show of a message. LINE
// refuses an empty one.
func alt(words ...string) string {
	text := channels.Flat(channels.Join(" · ", words...))
	if text == "" {
		text = channels.Ellipsis
	}
	return cut(text, 0, maxAltUnits)
}
