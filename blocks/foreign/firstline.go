package foreign

import (
	"strings"

	"github.com/blockcast/blockcast/blocks"
)

// FirstLine reads the message of one of FIRST LINE's five kinds: text, whose
// message is a text, and button, quickreply, carousel and image_carousel, whose
// message is an object.
//
//	button  {"explain_text": "需要幫忙嗎？", "options": [{"label": "是", "value": "help", "type": "text"}]}
//
// null counts as absent. The warnings tell what is left out. An error is Faults.
func FirstLine(kind string, data []byte) (m blocks.Message, warnings []string, err error) {
	f := firstLine{new(reader)}
	switch n := f.parse("message", data, kind != "text"); {
	case len(f.faults) > 0:
	case kind == "text":
		m.Part = &blocks.Text{Text: n.needed()}
	default:
		m = f.message(kind, n)
	}
	if err := f.err(); err != nil {
		return blocks.Message{}, nil, err
	}
	return m, f.warnings, nil
}

type firstLine struct{ *reader }

func (f firstLine) message(kind string, n node) (m blocks.Message) {
	switch kind {
	case "button":
		if n.object() {
			m.Part = &blocks.Text{Text: n.at("explain_text").needed(), Buttons: f.options(n, blocks.MaxButtons)}
		}
	case "quickreply":
		if n.object() {
			m.Part, m.QuickReplies = &blocks.Text{Text: n.at("explain_text").needed()}, f.options(n, blocks.MaxQuickReplies)
		}
	case "carousel":
		if n.object() {
			m.Part = f.carousel(n)
		}
	case "image_carousel":
		if n.object() {
			m.Part = f.imageCarousel(n)
		}
	default:
		what := "is none of "
		if kind == "" {
			what = "is missing: it is one of "
		}
		node{f.reader, "type", nil}.fault("%stext, carousel, image_carousel, button, quickreply", what)
		if n.absent() {
			n.fault("is missing")
		}
	}
	return m
}

// options shows the label of each and says its value.
func (f firstLine) options(n node, most int) []blocks.Button {
	var out []blocks.Button
	for _, o := range n.at("options").neededList(most) {
		if o.object() {
			label := o.at("label").needed()
			out = append(out, f.button(o, label, firstSaid(o.at("value").text(), label)))
		}
	}
	return out
}

// button is what a tap on something titled does; one that says something says
// the given text.
func (f firstLine) button(n node, title, says string) blocks.Button {
	b := blocks.Button{Title: title}
	switch kind := n.at("type"); f.kind(n) {
	case "text":
		b.Action, b.Value = blocks.ActionSay, says
	case "url":
		b.Action, b.Value = blocks.ActionURL, n.at("url").link()
	case "phonenumber":
		b.Action, b.Value = blocks.ActionCall, f.number(n.at("number"))
	default:
		kind.fault("is none of text, url, phonenumber")
	}
	return b
}

// kind is the type of a button; where it is absent the only thing given tells.
func (f firstLine) kind(n node) string {
	switch {
	case !n.at("type").absent():
		return n.at("type").word()
	case !n.at("url").absent():
		return "url"
	case !n.at("number").absent():
		return "phonenumber"
	}
	return "text"
}

// number is one to call, as it is written.
func (f firstLine) number(n node) string {
	s := strings.TrimSpace(n.needed())
	if s != "" && !strings.ContainsAny(s, "0123456789") {
		n.fault("is not a number to call")
	}
	return s
}

func (f firstLine) carousel(n node) blocks.Part {
	p := &blocks.Carousel{AltText: n.at("alt_text").text()}
	for _, c := range n.at("columns").neededList(blocks.MaxCards) {
		if !c.object() {
			continue
		}
		card := blocks.Card{Title: c.at("title").text(), Subtitle: c.at("text").text()}
		if image := c.at("image_url"); !image.absent() {
			card.ImageURL = image.media()
		}
		if card.Title == "" && card.Subtitle == "" && card.ImageURL == "" {
			c.fault("is empty: give it a title, a text or an image_url")
		}
		for _, a := range c.at("actions").list(blocks.MaxButtons) {
			if a.object() && !f.nothing(a) {
				card.Buttons = append(card.Buttons, f.action(a))
			}
		}
		p.Cards = append(p.Cards, card)
	}
	return p
}

// action is a button of a card: it shows the text, else the label, and says
// the value, else the text.
func (f firstLine) action(a node) blocks.Button {
	text, label := a.at("text").text(), a.at("label").text()
	title := firstSaid(text, label)
	if strings.TrimSpace(title) == "" {
		a.at("text").fault("is missing: it is what the button shows")
	}
	return f.button(a, title, firstSaid(a.at("value").text(), title))
}

// nothing reports whether an action is there for its shape alone: all null.
func (f firstLine) nothing(a node) bool {
	for _, key := range []string{"type", "url", "value", "text", "label", "number"} {
		if !a.at(key).absent() {
			return false
		}
	}
	return true
}

func (f firstLine) imageCarousel(n node) blocks.Part {
	p := &blocks.ImageCarousel{AltText: n.at("alt_text").text()}
	for _, c := range n.at("columns").neededList(blocks.MaxCards) {
		if c.object() {
			p.Columns = append(p.Columns, f.column(c))
		}
	}
	return p
}

// column is a picture. Its button does what a tap on the picture does; where
// that is nothing, it says its own text.
func (f firstLine) column(c node) blocks.Column {
	out := blocks.Column{ImageURL: c.at("image_url").media(), Badge: f.badge(c.at("badge"))}
	button := c.at("button")
	shown := ""
	if !button.absent() && button.object() {
		shown = button.at("text").text()
	}
	out.Tap = f.tap(c.at("action"), shown)
	if strings.TrimSpace(shown) == "" {
		return out
	}
	b := blocks.Button{Action: blocks.ActionSay, Value: shown}
	if out.Tap != nil {
		b = *out.Tap
	}
	b.Title = shown
	b.Color, b.BackgroundColor, b.BorderColor = button.at("color").color(), button.at("background_color").color(), button.at("border_color").color()
	out.Button = &b
	return out
}

// tap is what a tap on a picture does, nil when that is nothing: a text to say
// may be missing, an address may not.
func (f firstLine) tap(a node, shown string) *blocks.Button {
	if a.absent() || !a.object() || f.nothing(a) {
		return nil
	}
	says := firstSaid(a.at("value").text(), shown)
	if f.kind(a) == "text" && strings.TrimSpace(says) == "" {
		return nil
	}
	b := f.button(a, "", says)
	return &b
}

// badge is the label over a picture; its border is not shown.
func (f firstLine) badge(n node) *blocks.Badge {
	if n.absent() || !n.object() {
		return nil
	}
	text := n.at("text").text()
	if strings.TrimSpace(text) == "" {
		return nil
	}
	if n.at("border_color").color() != "" {
		n.warn("badge:border", "badges are shown without a border")
	}
	return &blocks.Badge{Text: text, Color: n.at("color").color(), BackgroundColor: n.at("background_color").color()}
}

// firstSaid is the first text that says something, "" when none does.
func firstSaid(texts ...string) string {
	for _, s := range texts {
		if strings.TrimSpace(s) != "" {
			return s
		}
	}
	return ""
}
