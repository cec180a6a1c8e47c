package blocks

import (
	"encoding/json"
	"fmt"
)

// Message is one thing said to a person, free of any platform: a part and the
// quick replies under it. Every value in it is final text; nothing is a
// template any more.
//
// Its JSON is the part's fields beside the part's kind:
//
//	{"type": "text", "text": "Hi Mai", "quick_replies": [{"title": "Yes", "action": "goto", "value": "65f0…"}]}
type Message struct {
	Part         Part
	QuickReplies []Button
}

// Part is what a message shows. The set is sealed: Text, Media, Carousel,
// ImageCarousel, Location, ApprovedTemplate and Raw.
type Part interface{ part() }

// Text is plain text with buttons under it.
type Text struct {
	Text    string   `json:"text"`
	Buttons []Button `json:"buttons,omitempty"`
}

// Media kinds, also the names of the steps that say them.
const (
	Image = "image"
	Video = "video"
	Audio = "audio"
	File  = "file"
)

// Media is a picture, a film, a sound or a file behind an https URL.
type Media struct {
	Kind       string   `json:"-"`                     // Image, Video, Audio or File
	URL        string   `json:"url"`                   // the original
	PreviewURL string   `json:"preview_url,omitempty"` // a small picture of it
	Duration   int      `json:"duration,omitempty"`    // milliseconds, 0 when unknown
	Name       string   `json:"name,omitempty"`        // a file's name as shown
	Buttons    []Button `json:"buttons,omitempty"`
}

// Carousel is a row of cards to flip through; one card stands alone.
type Carousel struct {
	AltText string `json:"alt_text,omitempty"` // what a notification or a list of chats shows
	Aspect  string `json:"aspect,omitempty"`   // square or horizontal (default) pictures
	Cards   []Card `json:"cards"`
}

// Card is one card of a Carousel.
type Card struct {
	Title    string   `json:"title"`
	Subtitle string   `json:"subtitle,omitempty"`
	ImageURL string   `json:"image_url,omitempty"`
	Tap      *Button  `json:"tap,omitempty"` // a tap on the card itself; its title is empty
	Buttons  []Button `json:"buttons,omitempty"`
}

// ImageCarousel is a row of pictures, each with at most one button and a badge.
type ImageCarousel struct {
	AltText string   `json:"alt_text,omitempty"`
	Columns []Column `json:"columns"`
}

// Column is one picture of an ImageCarousel.
type Column struct {
	ImageURL string  `json:"image_url"`
	Tap      *Button `json:"tap,omitempty"`
	Button   *Button `json:"button,omitempty"`
	Badge    *Badge  `json:"badge,omitempty"`
}

// Badge is a small label over a picture. Colours are #rrggbb.
type Badge struct {
	Text            string `json:"text"`
	Color           string `json:"color,omitempty"`
	BackgroundColor string `json:"background_color,omitempty"`
}

// Location is a point on the map.
type Location struct {
	Title     string  `json:"title"`
	Address   string  `json:"address"`
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

// ApprovedTemplate is a message its platform approved beforehand, with what is
// filled in. The words around that are the platform's and not known here.
type ApprovedTemplate struct {
	Name     string          `json:"name"`
	Language string          `json:"language"`
	Header   *TemplateHeader `json:"header,omitempty"`
	Body     []string        `json:"body,omitempty"`    // values of its places, in order
	Buttons  []Button        `json:"buttons,omitempty"` // in the template's order; their titles are the platform's
}

// TemplateHeader is what stands over a template's text: one of its fields.
type TemplateHeader struct {
	Text  string `json:"text,omitempty"`
	Image string `json:"image,omitempty"` // an address, as the following
	Video string `json:"video,omitempty"`
	File  string `json:"file,omitempty"`
}

// Raw is a message in one platform's own JSON. Other channels cannot show it.
type Raw struct {
	Channel string          `json:"channel"`
	Payload json.RawMessage `json:"payload"` // an object
}

func (*Text) part()             {}
func (*Media) part()            {}
func (*Carousel) part()         {}
func (*ImageCarousel) part()    {}
func (*Location) part()         {}
func (*ApprovedTemplate) part() {}
func (*Raw) part()              {}

// Action says what a tap on a button does.
type Action string

const (
	ActionGoto        Action = "goto"         // Value is a block's id
	ActionURL         Action = "url"          // Value is the address
	ActionCall        Action = "call"         // Value is the number as written
	ActionSay         Action = "say"          // Value is the text the person then says
	ActionAskPhone    Action = "ask_phone"    // shares the person's phone
	ActionAskEmail    Action = "ask_email"    // shares the person's e-mail
	ActionAskLocation Action = "ask_location" // shares a place
	ActionAskTime     Action = "ask_time"     // opens the channel's date or time picker; Value is date, time or datetime
	ActionSubscribe   Action = "subscribe"    // consents to broadcasts; Value may be a block's id that follows
	ActionUnsubscribe Action = "unsubscribe"  // withdraws the consent; Value may be a block's id that follows

	// On buttons of an ApprovedTemplate alone.
	ActionURLTail Action = "url_tail" // opens the template's address; Value is its end
	ActionNone    Action = "none"     // what the platform has it do
)

// Button is a button, a quick reply or a tap area with everything it does
// already evaluated, so that an old message acts with its own values.
type Button struct {
	Title    string         `json:"title,omitempty"`
	Action   Action         `json:"action"`
	Value    string         `json:"value,omitempty"`
	Set      map[string]any `json:"set,omitempty"`   // attributes set on tap, already of their declared type
	Tag      []string       `json:"tag,omitempty"`   // tags added on tap
	Untag    []string       `json:"untag,omitempty"` // tags removed on tap
	ImageURL string         `json:"image_url,omitempty"`

	Color           string `json:"color,omitempty"`
	BackgroundColor string `json:"background_color,omitempty"`
	BorderColor     string `json:"border_color,omitempty"`

	// Payload is the short opaque text a platform carries back on a tap. It is
	// given when the message is made ready to send and is no part of what is
	// said: see Payload and the outbox.
	Payload string `json:"-"`
}

// Buttons calls f for every button of the message, in a fixed order: the
// part's own from first to last, then the quick replies.
func (m *Message) Buttons(f func(*Button)) {
	list := func(bs []Button) {
		for i := range bs {
			f(&bs[i])
		}
	}
	one := func(b *Button) {
		if b != nil {
			f(b)
		}
	}
	switch p := m.Part.(type) {
	case *Text:
		list(p.Buttons)
	case *Media:
		list(p.Buttons)
	case *Carousel:
		for i := range p.Cards {
			one(p.Cards[i].Tap)
			list(p.Cards[i].Buttons)
		}
	case *ImageCarousel:
		for i := range p.Columns {
			one(p.Columns[i].Tap)
			one(p.Columns[i].Button)
		}
	case *ApprovedTemplate:
		list(p.Buttons)
	}
	list(m.QuickReplies)
}

// MarshalJSON writes the form shown at Message.
func (m Message) MarshalJSON() ([]byte, error) {
	type tail struct {
		QuickReplies []Button `json:"quick_replies,omitempty"`
	}
	t := tail{m.QuickReplies}
	switch p := m.Part.(type) {
	case *Text:
		return json.Marshal(struct {
			Type string `json:"type"`
			*Text
			tail
		}{"text", p, t})
	case *Media:
		return json.Marshal(struct {
			Type string `json:"type"`
			*Media
			tail
		}{p.Kind, p, t})
	case *Carousel:
		return json.Marshal(struct {
			Type string `json:"type"`
			*Carousel
			tail
		}{"carousel", p, t})
	case *ImageCarousel:
		return json.Marshal(struct {
			Type string `json:"type"`
			*ImageCarousel
			tail
		}{"image_carousel", p, t})
	case *Location:
		return json.Marshal(struct {
			Type string `json:"type"`
			*Location
			tail
		}{"location", p, t})
	case *ApprovedTemplate:
		return json.Marshal(struct {
			Type string `json:"type"`
			*ApprovedTemplate
			tail
		}{"template", p, t})
	case *Raw:
		return json.Marshal(struct {
			Type string `json:"type"`
			*Raw
			tail
		}{"raw", p, t})
	}
	return nil, fmt.Errorf("message: no JSON form for %T", m.Part)
}

// UnmarshalJSON reads the form shown at Message; an unknown type is an error.
func (m *Message) UnmarshalJSON(data []byte) error {
	var head struct {
		Type         string   `json:"type"`
		QuickReplies []Button `json:"quick_replies"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return err
	}
	var p Part
	switch head.Type {
	case "text":
		p = new(Text)
	case Image, Video, Audio, File:
		p = &Media{Kind: head.Type}
	case "carousel":
		p = new(Carousel)
	case "image_carousel":
		p = new(ImageCarousel)
	case "location":
		p = new(Location)
	case "template":
		p = new(ApprovedTemplate)
	case "raw":
		p = new(Raw)
	default:
		return fmt.Errorf("message: unknown type %q", head.Type)
	}
	if err := json.Unmarshal(data, p); err != nil {
		return err
	}
	m.Part, m.QuickReplies = p, head.QuickReplies
	return nil
}
