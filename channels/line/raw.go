package line

import (
	"encoding/json"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

// raw passes a message object on as its author wrote it. Whether LINE takes it
// LINE tells: nothing of it is known here but that it has a type.
func (r *rendering) raw(p *blocks.Raw) {
	if p.Channel != string(channels.LINE) {
		r.warn("raw:other_channel", "the message is written for %s", p.Channel)
		return
	}
	var fields map[string]json.RawMessage
	var kind string
	if err := json.Unmarshal(channels.CleanJSON(p.Payload), &fields); err != nil || json.Unmarshal(fields["type"], &kind) != nil || kind == "" {
		r.warn("raw:no_type", "one of LINE's message objects needs a type")
		return
	}
	r.objects = append(r.objects, object{raw: fields})
}

// wire is the object as it is sent.
func (o *object) wire() any {
	if o.raw != nil {
		return o.raw
	}
	return &o.message
}

// mergeQuickReply puts our quick replies into an author's object.
func (o *object) mergeQuickReply() {
	if o.raw == nil {
		return
	}
	if _, has := o.raw["quickReply"]; has {
		o.warnings = append(o.warnings, channels.Warning{Code: "raw:quick_replies", Message: "the message's own quickReply gives way to the quick replies of the turn"})
	}
	o.raw["quickReply"] = encode(o.QuickReply)
}
