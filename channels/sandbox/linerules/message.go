package linerules

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// Limits of message objects, https://developers.line.biz/en/reference/messaging-api/
const (
	maxText          = 5000
	maxAltText       = 1500
	maxEmojis        = 20
	maxSubstitutions = 100
	maxPlace         = 100 // a location's title, and its address
	maxTrackingID    = 100
	maxSenderName    = 20
	maxDeliveryTag   = 30
)

// message checks one message object, all but the inside of a flex container.
func (c *checker) message(raw json.RawMessage, path string) {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		c.fault(path, "Must be an object")
		return
	}
	o, ok := c.asObject(v, path, false)
	if !ok {
		return
	}
	switch o.text("type") {
	case "text":
		c.plainText(o)
	case "textV2":
		c.textV2(o)
	case "sticker":
		c.text(o, "packageId", 1, maxText, UTF16)
		c.text(o, "stickerId", 1, maxText, UTF16)
	case "image":
		c.media(o, "originalContentUrl", true)
		c.media(o, "previewImageUrl", true)
	case "video":
		c.media(o, "originalContentUrl", true)
		c.media(o, "previewImageUrl", true)
		c.text(o, "trackingId", 0, maxTrackingID, UTF16)
	case "audio":
		c.media(o, "originalContentUrl", true)
		c.whole(o, "duration", true, 1, 1<<53)
	case "location":
		c.text(o, "title", 1, maxPlace, UTF16)
		c.text(o, "address", 1, maxPlace, UTF16)
		c.number(o, "latitude", true, -90, 90)
		c.number(o, "longitude", true, -180, 180)
	case "imagemap":
		c.imagemap(o)
	case "template":
		c.template(o)
	case "flex":
		c.containers = true
		c.text(o, "altText", 1, maxAltText, UTF16)
		c.object(o, "contents", true)
	case "coupon":
		c.text(o, "couponId", 1, maxText, UTF16)
		c.text(o, "deliveryTag", 0, maxDeliveryTag, UTF16)
	default:
		c.oneOf(o, "type", true, "text", "textV2", "sticker", "image", "video", "audio",
			"location", "imagemap", "template", "flex", "coupon")
	}
	c.quickReply(o)
	c.sender(o)
}

// plainText checks a text message. Each of its emojis stands on a "$".
func (c *checker) plainText(o object) {
	text := c.text(o, "text", 1, maxText, UTF16)
	for _, e := range c.list(o, "emojis", 0, maxEmojis) {
		c.text(e, "productId", 1, maxText, UTF16)
		c.text(e, "emojiId", 1, maxText, UTF16)
		c.whole(e, "index", true, 0, maxText)
		if i, ok := e.fields["index"].(float64); ok && !dollarAt(text, int(i)) {
			c.fault(e.at("index"), "Must be the position of a $ in the text")
		}
	}
}

// dollarAt tells whether the n-th UTF-16 unit of a text is a "$".
func dollarAt(text string, n int) bool {
	at := 0
	for _, r := range text {
		if at == n {
			return r == '$'
		}
		at++
		if r > 0xFFFF {
			at++
		}
	}
	return false
}

// textV2 checks a text with {placeholders}. Mentions work in groups only, and
// are refused here, where every chat is with one person.
func (c *checker) textV2(o object) {
	text := c.text(o, "text", 1, maxText, UTF16)
	subs, _ := c.object(o, "substitution", false)
	if len(subs.fields) > maxSubstitutions {
		c.fault(subs.path, between("Size", 0, maxSubstitutions))
	}
	names, ok := placeholders(text)
	if !ok {
		c.fault(o.at("text"), "Braces must be closed, or doubled to be shown")
	}
	for _, name := range names {
		if !subs.has(name) {
			c.fault(o.at("substitution"), "Must have a value for {"+name+"}")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(subs.fields)) {
		s, ok := c.object(subs, name, true)
		if !ok {
			continue
		}
		switch s.text("type") {
		case "emoji":
			c.text(s, "productId", 1, maxText, UTF16)
			c.text(s, "emojiId", 1, maxText, UTF16)
		case "mention":
			c.fault(s.at("type"), "Mentions are for groups and rooms")
		default:
			c.oneOf(s, "type", true, "mention", "emoji")
		}
	}
}

// placeholders lists the names in single braces; ok is false when a brace is
// left open.
func placeholders(text string) (names []string, ok bool) {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "{{", ""), "}}", "")
	for {
		before, rest, found := strings.Cut(text, "{")
		if strings.Contains(before, "}") {
			return names, false
		}
		if !found {
			return names, true
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || name == "" || strings.Contains(name, "{") {
			return names, false
		}
		names, text = append(names, name), after
	}
}

// sender checks the name and icon a message is shown under.
func (c *checker) sender(o object) {
	s, ok := c.object(o, "sender", false)
	if !ok {
		return
	}
	name := c.text(s, "name", 0, maxSenderName, UTF16)
	for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if strings.EqualFold(word, "line") {
			c.fault(s.at("name"), "May not contain the name LINE")
		}
	}
	c.media(s, "iconUrl", false)
}
