package linerules

// Limits of templates. Titles and texts are counted in graphemes; a text is
// short when a picture or a title stands above it.
const (
	maxTitle          = 40
	buttonsText       = 160
	confirmText       = 240
	columnText        = 120
	shortText         = 60
	maxButtonsActions = 4
	confirmActions    = 2
	maxColumnActions  = 3
	maxColumns        = 10
)

func (c *checker) template(o object) {
	c.text(o, "altText", 1, maxAltText, UTF16)
	t, ok := c.object(o, "template", true)
	if !ok {
		return
	}
	switch t.text("type") {
	case "buttons":
		c.templateImage(t)
		c.card(t, buttonsText)
		c.actions(t, 1, maxButtonsActions)
	case "confirm":
		c.text(t, "text", 1, confirmText, Graphemes)
		c.actions(t, confirmActions, confirmActions)
	case "carousel":
		c.templateImage(t)
		c.columns(t)
	case "image_carousel":
		for _, column := range c.list(t, "columns", 1, maxColumns) {
			c.media(column, "imageUrl", true)
			if a, ok := c.object(column, "action", true); ok {
				c.action(a, place{label: maxPictureLabel})
			}
		}
	default:
		c.oneOf(t, "type", true, "buttons", "confirm", "carousel", "image_carousel")
	}
}

func (c *checker) templateImage(t object) {
	c.oneOf(t, "imageAspectRatio", false, "rectangle", "square")
	c.oneOf(t, "imageSize", false, "cover", "contain")
}

// card checks what a buttons template and a carousel's column share.
func (c *checker) card(t object, text int) {
	c.media(t, "thumbnailImageUrl", false)
	c.colour(t, "imageBackgroundColor")
	c.text(t, "title", 0, maxTitle, Graphemes)
	if t.text("thumbnailImageUrl") != "" || t.text("title") != "" {
		text = shortText
	}
	c.text(t, "text", 1, text, Graphemes)
	if a, ok := c.object(t, "defaultAction", false); ok {
		c.action(a, place{label: maxLabel})
	}
}

func (c *checker) actions(t object, low, high int) int {
	actions := c.list(t, "actions", low, high)
	for _, a := range actions {
		c.action(a, place{label: maxLabel, required: true})
	}
	return len(actions)
}

// columns checks that all columns of a carousel are of one form: LINE refuses
// columns that differ in how many actions they have, or in having a picture
// or a title.
func (c *checker) columns(t object) {
	columns := c.list(t, "columns", 1, maxColumns)
	var first object
	actions := 0
	for i, column := range columns {
		c.card(column, columnText)
		n := c.actions(column, 1, maxColumnActions)
		if i == 0 {
			first, actions = column, n
			continue
		}
		if n != actions {
			c.fault(column.at("actions"), "Must have as many actions as the first column")
		}
		for _, key := range []string{"thumbnailImageUrl", "title"} {
			if (column.text(key) != "") != (first.text(key) != "") {
				c.fault(column.at(key), "Must be in all columns or in none")
			}
		}
	}
}
