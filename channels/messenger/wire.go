package messenger

import (
	"bytes"
	"encoding/json"
)

// message is Meta's message object: a text or an attachment, and quick
// replies.
type message struct {
	Text         string       `json:"text,omitempty"`
	Attachment   *attachment  `json:"attachment,omitempty"`
	QuickReplies []quickReply `json:"quick_replies,omitempty"`
}

// attachment is a file behind a URL, or a template.
type attachment struct {
	Type    string  `json:"type"` // image, video, audio, file or template
	Payload payload `json:"payload"`
}

// payload is of a file or of one of the templates; which fields it needs hangs
// on that.
type payload struct {
	URL string `json:"url,omitempty"`

	TemplateType string    `json:"template_type,omitempty"` // button, generic or utility_messages
	Text         string    `json:"text,omitempty"`
	ImageAspect  string    `json:"image_aspect_ratio,omitempty"` // horizontal unless said
	Buttons      []button  `json:"buttons,omitempty"`
	Elements     []element `json:"elements,omitempty"`

	Name       string      `json:"name,omitempty"`
	Language   *language   `json:"language,omitempty"`
	Components []component `json:"components,omitempty"`
}

// element is one card of a generic template.
type element struct {
	Title         string   `json:"title"`
	Subtitle      string   `json:"subtitle,omitempty"`
	ImageURL      string   `json:"image_url,omitempty"`
	DefaultAction *button  `json:"default_action,omitempty"`
	Buttons       []button `json:"buttons,omitempty"`
}

// button is of type web_url, postback or phone_number.
type button struct {
	Type    string `json:"type"`
	Title   string `json:"title,omitempty"`
	URL     string `json:"url,omitempty"`
	Payload string `json:"payload,omitempty"` // a postback's data, or the number to call
}

// quickReply is of content type text, user_phone_number or user_email; only
// the first has more to say.
type quickReply struct {
	ContentType string `json:"content_type"`
	Title       string `json:"title,omitempty"`
	Payload     string `json:"payload,omitempty"`
	ImageURL    string `json:"image_url,omitempty"`
}

// language of a utility template, as en_US.
type language struct {
	Code string `json:"code"`
}

// component fills in one part of a utility template.
type component struct {
	Type       string      `json:"type"`               // header, body or button
	SubType    string      `json:"sub_type,omitempty"` // of a button: quick_reply or url
	Index      *int        `json:"index,omitempty"`
	Parameters []parameter `json:"parameters"`
}

type parameter struct {
	Type     string `json:"type"` // which of the following it has
	Text     string `json:"text,omitempty"`
	Payload  string `json:"payload,omitempty"`
	Image    *link  `json:"image,omitempty"`
	Video    *link  `json:"video,omitempty"`
	Document *link  `json:"document,omitempty"`
}

type link struct {
	Link string `json:"link"`
}

// encode writes JSON for Meta. Our wire structs hold nothing but text and
// small numbers, so it cannot fail.
func encode(v any) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // links keep their & and the bytes stay short
	if err := e.Encode(v); err != nil {
		panic("messenger: encode: " + err.Error())
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}
