package line

import (
	"cmp"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

// card is a blocks.Card with what LINE can show of it.
type card struct {
	title, subtitle, image string
	tap                    *blocks.Button
	buttons                []blocks.Button
}

// carousel shows a row of cards: as LINE's template where all columns are of
// one shape and nothing is cut, else as Flex bubbles. One card stands alone.
func (r *rendering) carousel(p *blocks.Carousel) {
	cards := r.cards(p.Cards)
	words := []string{p.AltText}
	if channels.Flat(p.AltText) == "" {
		words = titles(cards)
	}
	switch aspect := aspectOf(p); {
	case len(cards) == 0:
		r.warn("carousel:empty", "nothing is shown: the carousel has no card")
	case len(cards) == 1 && inTemplate(&cards[0], maxButtonsActions, maxButtonsText, maxButtonsImageText):
		t := r.templateCard(&cards[0])
		r.add(message{Type: "template", AltText: alt(words...), Template: &template{
			Type: "buttons", ImageAspectRatio: templateAspect(t.ThumbnailImageURL, aspect),
			ThumbnailImageURL: t.ThumbnailImageURL, Title: t.Title, Text: t.Text,
			DefaultAction: t.DefaultAction, Actions: t.Actions,
		}})
	case len(cards) > 1 && uniform(cards):
		t := &template{Type: "carousel", ImageAspectRatio: templateAspect(cards[0].image, aspect)}
		for i := range cards {
			t.Columns = append(t.Columns, r.templateCard(&cards[i]))
		}
		r.add(message{Type: "template", AltText: alt(words...), Template: t})
	default:
		bubbles := make([]*flex, len(cards))
		for i := range cards {
			bubbles[i] = r.cardBubble(&cards[i], aspect)
		}
		r.flexCarousel(bubbles, words)
	}
}

// cards keeps of the cards what LINE can show.
func (r *rendering) cards(all []blocks.Card) []card {
	var cards []card
	for i := range all {
		if len(cards) == maxBubbles {
			r.warn("carousel:too_many_cards", "%d of %d cards are left out: LINE shows %d", len(all)-i, len(all), maxBubbles)
			break
		}
		if c, ok := r.card(&all[i]); ok {
			cards = append(cards, c)
		}
	}
	return cards
}

func (r *rendering) card(b *blocks.Card) (card, bool) {
	c := card{
		title:    channels.Clean(b.Title),
		subtitle: channels.Clean(b.Subtitle),
		image:    r.cardImage(b.ImageURL),
		tap:      r.tap(b.Tap),
		buttons:  r.buttons(b.Buttons),
	}
	if c.title == "" && c.subtitle == "" && c.image == "" && len(c.buttons) == 0 {
		r.warn("card:empty", "a card is left out: there is nothing on it")
		return c, false
	}
	return c, true
}

// cardImage is the address of a card's or column's picture, "" without one.
func (r *rendering) cardImage(url string) string {
	if url == "" {
		return ""
	}
	image := fileURL(url)
	if image == "" {
		r.warn("card:image_refused", "a picture is left out: LINE shows only https addresses of at most %d characters, not %q", maxMediaURL, clip(url))
	}
	return image
}

func titles(cards []card) []string {
	var words []string
	for i := range cards {
		words = append(words, cmp.Or(cards[i].title, cards[i].subtitle))
	}
	return words
}

// uniform tells whether LINE's carousel template shows the cards as they are:
// it wants the same number of buttons, and pictures and titles on all or none.
func uniform(cards []card) bool {
	first := &cards[0]
	for i := range cards {
		c := &cards[i]
		if len(c.buttons) != len(first.buttons) ||
			(c.image == "") != (first.image == "") ||
			c.titled() != first.titled() ||
			!inTemplate(c, maxColumnActions, maxColumnText, maxColumnImageText) {
			return false
		}
	}
	return len(cards) <= maxColumns
}

// titled tells whether a template shows the card with a title over its text. A
// card without one of the two has only text: templates demand it.
func (c *card) titled() bool { return c.title != "" && c.subtitle != "" }

// inTemplate tells whether a template with these limits shows the card as it
// is.
func inTemplate(c *card, maxActions, maxText, maxShortText int) bool {
	text, limit := c.title, maxText
	if c.subtitle != "" {
		text = c.subtitle
	}
	if c.image != "" || c.titled() {
		limit = maxShortText
	}
	return text != "" && letters(text) <= limit &&
		(!c.titled() || letters(c.title) <= maxTemplateTitle) &&
		len(c.buttons) > 0 && templateButtons(c.buttons, maxActions)
}

// templateCard makes the column of a card that inTemplate found to fit.
func (r *rendering) templateCard(c *card) column {
	col := column{ThumbnailImageURL: c.image, Text: c.title, Actions: r.actions(c.buttons, maxTemplateLabel)}
	if c.subtitle != "" {
		col.Text = c.subtitle
	}
	if c.titled() {
		col.Title = c.title
	}
	if c.tap != nil {
		col.DefaultAction = r.tapAction(c.tap, cmp.Or(c.title, c.subtitle))
	}
	return col
}

// tapAction is the action of a tap on what has this name. Its label is read
// aloud rather than shown, so it may be cut without a word.
func (r *rendering) tapAction(b *blocks.Button, name string) *action {
	label := cmp.Or(channels.Flat(b.Title), channels.Flat(name), channels.Ellipsis)
	return r.do(b, cut(label, maxTemplateLabel, maxLabelUnits))
}

// cardBubble shows a card as a bubble.
func (r *rendering) cardBubble(c *card, aspect string) *flex {
	b := &flex{Type: "bubble"}
	if c.image != "" {
		b.Hero = picture(c.image, aspect)
	}
	if c.title != "" || c.subtitle != "" {
		b.Body = vertical()
		b.Body.Spacing = "sm"
	}
	if c.title != "" {
		title := textBlock(r.cardText(c.title, maxFlexTitleUnits))
		title.Weight = "bold"
		b.Body.Contents = append(b.Body.Contents, title)
	}
	if c.subtitle != "" {
		subtitle := textBlock(r.cardText(c.subtitle, maxFlexTextUnits))
		subtitle.Size, subtitle.Color = "sm", "#666666"
		b.Body.Contents = append(b.Body.Contents, subtitle)
	}
	if groups := r.groups(c.buttons); len(groups) > 0 {
		b.Footer = groups[0]
		if shown := len(groups[0].Contents); shown < len(c.buttons) {
			r.warn("card:too_many_buttons", "%d of %d buttons of the card %q are left out", len(c.buttons)-shown, len(c.buttons), clip(c.title))
		}
	}
	if c.tap != nil {
		b.Action = r.tapAction(c.tap, cmp.Or(c.title, c.subtitle))
	}
	return b
}

// cardText is a text within what a bubble takes.
func (r *rendering) cardText(s string, limit int) string {
	short := cut(s, 0, limit)
	if short != s {
		r.warn("card:text_cut", "%q is cut to %d characters", clip(s), limit)
	}
	return short
}

// flexCarousel says bubbles as one message, or as several where together they
// are more bytes than LINE takes.
func (r *rendering) flexCarousel(bubbles []*flex, words []string) {
	const room = maxFlexBytes - 1<<10 // the rest is for what stands around them
	var rows [][]*flex
	size := 0
	for _, b := range bubbles {
		n := len(encode(b)) + 1
		if last := len(rows) - 1; last >= 0 && size+n <= room {
			rows[last] = append(rows[last], b)
			size += n
			continue
		}
		rows, size = append(rows, []*flex{b}), n
	}
	if len(rows) > 1 {
		r.warn("carousel:split", "the cards are too large for one message and become %d", len(rows))
	}
	for _, row := range rows {
		contents := row[0]
		if len(row) > 1 {
			contents = &flex{Type: "carousel", Contents: row}
		}
		r.add(message{Type: "flex", AltText: alt(words...), Contents: contents})
	}
}

// aspectOf is the shape of a carousel's pictures in bubbles.
func aspectOf(p *blocks.Carousel) string {
	if p.Aspect == "square" {
		return square
	}
	return horizontal
}

// templateAspect is the shape of a template's pictures, "" where it has none
// or LINE's own is meant.
func templateAspect(image, aspect string) string {
	if image == "" || aspect != square {
		return ""
	}
	return "square"
}
