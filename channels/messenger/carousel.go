package messenger

import (
	"cmp"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

// carousel shows a row of cards as generic templates.
func (r *rendering) carousel(p *blocks.Carousel) {
	var elements []element
	for i := range p.Cards {
		elements = append(elements, r.card(&p.Cards[i])...)
	}
	if len(elements) == 0 {
		r.warn("carousel:empty", "nothing is shown: the carousel has no card")
		return
	}
	r.cards(elements, p.Aspect)
}

// cards says cards as one message, or as several where they are more than
// Messenger shows in one.
func (r *rendering) cards(elements []element, aspect string) {
	if aspect != "square" {
		aspect = "" // Messenger's own
	}
	if n := (len(elements) + maxElements - 1) / maxElements; n > 1 {
		r.warn("carousel:split", "%d cards become %d messages: Messenger shows %d in one", len(elements), n, maxElements)
	}
	for len(elements) > 0 {
		n := min(maxElements, len(elements))
		r.attach(payload{TemplateType: "generic", ImageAspect: aspect, Elements: elements[:n:n]})
		elements = elements[n:]
	}
}

// card makes an element of a card, or several with the same face where it has
// more buttons than one can hold. A card with nothing on it is left out.
func (r *rendering) card(c *blocks.Card) []element {
	title, subtitle := channels.Flat(c.Title), channels.Clean(c.Subtitle)
	image := r.cardImage(c.ImageURL)
	hinted := len(r.hints)
	buttons := r.buttons(c.Buttons)
	for i := hinted; i < len(r.hints); i++ {
		r.hints[i] = channels.Join(" – ", title, r.hints[i]) // they are said below, all cards' together
	}
	if title == "" && subtitle == "" && image == "" && len(buttons) == 0 {
		r.warn("card:empty", "a card is left out: there is nothing on it")
		return nil
	}
	if title == "" {
		title, subtitle = channels.Flat(subtitle), ""
	}
	face := element{
		Title:    r.cardText(cmp.Or(title, channels.Ellipsis), maxCardTitle),
		Subtitle: r.cardText(subtitle, maxCardSubtitle),
		ImageURL: image,
	}
	face.DefaultAction, buttons = r.tap(c.Tap, title, buttons)
	return r.faces(face, buttons)
}

// faces makes as many elements of a face as its buttons need.
func (r *rendering) faces(face element, buttons []blocks.Button) []element {
	made := r.made(buttons)
	if len(made) == 0 {
		if face.Subtitle == "" && face.ImageURL == "" && face.DefaultAction == nil {
			face.Subtitle = channels.Ellipsis // Messenger takes no card of a title alone
		}
		return []element{face}
	}
	if n := (len(made) + maxButtons - 1) / maxButtons; n > 1 {
		r.warn("card:buttons_split", "the card %q with %d buttons becomes %d cards: Messenger shows %d on one", clip(face.Title), len(made), n, maxButtons)
	}
	var list []element
	for len(made) > 0 {
		n := min(maxButtons, len(made))
		e := face
		e.Buttons = made[:n:n]
		list, made = append(list, e), made[n:]
	}
	return list
}

// tap is what a tap on the card itself does. Messenger opens only links so;
// anything else becomes a button, unless one does the same already.
func (r *rendering) tap(b *blocks.Button, title string, buttons []blocks.Button) (*button, []blocks.Button) {
	if b == nil {
		return nil, buttons
	}
	if link := webURL(b.Value); b.Action == blocks.ActionURL && link != "" {
		return &button{Type: "web_url", URL: link}, buttons
	}
	for i := range buttons {
		if buttons[i].Action == b.Action && buttons[i].Value == b.Value {
			r.warn("tap:unsupported", "a tap on the card %q does nothing, its button does: in Messenger it opens links only", clip(title))
			return nil, buttons
		}
	}
	if asks(b) || b.Action == blocks.ActionAskLocation || b.Action == blocks.ActionAskTime ||
		b.Action == blocks.ActionURL || b.Action == blocks.ActionCall && phone(b.Value) == "" {
		r.warn("tap:refused", "a tap on the card %q does nothing: Messenger cannot do %s with %q there", clip(title), b.Action, clip(b.Value))
		return nil, buttons
	}
	r.warn("tap:to_button", "a tap on the card %q becomes a button: in Messenger it opens links only", clip(title))
	own := *b
	own.Title = cmp.Or(channels.Flat(own.Title), cut(title, maxTitle), channels.Ellipsis)
	r.effectsLost(&own)
	return nil, append(buttons[:len(buttons):len(buttons)], own)
}

// cardImage is the address of a card's picture, "" without one.
func (r *rendering) cardImage(address string) string {
	if address == "" {
		return ""
	}
	image := webURL(address)
	if image == "" {
		r.warn("card:image_refused", "a picture is left out: Messenger fetches nothing from %q", clip(address))
	}
	return image
}

// cardText is a text within what a card takes.
func (r *rendering) cardText(s string, limit int) string {
	short := cut(s, limit)
	if short != s {
		r.warn("card:text_cut", "%q is cut to %d characters", clip(s), limit)
	}
	return short
}
