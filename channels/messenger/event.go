package messenger

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/blockcast/blockcast/channels"
)

// wireEvent is one of a webhook's events, with what the kinds we read hold.
type wireEvent struct {
	Sender    party  `json:"sender"`
	Recipient party  `json:"recipient"`
	Timestamp moment `json:"timestamp"`

	Message  *incoming `json:"message"`
	Postback *struct {
		MID      text      `json:"mid"` // older webhooks have none
		Title    string    `json:"title"`
		Payload  text      `json:"payload"`
		Referral *referral `json:"referral"`
	} `json:"postback"`
	Referral *referral `json:"referral"`
	OptIn    *struct {
		Type text `json:"type"`
		Ref  text `json:"ref"`
	} `json:"optin"`
	Reaction *struct {
		MID      text `json:"mid"`
		Action   text `json:"action"`
		Reaction text `json:"reaction"`
		Emoji    text `json:"emoji"`
	} `json:"reaction"`
	Edit *struct {
		MID  text   `json:"mid"`
		Text string `json:"text"`
		Num  text   `json:"num_edit"`
	} `json:"message_edit"`
	Delivery *struct {
		MIDs      []text `json:"mids"`
		Watermark moment `json:"watermark"`
	} `json:"delivery"`
	Read *struct {
		MID       text   `json:"mid"`
		Watermark moment `json:"watermark"`
	} `json:"read"`
	Policy *struct {
		Action string `json:"action"`
		Reason string `json:"reason"`
	} `json:"policy_enforcement"`
}

// unreact is what a reaction is called that was taken back. One that was made
// opens the 24 hours, as a message does.
const unreact = "unreact"

type party struct {
	ID text `json:"id"`
}

// referral is how somebody came: by a link, an ad or a plugin.
type referral struct {
	Ref text `json:"ref"`
}

// event is an event with what its entry says about it.
type event struct {
	wire    wireEvent
	page    string
	standby bool
	at      time.Time
	raw     json.RawMessage
}

// commonKeys are what every event has; the rest is its own.
var commonKeys = [...]string{"sender", "recipient", "timestamp"}

// person is whom it is about: not the Page, "" for nobody.
func (e *event) person() string {
	for _, p := range []party{e.wire.Sender, e.wire.Recipient} {
		if p.ID != "" && string(p.ID) != e.page {
			return string(p.ID)
		}
	}
	return ""
}

// updates turns an event into what inbox understands: several where a message
// has several files, or where it also tells how the person came. That comes
// last, so that a question it asks is the one that stays open.
func (e *event) updates() []channels.Update {
	w := &e.wire
	switch {
	case w.Message != nil:
		return e.said(w.Message)
	case w.Postback != nil:
		u := e.update(channels.Postback, string(w.Postback.MID))
		u.MessageID, u.Text, u.Data = string(w.Postback.MID), w.Postback.Title, string(w.Postback.Payload)
		if u.Data == getStarted {
			u.Kind, u.Data = channels.Follow, ""
		}
		return e.came([]channels.Update{u}, w.Postback.Referral)
	case w.Referral != nil:
		return e.came(nil, w.Referral)
	case w.OptIn != nil && w.OptIn.Type == "" && w.OptIn.Ref != "":
		return e.came(nil, &referral{w.OptIn.Ref}) // by a plugin on a web page
	case w.Edit != nil && w.Edit.MID != "":
		u := e.update(channels.Edited, "edit", string(w.Edit.MID), string(w.Edit.Num))
		u.MessageID, u.Text = string(w.Edit.MID), w.Edit.Text
		return []channels.Update{u}
	case w.Reaction != nil && w.Reaction.MID != "":
		u := e.other("reaction", "reaction", string(w.Reaction.MID), e.person(), string(w.Reaction.Action),
			string(w.Reaction.Reaction), string(w.Reaction.Emoji), e.at.Format(time.RFC3339Nano))
		u.MessageID, u.Opens = string(w.Reaction.MID), w.Reaction.Action != unreact
		return []channels.Update{u}
	}
	if kind := e.kind(); kind != "" {
		return []channels.Update{e.other(kind)}
	}
	return nil
}

// came adds that a referral brought the person.
func (e *event) came(before []channels.Update, r *referral) []channels.Update {
	if r == nil || r.Ref == "" && len(before) > 0 {
		return before // an ad without a word of its own; the message counts
	}
	u := e.update(channels.Referral)
	if len(before) > 0 {
		u.Key = identify("referral", before[0].Key)
	}
	u.Data = string(r.Ref)
	return append(before, u)
}

// update is an update of a kind. The parts of its key must be the same for a
// redelivery and for nothing else on the Page; none are the whole event.
func (e *event) update(kind channels.UpdateKind, key ...string) channels.Update {
	if len(key) == 0 || key[0] == "" {
		key = []string{"event", string(e.wire.Sender.ID), string(e.raw)}
	}
	return channels.Update{
		Account: e.page, Key: identify(key...), Kind: kind, From: e.person(), At: e.at, Standby: e.standby,
	}
}

// other is an event that starts nothing: its name is kept as Text, what is its
// own as Data.
func (e *event) other(name string, key ...string) channels.Update {
	u := e.update(channels.OtherEvent, key...)
	u.Text, u.Data = name, e.own()
	return u
}

// kind is what Meta calls the event: its only key of its own, "" when it has
// none.
func (e *event) kind() string {
	fields := e.fields()
	name := ""
	for key := range fields {
		if name == "" || key < name {
			name = key
		}
	}
	return name
}

// own is what the event holds beside the common keys, as JSON.
func (e *event) own() string {
	fields := e.fields()
	if len(fields) == 0 {
		return ""
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return ""
	}
	return string(text)
}

func (e *event) fields() map[string]json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(e.raw, &fields) != nil {
		return nil
	}
	for _, key := range commonKeys {
		delete(fields, key)
	}
	return fields
}

// maxKey keeps keys short in the index they are looked up by; Meta's message
// ids may have more than 255 characters.
const maxKey = 64

// identify makes a key of what identifies an event.
func identify(parts ...string) string {
	if len(parts) == 1 && len(parts[0]) <= maxKey {
		return parts[0]
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return "h." + hex.EncodeToString(sum[:16])
}

// blocked is what Meta does to a Page that may send nothing any more; before it
// there is a warning, and after it an unblock.
const blocked = "block"

// notice is Meta's word that the Page broke a rule, or that this is forgiven.
func (e *event) notice() channels.Notice {
	return channels.Notice{
		Account: e.page, Code: "policy_enforcement", At: e.at, Barred: strings.EqualFold(channels.Flat(e.wire.Policy.Action), blocked),
		Message: channels.Join(": ", channels.Flat(e.wire.Policy.Action), channels.Clean(e.wire.Policy.Reason)),
	}
}
