package messenger

import (
	"cmp"
	"strings"
	"unicode"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

// buttons keeps what Messenger can show under a message. Phone and e-mail it
// asks for by quick replies only, so these move there; what it has no button
// for at all is said as a line of text.
func (r *rendering) buttons(all []blocks.Button) []blocks.Button {
	var kept []blocks.Button
	for _, b := range all {
		switch {
		case asks(&b):
			r.warn("button:to_quick_reply", "%q moves to the quick replies: Messenger has no button for %s", clip(b.Title), b.Action)
			r.effectsLost(&b)
			r.quick = append(r.quick, b)
		case r.usable(&b):
			kept = append(kept, b)
		}
	}
	return kept
}

// asks tells whether a quick reply shares the person's phone or e-mail.
func asks(b *blocks.Button) bool {
	return b.Action == blocks.ActionAskPhone || b.Action == blocks.ActionAskEmail
}

// usable tells whether a button can be made of it, and says what it is about
// where not.
func (r *rendering) usable(b *blocks.Button) bool {
	switch b.Action {
	case blocks.ActionAskTime: // beside a question that is answered by typing
		return false
	case blocks.ActionAskLocation:
		if !worded(b.Title) { // a sign alone says nothing as a line of text
			return false
		}
		r.warn("button:unsupported", "%q becomes a line of text: Messenger has no button for %s", clip(b.Title), b.Action)
		r.hint(b.Title)
		return false
	case blocks.ActionURL:
		if webURL(b.Value) == "" {
			r.warn("button:url_refused", "%q becomes a line of text: Messenger opens no link like %q", clip(b.Title), clip(b.Value))
			r.hint(b.Title, b.Value)
			return false
		}
	case blocks.ActionCall:
		if phone(b.Value) == "" {
			r.warn("button:call_refused", "%q becomes a line of text: Messenger calls only numbers that begin with + and the country, not %q", clip(b.Title), clip(b.Value))
			r.hint(b.Title, b.Value)
			return false
		}
	}
	r.effectsLost(b)
	if !r.colored && b.Color+b.BackgroundColor+b.BorderColor != "" {
		r.colored = true
		r.warn("button:colors_lost", "buttons have no colours in Messenger")
	}
	return true
}

// effectsLost warns where Messenger tells nothing of a tap that was to set
// something; a link's tap is told by the link itself where it is tracked.
func (r *rendering) effectsLost(b *blocks.Button) {
	if (asks(b) || b.Action == blocks.ActionCall) && len(b.Set)+len(b.Tag)+len(b.Untag) > 0 {
		r.warn("button:effects_lost", "what %q sets or tags is lost: Messenger does not tell of this tap", clip(b.Title))
	}
}

// made makes buttons of what has been kept.
func (r *rendering) made(kept []blocks.Button) []button {
	list := make([]button, len(kept))
	for i := range kept {
		list[i] = r.button(&kept[i])
	}
	return list
}

// button makes a button of one that has been kept. What is no link and no call
// comes back as a postback, whose title Messenger shows as said by the person.
func (r *rendering) button(b *blocks.Button) button {
	title := r.title(b)
	switch b.Action {
	case blocks.ActionURL:
		return button{Type: "web_url", Title: title, URL: webURL(b.Value)}
	case blocks.ActionCall:
		return button{Type: "phone_number", Title: title, Payload: phone(b.Value)}
	}
	return button{Type: "postback", Title: title, Payload: r.data(b, title)}
}

// data is what comes back on a tap; Meta takes none that is empty or too long.
func (r *rendering) data(b *blocks.Button, title string) string {
	d := cmp.Or(b.Payload, title)
	if channels.Units(d) > maxPayload {
		r.warn("button:payload_cut", "the payload of %q is cut to %d characters", clip(b.Title), maxPayload)
		d = d[:channels.Fit(d, maxPayload)]
	}
	return d
}

// title is a button's title within Messenger's limit.
func (r *rendering) title(b *blocks.Button) string {
	full := channels.Flat(b.Title)
	if full == "" {
		switch b.Action {
		case blocks.ActionURL, blocks.ActionCall, blocks.ActionSay:
			full = channels.Flat(b.Value)
		}
	}
	full = cmp.Or(full, channels.Ellipsis)
	short := cut(full, maxTitle)
	if short != full {
		r.warn("button:title_cut", "%q is cut to %q: Messenger shows %d characters", clip(full), short, maxTitle)
	}
	return short
}

// worded reports whether a title has letters.
func worded(title string) bool { return strings.ContainsFunc(title, unicode.IsLetter) }
