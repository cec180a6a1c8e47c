package line

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

// event is one of a webhook's events, with what the kinds we read hold.
type event struct {
	Type       string `json:"type"`
	Mode       string `json:"mode"`
	Timestamp  int64  `json:"timestamp"` // milliseconds
	Source     source `json:"source"`
	ID         string `json:"webhookEventId"`
	ReplyToken string `json:"replyToken"`

	Message  *incoming `json:"message"`
	Postback struct {
		Data   string       `json:"data"`
		Params pickerParams `json:"params"`
	} `json:"postback"`
	Unsend struct {
		MessageID string `json:"messageId"`
	} `json:"unsend"`
	Delivery struct {
		Data string `json:"data"`
	} `json:"delivery"`
}

// commonKeys are what every event has; the rest is its own.
var commonKeys = [...]string{"type", "mode", "timestamp", "source", "webhookEventId", "deliveryContext", "replyToken"}

// source is where an event comes from: a person, a group or a room.
type source struct {
	UserID  string `json:"userId"`
	GroupID string `json:"groupId"`
	RoomID  string `json:"roomId"`
}

// id is the conversation: the group or room, else the person.
func (s source) id() string { return cmp.Or(s.GroupID, s.RoomID, s.UserID) }

func (s source) group() bool { return s.GroupID != "" || s.RoomID != "" }

// update turns an event into what inbox understands. An event that starts
// nothing keeps its kind as Text and what is its own as Data. raw gives the
// event as it came, which few need.
func (c *Channel) update(account string, e *event, raw func() json.RawMessage) channels.Update {
	u := channels.Update{
		Account: account,
		Key:     e.key(raw),
		Kind:    channels.OtherEvent,
		From:    e.Source.id(),
		Group:   e.Source.group(),
		At:      moment(e.Timestamp),
		Standby: e.Mode == "standby",
	}
	if !u.Standby {
		u.ReplyToken = e.ReplyToken
	}
	switch e.Type {
	case "message", "messageEdited":
		c.message(&u, e)
	case "postback":
		u.Kind, u.Data, u.Picked = channels.Postback, e.Postback.Data, e.Postback.Params.picked()
	case "follow":
		u.Kind = channels.Follow
	case "unfollow":
		u.Kind = channels.Unfollow
	case "join":
		u.Kind = channels.Joined
	case "leave":
		u.Kind = channels.Left
	case "unsend":
		u.Kind, u.MessageID = channels.Unsent, e.Unsend.MessageID
	}
	if u.Kind == channels.OtherEvent {
		u.Text, u.Data = e.Type, own(raw())
	}
	return u
}

// message fills in what was sent, and leaves a kind we do not know as it is.
func (c *Channel) message(u *channels.Update, e *event) {
	m := e.Message
	if m == nil {
		return
	}
	u.MessageID = m.ID
	switch m.Type {
	case "text":
		u.Kind, u.Text = channels.Message, m.Text
		if e.Type == "messageEdited" {
			u.Kind = channels.Edited
		}
	case blocks.Image, blocks.Video, blocks.Audio, blocks.File:
		u.Kind, u.Media = channels.MediaMessage, c.media(m)
	case "location":
		u.Kind, u.Location = channels.LocationSent, &blocks.Location{
			Title: m.Title, Address: m.Address, Latitude: m.Latitude, Longitude: m.Longitude,
		}
	case "sticker":
		u.Kind, u.Text = channels.StickerSent, cmp.Or(m.Text, strings.Join(m.Keywords, ", "))
	}
}

// receipt is LINE's word about a message sent to a phone number, the only kind
// it reports on. It names no message, only what the call was tagged with.
func (e *event) receipt(account string) channels.Receipt {
	return channels.Receipt{
		Account:  account,
		Kind:     channels.Delivered,
		To:       e.Source.id(),
		Metadata: e.Delivery.Data,
		At:       moment(e.Timestamp),
	}
}

// maxKey is longer than any event id of LINE, which are 26 characters.
const maxKey = 64

// key is the event's id. Without one it is a hash of what a redelivery does
// not change.
func (e *event) key(raw func() json.RawMessage) string {
	if e.ID != "" && len(e.ID) <= maxKey {
		return e.ID
	}
	came := raw()
	var fields map[string]json.RawMessage
	if json.Unmarshal(came, &fields) != nil {
		fields = nil // cannot be: it has been read as an event
	}
	delete(fields, "deliveryContext")
	stable, err := json.Marshal(fields)
	if err != nil {
		stable = came
	}
	sum := sha256.Sum256(stable)
	return "h." + hex.EncodeToString(sum[:16])
}

// own is what an event holds beside the common keys, as JSON.
func own(raw json.RawMessage) string {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return ""
	}
	for _, key := range commonKeys {
		delete(fields, key)
	}
	if len(fields) == 0 {
		return ""
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return ""
	}
	return string(text)
}

// moment reads milliseconds since 1970; what is no date of ours is the zero
// time, as if it had not been said.
func moment(ms int64) time.Time {
	const year9999 = 253402300799999
	if ms <= 0 || ms > year9999 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
