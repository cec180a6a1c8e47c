package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/blockcast/blockcast/channels/sandbox/messengerrules"
)

// attachmentForm is the part of a message that shows a file.
type attachmentForm struct {
	Attachment struct {
		Type    string `json:"type"`
		Payload struct {
			URL string `json:"url"`
			ID  string `json:"attachment_id"`
		} `json:"payload"`
	} `json:"attachment"`
}

// graphAttach plays the upload of a file by its address, which Meta keeps for
// the Page. The file itself is not fetched.
func (s *Sandbox) graphAttach(c *graphCall) graphAnswer {
	page := c.page()
	if page == nil {
		return unsupported(c)
	}
	if p := messengerrules.Check(c.fields["message"]); p != nil {
		return graphError(http.StatusBadRequest, p.Code, p.Subcode, p.Error())
	}
	var m attachmentForm
	if json.Unmarshal(c.fields["message"], &m) != nil || m.Attachment.Payload.URL == "" {
		return invalidParameter("Param message must have an attachment with a url")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id := MessengerUserID(fmt.Sprintf("attachment\x00%s\x00%d", page.PageID, page.uploads))
	page.uploads++
	page.attachments[id] = m.Attachment.Payload.URL
	return graphAnswer{status: http.StatusOK, body: map[string]string{"attachment_id": id}}
}

// Uploads is how many files a Page has uploaded.
func (s *Sandbox) Uploads(account string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.messenger[account]; m != nil {
		return m.uploads
	}
	return 0
}

// ForgetUploads lets a Page's uploads end, as Meta's do after 90 days.
func (s *Sandbox) ForgetUploads(account string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.messenger[account]; m != nil {
		clear(m.attachments)
	}
}

// attached returns a message as people see it: with the address of the file it
// shows by an id. An id that is not of the Page's uploads is refused. The caller
// holds the lock.
func (a *messengerAccount) attached(message json.RawMessage) (json.RawMessage, *graphAnswer) {
	var m attachmentForm
	if json.Unmarshal(message, &m) != nil || m.Attachment.Type == "template" || m.Attachment.Payload.ID == "" {
		return message, nil
	}
	url, known := a.attachments[m.Attachment.Payload.ID]
	if !known {
		refusal := graphError(http.StatusBadRequest, 100, 2018074, "(#100) The attachment ID is invalid or has expired")
		return nil, &refusal
	}
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(message, &fields) // it was read above
	fields["attachment"], _ = json.Marshal(map[string]any{"type": m.Attachment.Type, "payload": map[string]string{"url": url, "attachment_id": m.Attachment.Payload.ID}})
	shown, _ := json.Marshal(fields)
	return shown, nil
}
