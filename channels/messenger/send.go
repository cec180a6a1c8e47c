package messenger

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/blockcast/blockcast/channels"
)

// humanAgent is the one tag left in 2026 that carries any message of ours: up
// to 7 days after the person wrote, for what a human typed. Meta refuses every
// call with another.
const humanAgent = "HUMAN_AGENT"

// sending is a call of the Send API. Its message is spliced in: see envelope.
type sending struct {
	Recipient     party  `json:"recipient"`
	MessagingType string `json:"messaging_type,omitempty"`
	Tag           string `json:"tag,omitempty"`
	SenderAction  string `json:"sender_action,omitempty"`
}

// Send implements channels.Channel. Messenger knows no retry keys: after a
// lost answer only the echo, which brings back the metadata, can tell whether
// the message went out.
func (c *Channel) Send(ctx context.Context, to channels.Target, p channels.Payload, key channels.Key) (*channels.Sent, error) {
	s := sending{Recipient: party{ID: text(to.To)}}
	if refused := s.name(to); refused != nil {
		return nil, refused
	}
	if channels.Units(key.Metadata) > maxMetadata {
		return nil, refusal(channels.KindContent, "metadata", fmt.Sprintf("the metadata is longer than %d characters", maxMetadata))
	}
	message := bytes.TrimSpace(p.Body)
	if len(message) < len(`{"":0}`) || message[0] != '{' || message[len(message)-1] != '}' {
		return nil, refusal(channels.KindContent, "payload", "the payload is no message object")
	}
	var sent struct {
		RecipientID text `json:"recipient_id"`
		MessageID   text `json:"message_id"`
	}
	file := c.reuse(ctx, to.Account, p, message)
	said := message
	if file != nil {
		said = file.message
	}
	answer, err := c.post(ctx, to.Account, messagesPath(to.Account), envelope(s, said, key.Metadata))
	if err == nil && c.forget(ctx, to, file, answer) { // refused for certain: nothing went out
		answer, err = c.post(ctx, to.Account, messagesPath(to.Account), envelope(s, message, key.Metadata))
	}
	if err != nil {
		return nil, err
	}
	if !answer.OK() || isRefusal(answer) {
		return nil, refused(answer, to)
	}
	out := &channels.Sent{RequestID: requestID(answer)}
	if json.Unmarshal(channels.CleanJSON(answer.Body), &sent) == nil && sent.MessageID != "" {
		out.MessageIDs = []string{string(sent.MessageID)}
	}
	return out, nil
}

// name names the route as Meta wants it named. A tag Meta has removed never
// leaves.
func (s *sending) name(to channels.Target) *channels.SendError {
	switch {
	case to.Route == channels.RouteTemplate:
		s.MessagingType = "UTILITY"
	case to.Route != channels.RoutePush && to.Route != channels.RouteReply:
		return refusal(channels.KindTemplate, "route", fmt.Sprintf("Messenger has no route %q", to.Route))
	case to.Tag == humanAgent:
		s.MessagingType, s.Tag = "MESSAGE_TAG", humanAgent
	case to.Tag != "":
		return refusal(channels.KindContent, "tag", fmt.Sprintf("Messenger takes no message with the tag %q", clip(to.Tag)))
	case to.Answer || to.Route == channels.RouteReply:
		s.MessagingType = "RESPONSE"
	default:
		s.MessagingType = "UPDATE"
	}
	return nil
}

// envelope puts the recipient and the route around a message object, and our
// mark into it.
func envelope(s sending, message []byte, metadata string) []byte {
	head := encode(s)
	body := append(make([]byte, 0, len(head)+len(message)+len(metadata)+64), head[:len(head)-1]...)
	body = append(body, `,"message":`...)
	body = append(body, message[:len(message)-1]...)
	if metadata != "" {
		body = append(body, `,"metadata":`...)
		body = append(body, encode(metadata)...)
	}
	return append(body, '}', '}')
}

// messagesPath is where a Page's messages go.
func messagesPath(a channels.Account) string { return "/" + page(a) + "/messages" }

// page is the Page in a path: whose token it is when its id is not known yet.
func page(a channels.Account) string {
	if id := strings.TrimSpace(a.ExternalID); isID(id) {
		return id
	}
	return "me"
}

// isID tells whether a text is an id of Meta's, which are digits; they stand
// in paths.
func isID(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
