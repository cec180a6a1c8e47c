package messenger

import (
	"cmp"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

// imageCarousel shows a row of pictures as cards with square pictures. A card
// needs a title: that is the badge, else what the carousel or the button is
// called.
func (r *rendering) imageCarousel(p *blocks.ImageCarousel) {
	var elements []element
	badges := 0
	for i := range p.Columns {
		c := &p.Columns[i]
		if c.Badge != nil && channels.Flat(c.Badge.Text) != "" {
			badges++
		}
		elements = append(elements, r.column(c, channels.Flat(p.AltText))...)
	}
	if badges > 0 {
		r.warn("badge:as_title", "badges become titles under the pictures: %d of them", badges)
	}
	if len(elements) == 0 {
		r.warn("image_carousel:empty", "nothing is shown: the carousel has no picture")
		return
	}
	r.cards(elements, "square")
}

func (r *rendering) column(c *blocks.Column, altText string) []element {
	var (
		title   = altText
		buttons []blocks.Button
	)
	if c.Button != nil {
		title = cmp.Or(title, channels.Flat(c.Button.Title))
		buttons = r.buttons([]blocks.Button{*c.Button})
	}
	badged := c.Badge != nil && channels.Flat(c.Badge.Text) != ""
	if badged {
		title = channels.Flat(c.Badge.Text)
	}
	face := element{Title: r.cardText(cmp.Or(title, channels.Ellipsis), maxCardTitle), ImageURL: r.cardImage(c.ImageURL)}
	if face.ImageURL == "" && len(buttons) == 0 && !badged {
		r.warn("image_carousel:column_empty", "a column is left out: there is nothing on it")
		return nil
	}
	face.DefaultAction, buttons = r.tap(c.Tap, title, buttons)
	return r.faces(face, buttons)
}
