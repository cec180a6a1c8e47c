package messenger

import (
	"strings"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

// text says a text, with buttons as a button template: of a text too long for
// that, the beginning is said before it.
func (r *rendering) text(text string, buttons []blocks.Button) {
	buttons = r.buttons(buttons)
	text = channels.Clean(channels.Join("\n\n", text, r.takeHints()))
	switch {
	case len(buttons) == 0:
		r.plain(text)
	case text == "":
		r.warn("text:empty", "the buttons stand under %q: the text over them is empty", channels.Ellipsis)
		r.underneath(channels.Ellipsis, buttons)
	case channels.Units(text) <= maxButtonText:
		r.underneath(text, buttons)
	default:
		pieces := channels.Split(text, maxButtonText)
		last := pieces[len(pieces)-1]
		r.warn("text:split", "the text over the buttons is longer than %d characters: its beginning is said before", maxButtonText)
		r.plain(strings.TrimSuffix(text, last))
		r.underneath(last, buttons)
	}
}

// plain says text in as many messages as it needs.
func (r *rendering) plain(text string) {
	if text = channels.Clean(text); text == "" {
		r.warn("text:empty", "nothing is said: Messenger takes no empty text")
		return
	}
	pieces := channels.Split(text, maxText)
	if len(pieces) > 1 {
		r.warn("text:split", "the text is longer than %d characters and becomes %d messages", maxText, len(pieces))
	}
	for _, piece := range pieces {
		r.add(message{Text: piece})
	}
}

// underneath says buttons that have been kept under a text, in as many
// templates as they need; each must have a text of its own.
func (r *rendering) underneath(text string, buttons []blocks.Button) {
	made := r.made(buttons)
	if n := (len(made) + maxButtons - 1) / maxButtons; n > 1 {
		r.warn("text:buttons_split", "%d buttons become %d messages: Messenger shows %d in one", len(made), n, maxButtons)
	}
	for len(made) > 0 {
		n := min(maxButtons, len(made))
		r.attach(payload{TemplateType: "button", Text: text, Buttons: made[:n:n]})
		made, text = made[n:], channels.Ellipsis
	}
}
