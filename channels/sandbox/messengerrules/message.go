package messengerrules

import (
	"net/url"
	"strings"
)

// Limits of message objects,
// https://developers.facebook.com/docs/messenger-platform/reference/send-api
const (
	maxText         = 1999 // "less than 2000"
	maxMetadata     = 999  // "less than 1000"
	maxQuickReplies = 13
	maxTitle        = 20
	maxPayload      = 1000
	maxButtons      = 3
	maxButtonText   = 640
	maxElements     = 10
	maxCard         = 80 // a card's title, and its subtitle
	maxImages       = 30
	maxURL          = 8000 // the sandbox's own
	maxName         = 512
	maxParameter    = 1024
	maxComponents   = 12 // the sandbox's own: a header, a body and ten buttons
	maxPlaces       = 50 // the sandbox's own
)

// mediaTemplate is Meta's subcode for a file of a media template that is not
// its own.
const mediaTemplate = 2018185

func (c *checker) message(o object) {
	c.keys(o, "text", "attachment", "attachments", "quick_replies", "metadata", "sticker_id")
	said := 0
	for _, key := range []string{"text", "attachment", "attachments", "sticker_id"} {
		if o.has(key) {
			said++
		}
	}
	if said != 1 {
		c.fault(o.place, "must have exactly one of text, attachment and attachments")
		return
	}
	c.text(o, "text", false, maxText)
	c.text(o, "metadata", false, maxMetadata)
	if o.has("attachment") {
		if a, ok := c.child(o, "attachment"); ok {
			c.attachment(a)
		}
	}
	for _, a := range c.list(o, "attachments", 0, maxImages) {
		if a.fields["type"] != "image" {
			c.fault(a.at("type"), "must be image")
		}
		c.attachment(a)
	}
	for _, q := range c.list(o, "quick_replies", 0, maxQuickReplies) {
		c.quickReply(q)
	}
}

func (c *checker) quickReply(o object) {
	c.keys(o, "content_type", "title", "payload", "image_url")
	switch o.fields["content_type"] {
	case "text":
		c.text(o, "title", true, maxTitle)
		c.text(o, "payload", true, maxPayload)
		c.url(o, "image_url", false)
	case "user_phone_number", "user_email":
	default:
		c.fault(o.at("content_type"), "must be one of {TEXT, USER_PHONE_NUMBER, USER_EMAIL}")
	}
}

func (c *checker) attachment(o object) {
	c.keys(o, "type", "payload")
	p, ok := c.child(o, "payload")
	if !ok {
		return
	}
	switch o.fields["type"] {
	case "image", "video", "audio", "file":
		c.keys(p, "url", "attachment_id", "is_reusable")
		if p.has("url") == p.has("attachment_id") {
			c.fault(p.place, "must have either url or attachment_id")
		}
		c.url(p, "url", false)
	case "template":
		c.template(p)
	default:
		c.fault(o.at("type"), "must be one of {AUDIO, FILE, IMAGE, TEMPLATE, VIDEO}")
	}
}

func (c *checker) template(o object) {
	switch o.fields["template_type"] {
	case "button":
		c.keys(o, "template_type", "text", "buttons", "sharable")
		c.text(o, "text", true, maxButtonText)
		c.buttons(o, 1)
	case "generic":
		c.keys(o, "template_type", "elements", "image_aspect_ratio", "sharable")
		if v := o.fields["image_aspect_ratio"]; v != nil && v != "horizontal" && v != "square" {
			c.fault(o.at("image_aspect_ratio"), "must be one of {HORIZONTAL, SQUARE}")
		}
		for _, e := range c.list(o, "elements", 1, maxElements) {
			c.element(e)
		}
	case "media":
		c.keys(o, "template_type", "elements", "sharable")
		for _, e := range c.list(o, "elements", 1, 1) {
			c.mediaElement(e)
		}
	case "utility_messages":
		c.utility(o)
	default:
		c.fault(o.at("template_type"), "must be a template type")
	}
}

// element checks a card: its title alone is not enough.
func (c *checker) element(o object) {
	c.keys(o, "title", "subtitle", "image_url", "default_action", "buttons")
	c.text(o, "title", true, maxCard)
	c.text(o, "subtitle", false, maxCard)
	c.url(o, "image_url", false)
	if o.has("default_action") {
		if a, ok := c.child(o, "default_action"); ok {
			if a.fields["type"] != "web_url" || a.has("title") {
				c.fault(a.place, "must be a web_url button without a title")
			}
			c.url(a, "url", true)
		}
	}
	c.buttons(o, 0)
	if len(o.fields) < 2 {
		c.fault(o.place, "requires at least one property besides title")
	}
}

func (c *checker) mediaElement(o object) {
	c.keys(o, "media_type", "attachment_id", "url", "buttons")
	if t := o.fields["media_type"]; t != "image" && t != "video" {
		c.fault(o.at("media_type"), "must be one of {IMAGE, VIDEO}")
	}
	if s, _ := o.fields["url"].(string); s != "" {
		if u, err := url.Parse(s); err != nil || !strings.HasSuffix("."+u.Hostname(), ".facebook.com") {
			c.faultOf(mediaTemplate, o.at("url"), "must be a Facebook URL")
		}
	}
	if o.has("url") == o.has("attachment_id") {
		c.fault(o.place, "must have either url or attachment_id")
	}
	c.buttons(o, 0)
}

func (c *checker) buttons(o object, least int) {
	for _, b := range c.list(o, "buttons", least, maxButtons) {
		switch b.fields["type"] {
		case "web_url":
			c.keys(b, "type", "title", "url", "webview_height_ratio", "messenger_extensions", "fallback_url", "webview_share_button")
			c.text(b, "title", true, maxTitle)
			c.url(b, "url", true)
		case "postback":
			c.keys(b, "type", "title", "payload")
			c.text(b, "title", true, maxTitle)
			c.text(b, "payload", true, maxPayload)
		case "phone_number":
			c.keys(b, "type", "title", "payload")
			c.text(b, "title", true, maxTitle)
			if number := c.text(b, "payload", true, maxPayload); !isPhone(number) {
				c.fault(b.at("payload"), "must be a phone number with + and the country code")
			}
		case "account_link", "account_unlink", "game_play":
		default:
			c.fault(b.at("type"), "must be one of {WEB_URL, POSTBACK, PHONE_NUMBER, ACCOUNT_LINK, ACCOUNT_UNLINK, GAME_PLAY}")
		}
	}
}

// isPhone takes + and 5 to 15 digits, or more than that with what people write
// between them.
func isPhone(s string) bool {
	rest, ok := strings.CutPrefix(s, "+")
	digits := 0
	for _, r := range rest {
		switch {
		case '0' <= r && r <= '9':
			digits++
		case !strings.ContainsRune(" -().", r):
			return false
		}
	}
	return ok && digits >= 5
}

func (c *checker) url(o object, key string, required bool) {
	s := c.text(o, key, required, maxURL)
	if s == "" {
		return
	}
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" || strings.ContainsFunc(s, notInURI) {
		c.fault(o.at(key), "should represent a valid URL")
	}
}

func notInURI(r rune) bool {
	return r <= ' ' || r >= 0x7F || strings.ContainsRune("\"<>\\^`{|}", r)
}
