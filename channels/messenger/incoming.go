package messenger

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

// incoming is a message a person sent, or an echo of one the Page sent.
type incoming struct {
	MID        text   `json:"mid"`
	Text       string `json:"text"`
	QuickReply *struct {
		Payload text `json:"payload"`
	} `json:"quick_reply"`
	Attachments list      `json:"attachments"`
	StickerID   text      `json:"sticker_id"` // older webhooks have it here
	Referral    *referral `json:"referral"`

	IsEcho   flag   `json:"is_echo"`
	AppID    text   `json:"app_id"` // who sent it
	Metadata string `json:"metadata"`
}

// flag is true or false, and false for what is neither.
type flag bool

// UnmarshalJSON never fails.
func (f *flag) UnmarshalJSON(data []byte) error {
	*f = string(data) == "true"
	return nil
}

// list is a list of attachments without those that cannot be read.
type list []received

// UnmarshalJSON never fails.
func (l *list) UnmarshalJSON(data []byte) error {
	var items []json.RawMessage
	if json.Unmarshal(data, &items) != nil {
		return nil
	}
	for _, raw := range items {
		a := received{raw: raw}
		if json.Unmarshal(raw, &a.wireAttachment) == nil {
			*l = append(*l, a)
		}
	}
	return nil
}

// received is an attachment of a person's message.
type received struct {
	wireAttachment
	raw json.RawMessage
}

type wireAttachment struct {
	Type    text   `json:"type"`
	Title   string `json:"title"`
	URL     string `json:"url"`
	Payload struct {
		URL         string `json:"url"`
		Title       string `json:"title"`
		StickerID   text   `json:"sticker_id"`
		Coordinates *struct {
			Latitude  float64 `json:"lat"`
			Longitude float64 `json:"long"`
		} `json:"coordinates"`
		Product struct {
			Elements []struct {
				Title string `json:"title"`
			} `json:"elements"`
		} `json:"product"`
	} `json:"payload"`
}

// said reads a message. Only its text is free text; a shared link counts as
// its address, written by the person.
func (e *event) said(m *incoming) []channels.Update {
	u := e.update(channels.Message, string(m.MID))
	u.MessageID, u.Text = string(m.MID), m.Text
	var all []channels.Update
	switch sticker, isSticker := m.sticker(); {
	case m.QuickReply != nil && !shares(m):
		u.Kind, u.Data = channels.Postback, string(m.QuickReply.Payload)
		all = []channels.Update{u}
	case m.QuickReply != nil:
		u.Text = string(m.QuickReply.Payload)
		all = []channels.Update{u}
	case strings.TrimSpace(m.Text) != "":
		all = []channels.Update{u}
	case isSticker:
		u.Kind, u.Text = channels.StickerSent, thumbsUp(sticker)
		all = []channels.Update{u}
	default:
		all = e.attached(u, m.Attachments)
	}
	for i := range all { // also a message of a kind to come
		all[i].Opens = all[i].Kind == channels.OtherEvent
	}
	return e.came(all, m.Referral)
}

// shares tells whether a quick reply gave the person's phone number or e-mail:
// then its payload is not ours but what was shared.
func shares(m *incoming) bool {
	p := string(m.QuickReply.Payload)
	return p != "" && p == m.Text && (strings.Contains(p, "@") || phone(p) != "")
}

// sticker is the id of the sticker that was sent. Until the end of August 2026
// a copy of it came along as a picture, which is not one more message.
func (m *incoming) sticker() (string, bool) {
	for i := range m.Attachments {
		a := &m.Attachments[i]
		if id := a.Payload.StickerID; a.Type == "sticker" || id != "" && id != "0" {
			return string(id), true
		}
	}
	return string(m.StickerID), m.StickerID != "" && m.StickerID != "0"
}

// thumbsUp is what the button beside the text field sends, in three sizes; of
// other stickers Meta says no word.
func thumbsUp(id string) string {
	switch id {
	case "369239263222822", "369239343222814", "369239383222810":
		return "👍"
	}
	return ""
}

// attached makes an update of each attachment, all with the key of the
// message; without any the message is of a kind we do not know.
func (e *event) attached(u channels.Update, all []received) []channels.Update {
	var updates []channels.Update
	for i := range all {
		one := u
		if i > 0 {
			one.Key = identify("attachment", u.Key, strconv.Itoa(i))
		}
		e.attachment(&one, &all[i])
		updates = append(updates, one)
	}
	if updates == nil {
		u.Kind, u.Text, u.Data = channels.OtherEvent, "message", e.own()
		updates = []channels.Update{u}
	}
	return updates
}

func (e *event) attachment(u *channels.Update, a *received) {
	address, title := cmp.Or(a.Payload.URL, a.URL), cmp.Or(a.Payload.Title, a.Title)
	switch a.Type {
	case blocks.Image, blocks.Video, blocks.Audio, blocks.File:
		if address != "" {
			u.Kind, u.Media = channels.MediaMessage, &blocks.Received{Type: string(a.Type), URL: address}
			if a.Type == blocks.File {
				u.Media.Name = channels.NameIn(address)
			}
			return
		}
	case "location":
		if c := a.Payload.Coordinates; c != nil {
			u.Kind, u.Location = channels.LocationSent, &blocks.Location{Title: title, Latitude: c.Latitude, Longitude: c.Longitude}
			return
		}
	case "fallback", "reel", "ig_reel", "post", "ig_post", "share":
		if address != "" {
			u.Text = address
			return
		}
	case "template":
		var names []string
		for _, p := range a.Payload.Product.Elements {
			names = append(names, channels.Flat(p.Title))
		}
		if u.Text = channels.Join(", ", names...); u.Text != "" {
			return
		}
	}
	u.Kind, u.Text, u.Data = channels.OtherEvent, cmp.Or(string(a.Type), "attachment"), string(a.raw)
}
