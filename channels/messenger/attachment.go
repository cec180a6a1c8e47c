package messenger

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

// Attachments remembers which files Meta keeps, so that a file which goes to
// many is fetched by Meta once. It answers from what it has: what it cannot tell
// goes out by its address. It is safe for concurrent use.
type Attachments interface {
	// Attachment returns Meta's id of the file at an address, for one account and
	// as one kind of message. fixed is false for an address whose file may change
	// or was not taken lately: it is not uploaded. An id of "" is one to be made.
	Attachment(ctx context.Context, accountID, url, kind string) (id string, fixed bool)
	// KeepAttachment remembers it for a while; with an id of "" that Meta did not
	// take the file.
	KeepAttachment(ctx context.Context, accountID, url, kind, id string, life time.Duration)
	// DropAttachment forgets one that Meta does not know any more.
	DropAttachment(ctx context.Context, accountID, url, kind, id string)
}

// Meta keeps an upload for 90 days, for the Page alone that made it.
const (
	attachmentLife = 80 * 24 * time.Hour
	attachmentRest = 10 * time.Minute // until a file that was not taken is tried again
)

// reused is a message that shows a file by Meta's own id.
type reused struct {
	message       []byte
	url, kind, id string
}

// reuse writes a message with Meta's own id of the file it shows, which is
// uploaded when it is the first to show it. nil: the message goes as it is.
func (c *Channel) reuse(ctx context.Context, a channels.Account, p channels.Payload, message []byte) *reused {
	if c.attachments == nil || p.Template {
		return nil
	}
	var fields map[string]json.RawMessage
	var shown struct {
		Type    string            `json:"type"`
		Payload map[string]string `json:"payload"`
	}
	if json.Unmarshal(message, &fields) != nil || fields["attachment"] == nil || json.Unmarshal(fields["attachment"], &shown) != nil {
		return nil
	}
	url := shown.Payload["url"]
	if url == "" || len(shown.Payload) != 1 || !slices.Contains([]string{blocks.Image, blocks.Video, blocks.Audio, blocks.File}, shown.Type) {
		return nil
	}
	id, fixed := c.attachments.Attachment(ctx, a.ID, url, shown.Type)
	if !fixed {
		return nil
	}
	if id == "" {
		if id = c.uploadOnce(ctx, a, url, shown.Type); id == "" {
			return nil
		}
	}
	fields["attachment"] = encode(map[string]any{"type": shown.Type, "payload": map[string]string{"attachment_id": id}})
	return &reused{message: encode(fields), url: url, kind: shown.Type, id: id}
}

// uploadOnce uploads a file; many who want it at once wait for one upload.
func (c *Channel) uploadOnce(ctx context.Context, a channels.Account, url, kind string) string {
	id, _, _ := c.uploads.Do(a.ID+"\n"+kind+"\n"+url, func() (any, error) {
		if id, fixed := c.attachments.Attachment(ctx, a.ID, url, kind); id != "" || !fixed {
			return id, nil // somebody was quicker
		}
		id := c.upload(ctx, a, url, kind)
		life := attachmentLife
		if id == "" {
			life = attachmentRest
		}
		if ctx.Err() == nil {
			c.attachments.KeepAttachment(ctx, a.ID, url, kind, id, life)
		}
		return id, nil
	})
	text, _ := id.(string)
	return text
}

// upload lets Meta fetch a file and keep it, "" when it does not. The message
// then goes by the address, and what is wrong with that shows there.
func (c *Channel) upload(ctx context.Context, a channels.Account, url, kind string) string {
	body := encode(map[string]any{"message": map[string]any{"attachment": map[string]any{
		"type": kind, "payload": map[string]any{"url": url, "is_reusable": true}}}})
	answer, err := c.post(ctx, a, "/"+page(a)+"/message_attachments", body)
	var made struct {
		ID text `json:"attachment_id"`
	}
	if read(answer, err, a, &made) != nil {
		return ""
	}
	return string(made.ID)
}

// forget reports whether a refusal may be about Meta's id of a file, which is
// forgotten then: the message goes again, by the address.
func (c *Channel) forget(ctx context.Context, to channels.Target, r *reused, answer *channels.Answer) bool {
	if r == nil || answer.OK() && !isRefusal(answer) || refused(answer, to).Kind != channels.KindContent {
		return false
	}
	c.attachments.DropAttachment(ctx, to.Account.ID, r.url, r.kind, r.id)
	return true
}
