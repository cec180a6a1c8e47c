package app

import (
	"fmt"
	"strings"

	"github.com/blockcast/blockcast/blocks"
)

// message shows one message with its buttons.
func (s *chatScreen) message(m *blocks.Message) {
	switch p := m.Part.(type) {
	case *blocks.Text:
		s.said(p.Text)
		s.buttons(p.Buttons)
	case *blocks.Media:
		s.said(strings.Join(strings.Fields("("+p.Kind+") "+p.Name+" "+p.URL), " "))
		s.buttons(p.Buttons)
	case *blocks.Carousel:
		for i := range p.Cards {
			s.card(&p.Cards[i])
		}
	case *blocks.ImageCarousel:
		for i := range p.Columns {
			s.column(&p.Columns[i])
		}
	case *blocks.Location:
		s.said(fmt.Sprintf("(location) %s\n%s\n%g, %g", p.Title, p.Address, p.Latitude, p.Longitude))
	case *blocks.Raw:
		s.said("(raw, " + p.Channel + ") " + string(p.Payload))
	}
	for i := range m.QuickReplies {
		s.button("(", ")", &m.QuickReplies[i])
	}
}

func (s *chatScreen) card(c *blocks.Card) {
	text := c.Title
	if c.Subtitle != "" {
		text += "\n" + c.Subtitle
	}
	if c.ImageURL != "" {
		text += "\n(image) " + c.ImageURL
	}
	s.boxed(text)
	s.tap(c.Tap)
	s.buttons(c.Buttons)
}

func (s *chatScreen) column(c *blocks.Column) {
	text := "(image) " + c.ImageURL
	if c.Badge != nil {
		text = "[" + c.Badge.Text + "] " + text
	}
	s.boxed(text)
	s.tap(c.Tap)
	if c.Button != nil {
		s.button("[", "]", c.Button)
	}
}

func (s *chatScreen) tap(b *blocks.Button) {
	if b != nil {
		s.button("[", "]", b)
	}
}

func (s *chatScreen) buttons(bs []blocks.Button) {
	for i := range bs {
		s.button("[", "]", &bs[i])
	}
}

// button shows a button's number, title and what it does.
func (s *chatScreen) button(open, shut string, b *blocks.Button) {
	s.n++
	title := b.Title
	if title == "" {
		title = "a tap on it"
	}
	s.wrapped(fmt.Sprintf("      %s%d%s ", open, s.n, shut), "          ", oneLine(title)+s.does(b))
}

// does says what a button does, where its title does not.
func (s *chatScreen) does(b *blocks.Button) string {
	switch b.Action {
	case blocks.ActionGoto, blocks.ActionSubscribe, blocks.ActionUnsubscribe:
		name := ""
		if _, to, ok := s.blocks.Block(b.Value); ok {
			name = " → " + to.Name
		}
		if b.Action != blocks.ActionGoto {
			return " (" + string(b.Action) + ")" + name
		}
		return name
	case blocks.ActionSay:
		if b.Value != b.Title {
			return fmt.Sprintf(" (says %q)", oneLine(b.Value))
		}
		return ""
	case blocks.ActionURL, blocks.ActionCall:
		return " → " + b.Value
	}
	return " (" + asked(b.Action) + ")"
}

// asked is what a platform's own dialogue asks for.
func asked(a blocks.Action) string {
	switch a {
	case blocks.ActionAskTime:
		return "opens a calendar"
	case blocks.ActionAskLocation:
		return "opens a map"
	case blocks.ActionAskPhone:
		return "shares the phone number"
	case blocks.ActionAskEmail:
		return "shares the e-mail address"
	}
	return strings.ReplaceAll(string(a), "_", " ")
}

func (s *chatScreen) said(text string)  { s.wrapped("  ", "  ", text) }
func (s *chatScreen) boxed(text string) { s.wrapped("  ┌ ", "  │ ", text) }
