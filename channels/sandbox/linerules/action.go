package linerules

import "time"

// Limits of actions and quick replies, the same in every kind of message
// unless said otherwise.
const (
	maxQuickReplies    = 13
	maxLabel           = 20 // of a template's button or a quick reply
	maxPictureLabel    = 12 // of an image carousel's column
	maxFlexLabel       = 40
	maxPostbackData    = 300
	maxActionText      = 300 // what a tap says or fills in
	maxClipboard       = 1000
	imagemapText       = 400
	imagemapLabel      = 100
	imagemapLinkLabel  = 30
	maxImagemapActions = 50
)

// place says what an action hangs on: how long its label may be, whether it
// needs one, and whether the actions only a quick reply offers are allowed.
type place struct {
	label      int
	required   bool
	quickReply bool
}

// quickReply checks the buttons under a message.
func (c *checker) quickReply(o object) {
	q, ok := c.object(o, "quickReply", false)
	if !ok {
		return
	}
	for _, item := range c.list(q, "items", 1, maxQuickReplies) {
		c.oneOf(item, "type", true, "action")
		c.media(item, "imageUrl", false)
		if a, ok := c.object(item, "action", true); ok {
			c.action(a, place{label: maxLabel, required: true, quickReply: true})
		}
	}
}

// action checks what a tap does. Labels, displayText, fillInText and the text
// of a message action are counted in graphemes.
func (c *checker) action(a object, p place) {
	low := 0
	if p.required {
		low = 1
	}
	c.text(a, "label", low, p.label, Graphemes)
	switch a.text("type") {
	case "postback":
		c.postback(a)
	case "message":
		c.text(a, "text", 1, maxActionText, Graphemes)
	case "uri":
		c.uri(a, "uri", true, maxActionURI, "http", "https", "line", "tel")
		if alt, ok := c.object(a, "altUri", false); ok {
			c.uri(alt, "desktop", false, maxActionURI, "http", "https", "line", "tel")
		}
	case "datetimepicker":
		c.picker(a)
	case "clipboard":
		c.text(a, "clipboardText", 1, maxClipboard, UTF16)
	case "camera", "cameraRoll", "location":
		if !p.quickReply {
			c.fault(a.at("type"), "Can only be used in a quick reply")
		}
	case "richmenuswitch":
		c.fault(a.at("type"), "Can only be used in a rich menu")
	default:
		c.oneOf(a, "type", true, "postback", "message", "uri", "datetimepicker", "clipboard",
			"camera", "cameraRoll", "location", "richmenuswitch")
	}
}

func (c *checker) postback(a object) {
	if !a.has("data") {
		c.fault(a.at("data"), "May not be null")
	}
	c.text(a, "data", 0, maxPostbackData, UTF16)
	c.text(a, "displayText", 0, maxActionText, Graphemes)
	c.text(a, "text", 0, maxActionText, Graphemes)
	c.text(a, "fillInText", 0, maxActionText, Graphemes)
	c.oneOf(a, "inputOption", false, "closeRichMenu", "openRichMenu", "openKeyboard", "openVoice")
	if a.has("text") && a.has("displayText") {
		c.fault(a.at("text"), "Can not be used together with displayText")
	}
	if a.has("fillInText") && a.text("inputOption") != "openKeyboard" {
		c.fault(a.at("fillInText"), "Needs inputOption openKeyboard")
	}
}

// picker checks a date or time picker: initial, min and max are written as
// its mode has them, and min is before max.
func (c *checker) picker(a object) {
	if !a.has("data") {
		c.fault(a.at("data"), "May not be null")
	}
	c.text(a, "data", 0, maxPostbackData, UTF16)
	c.oneOf(a, "mode", true, "date", "time", "datetime")
	layout := map[string]string{
		"date": "2006-01-02", "time": "15:04", "datetime": "2006-01-02T15:04",
	}[a.text("mode")]
	if layout == "" {
		return
	}
	low := c.moment(a, "min", layout)
	high := c.moment(a, "max", layout)
	c.moment(a, "initial", layout)
	if !low.IsZero() && !high.IsZero() && !low.Before(high) {
		c.fault(a.at("max"), "Must be later than min")
	}
}

func (c *checker) moment(a object, key, layout string) time.Time {
	s := c.text(a, key, 0, len(layout), UTF16)
	if s == "" {
		return time.Time{}
	}
	if len(s) > len("2006-01-02") && s[10] == 't' { // both cases are published
		s = s[:10] + "T" + s[11:]
	}
	t, err := time.Parse(layout, s)
	if err != nil {
		c.fault(a.at(key), "Must be written as "+layout)
	}
	return t
}
