package line

import "github.com/blockcast/blockcast/blocks"

// quickReplies keeps what LINE can show in the row under the last message.
func (r *rendering) quickReplies(bs []blocks.Button) []blocks.Button {
	var kept []blocks.Button
	for _, b := range bs {
		if r.usable(&b) {
			kept = append(kept, b)
		}
	}
	return kept
}

// quickReply makes the row of all that was kept.
func (r *rendering) quickReply() *quickReply {
	if n := len(r.quick); n > maxQuickReplies {
		r.warn("quick_replies:too_many", "%d of %d quick replies are left out: LINE shows %d", n-maxQuickReplies, n, maxQuickReplies)
		r.quick = r.quick[:maxQuickReplies]
	}
	row := &quickReply{}
	for i := range r.quick {
		b := &r.quick[i]
		row.Items = append(row.Items, quickReplyItem{
			Type:     "action",
			ImageURL: r.icon(b),
			Action:   r.action(b, maxQuickReplyLabel),
		})
	}
	return row
}

// icon is the small picture before a quick reply's title.
func (r *rendering) icon(b *blocks.Button) string {
	if b.ImageURL == "" {
		return ""
	}
	url := fileURL(b.ImageURL)
	if url == "" {
		r.warn("quick_reply:icon_refused", "%q has no icon: LINE shows no picture from %q", b.Title, clip(b.ImageURL))
	}
	return url
}
