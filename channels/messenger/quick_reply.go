package messenger

import (
	"cmp"

	"github.com/blockcast/blockcast/blocks"
)

// quickReplies keeps what Messenger can show in the row under the last
// message: links and calls are not among that, and become lines of text.
func (r *rendering) quickReplies(all []blocks.Button) []blocks.Button {
	var kept []blocks.Button
	for _, b := range all {
		switch b.Action {
		case blocks.ActionURL, blocks.ActionCall:
			r.warn("quick_reply:as_text", "%q becomes a line of text: a quick reply of Messenger opens nothing", clip(b.Title))
			r.effectsLost(&b)
			r.hint(b.Title, cmp.Or(webURL(b.Value), b.Value))
		case blocks.ActionAskPhone, blocks.ActionAskEmail:
			r.effectsLost(&b)
			kept = append(kept, b)
		default:
			if r.usable(&b) {
				kept = append(kept, b)
			}
		}
	}
	return kept
}

// row makes the row of all that was kept. Messenger itself names those that
// share a phone number or an e-mail, and shows each but once.
func (r *rendering) row() []quickReply {
	var (
		row   []quickReply
		asked = map[blocks.Action]bool{}
	)
	for i := range r.quick {
		b := &r.quick[i]
		if asked[b.Action] {
			continue // the same question once more
		}
		if asks(b) {
			asked[b.Action] = true
		}
		if len(row) == maxQuickReplies {
			r.warn("quick_replies:too_many", "%d of %d quick replies are left out: Messenger shows %d", len(r.quick)-i, len(r.quick), maxQuickReplies)
			break
		}
		row = append(row, r.quickReply(b))
	}
	return row
}

func (r *rendering) quickReply(b *blocks.Button) quickReply {
	switch b.Action {
	case blocks.ActionAskPhone:
		return quickReply{ContentType: "user_phone_number"}
	case blocks.ActionAskEmail:
		return quickReply{ContentType: "user_email"}
	}
	title := r.title(b)
	q := quickReply{ContentType: "text", Title: title, Payload: r.data(b, title)}
	if b.ImageURL != "" {
		if q.ImageURL = webURL(b.ImageURL); q.ImageURL == "" {
			r.warn("quick_reply:icon_refused", "%q has no icon: Messenger shows no picture from %q", clip(b.Title), clip(b.ImageURL))
		}
	}
	return q
}
