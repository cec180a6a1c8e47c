package line

import (
	"cmp"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

// buttons keeps what LINE can show under a message. A location it asks for
// under the last message only, so that button moves there; what it has no
// button for at all is said as a line of text. After this an action can always
// be made of what is kept.
func (r *rendering) buttons(bs []blocks.Button) []blocks.Button {
	var kept []blocks.Button
	for _, b := range bs {
		if b.Action == blocks.ActionAskLocation {
			r.warn("button:to_quick_reply", "%q moves to the quick replies: LINE asks for a place only there", b.Title)
			r.quick = append(r.quick, b)
			continue
		}
		if r.usable(&b) {
			kept = append(kept, b)
		}
	}
	return kept
}

// tap keeps what a tap on a card or picture itself does, nil when LINE cannot
// do it. It has no title that could be said instead.
func (r *rendering) tap(b *blocks.Button) *blocks.Button {
	if b == nil {
		return nil
	}
	switch b.Action {
	case blocks.ActionAskLocation, blocks.ActionAskPhone, blocks.ActionAskEmail:
		r.warn("tap:unsupported", "a tap does nothing: LINE has no %s there", b.Action)
		return nil
	case blocks.ActionURL:
		if uri(b.Value) == "" {
			r.warn("tap:url_refused", "a tap does nothing: LINE opens no link like %q", clip(b.Value))
			return nil
		}
	case blocks.ActionCall:
		if tel(b.Value) == "" {
			r.warn("tap:call_refused", "a tap does nothing: %q is no phone number", clip(b.Value))
			return nil
		}
	}
	return b
}

// usable tells whether an action can be made of the button, and says what it
// is about where not. LINE carries nothing back from a call or a place: what
// the tap was to set is lost.
func (r *rendering) usable(b *blocks.Button) bool {
	switch b.Action {
	case blocks.ActionAskPhone, blocks.ActionAskEmail:
		r.warn("button:as_keyboard", "%q opens the keyboard: LINE shares no %s, people type it", b.Title, asked(b.Action))
	case blocks.ActionURL:
		if uri(b.Value) == "" {
			r.warn("button:url_refused", "%q becomes a line of text: LINE opens no link like %q", b.Title, clip(b.Value))
			r.hint(b.Title, b.Value)
			return false
		}
	case blocks.ActionCall:
		if tel(b.Value) == "" {
			r.warn("button:call_refused", "%q becomes a line of text: %q is no phone number", b.Title, clip(b.Value))
			r.hint(b.Title, b.Value)
			return false
		}
	}
	if effects(b) && (b.Action == blocks.ActionCall || b.Action == blocks.ActionAskLocation) {
		r.warn("button:effects_lost", "what %q sets or tags is lost: LINE does not tell of this tap", b.Title)
	}
	return true
}

// asked is what a button asks for, in words.
func asked(a blocks.Action) string {
	if a == blocks.ActionAskEmail {
		return "e-mail address"
	}
	return "phone number"
}

// effects tells whether a tap does more than its action.
func effects(b *blocks.Button) bool {
	return len(b.Set)+len(b.Tag)+len(b.Untag) > 0
}

// actions makes the actions of buttons that have been kept.
func (r *rendering) actions(bs []blocks.Button, maxLabel int) []*action {
	as := make([]*action, len(bs))
	for i := range bs {
		as[i] = r.action(&bs[i], maxLabel)
	}
	return as
}

// action makes the action of a button that has been kept.
func (r *rendering) action(b *blocks.Button, maxLabel int) *action {
	return r.do(b, r.label(b, maxLabel))
}

// do makes what a tap does. One that goes to a block shows the button's title
// in the chat, as if it had been said.
func (r *rendering) do(b *blocks.Button, label string) *action {
	a := &action{Label: label}
	switch b.Action {
	case blocks.ActionURL:
		a.Type, a.URI = "uri", uri(b.Value)
	case blocks.ActionCall:
		a.Type, a.URI = "uri", tel(b.Value)
	case blocks.ActionSay:
		r.say(a, b)
	case blocks.ActionAskTime:
		a.Type, a.Data, a.Mode = "datetimepicker", data(b), mode(b.Value)
	case blocks.ActionAskLocation:
		a.Type = "location"
	case blocks.ActionAskPhone, blocks.ActionAskEmail:
		a.Type, a.Data, a.InputOption = "postback", data(b), openKeyboard
	default:
		a.Type, a.Data, a.DisplayText = "postback", data(b), cut(channels.Flat(b.Title), maxSaid, maxSaid)
	}
	return a
}

// say makes the person say a text. Said as a message nothing comes back but
// the text; where the tap also sets or tags, a postback shows the same text
// and brings our payload.
func (r *rendering) say(a *action, b *blocks.Button) {
	said := cmp.Or(channels.Clean(b.Value), channels.Flat(b.Title), a.Label)
	text := cut(said, maxSaid, maxSaid)
	if text != said {
		r.warn("button:text_cut", "what %q says is cut to %d characters", b.Title, maxSaid)
	}
	if effects(b) {
		a.Type, a.Data, a.DisplayText = "postback", data(b), text
		return
	}
	a.Type, a.Text = "message", text
}

// label is a button's title within LINE's limit for its place.
func (r *rendering) label(b *blocks.Button, maxLabel int) string {
	title := title(b)
	label := cut(title, maxLabel, maxLabelUnits)
	if label != title {
		r.warn("button:title_cut", "%q is cut to %q: LINE shows %d characters here", clip(title), label, maxLabel)
	}
	return label
}

// title is what a button is called; LINE takes none without a name.
func title(b *blocks.Button) string {
	if t := channels.Flat(b.Title); t != "" {
		return t
	}
	switch b.Action {
	case blocks.ActionURL, blocks.ActionCall, blocks.ActionSay:
		if t := channels.Flat(b.Value); t != "" {
			return t
		}
	}
	return channels.Ellipsis
}

// fits tells whether a button's title is shown whole.
func fits(b *blocks.Button, maxLabel int) bool {
	t := title(b)
	return letters(t) <= maxLabel && channels.Units(t) <= maxLabelUnits
}

// templateButtons tells whether a template shows these buttons as they are.
func templateButtons(bs []blocks.Button, most int) bool {
	for i := range bs {
		if colored(&bs[i]) || !fits(&bs[i], maxTemplateLabel) {
			return false
		}
	}
	return len(bs) <= most
}

func data(b *blocks.Button) *string {
	d := b.Payload
	return &d
}

// openKeyboard lets a postback open the keyboard, on phones.
const openKeyboard = "openKeyboard"

// mode is which picker opens; a date and a time unless said.
func mode(value string) string {
	switch value {
	case "date", "time":
		return value
	}
	return "datetime"
}

// clip keeps a warning readable.
func clip(s string) string { return cut(channels.Flat(s), 0, 60) }
