package messenger

import (
	"encoding/json"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

// raw passes a message object on as its author wrote it. Whether Meta takes it
// Meta tells: nothing of it is known here but that it says something.
func (r *rendering) raw(p *blocks.Raw) {
	if p.Channel != string(channels.Messenger) {
		r.warn("raw:other_channel", "the message is written for %s", p.Channel)
		return
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(channels.CleanJSON(p.Payload), &fields); err != nil || fields["text"] == nil && fields["attachment"] == nil {
		r.warn("raw:no_content", "one of Meta's message objects needs a text or an attachment")
		return
	}
	delete(fields, "metadata") // ours, by which echoes and receipts are known
	r.said = append(r.said, said{raw: fields})
}

// wire is the object as it is sent.
func (s *said) wire() any {
	if s.raw != nil {
		return s.raw
	}
	return &s.message
}

// mergeQuickReplies puts our quick replies into an author's object.
func (s *said) mergeQuickReplies() {
	if s.raw == nil {
		return
	}
	if _, has := s.raw["quick_replies"]; has {
		s.warnings = append(s.warnings, channels.Warning{Code: "raw:quick_replies", Message: "the message's own quick_replies give way to those of the turn"})
	}
	s.raw["quick_replies"] = encode(s.QuickReplies)
}
