package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// graphButton is a button or a quick reply of a message.
type graphButton struct {
	Type        string `json:"type"`
	ContentType string `json:"content_type"`
	Title       string `json:"title"`
	URL         string `json:"url"`
	Payload     string `json:"payload"`
}

// What Messenger itself writes on quick replies that share something is what
// they share; these names stand for them in Tap.
const (
	sharePhone = "user_phone_number"
	shareEmail = "user_email"
)

// graphTap lets a person tap the newest button they see with that title. Quick
// replies are seen under the last message of the chat only; those that share
// the phone number or e-mail go by their content type.
func (s *Sandbox) graphTap(ctx context.Context, account, id, title string) (*Event, error) {
	s.mu.Lock()
	page, p, err := s.messengerPerson(account, id)
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	b, ok := page.findButton(p.history, title)
	s.mu.Unlock()
	if !ok {
		return nil, fmt.Errorf("label: the chat of %s shows no button %q", id, title)
	}
	return s.graphPress(ctx, account, id, b)
}

// graphPress does what a button does.
func (s *Sandbox) graphPress(ctx context.Context, account, id string, b graphButton) (*Event, error) {
	switch {
	case b.ContentType == "text":
		return s.graphWrite(ctx, account, id, &graphMessage{Text: b.Title, QuickReply: &graphQuickReply{b.Payload}})
	case b.ContentType == sharePhone, b.ContentType == shareEmail:
		return s.graphShare(ctx, account, id, b.ContentType)
	case b.Type == "postback":
		return s.graphPostback(ctx, account, id, &graphPostback{Title: b.Title, Payload: b.Payload})
	case b.Type == "web_url":
		return &Event{URI: b.URL}, nil
	case b.Type == "phone_number":
		return &Event{URI: "tel:" + b.Payload}, nil
	}
	return nil, fmt.Errorf("action: nothing happens on a tap of type %q", b.Type+b.ContentType)
}

// graphShare lets a person share what their profile holds.
func (s *Sandbox) graphShare(ctx context.Context, account, id, what string) (*Event, error) {
	s.mu.Lock()
	_, p, err := s.messengerPerson(account, id)
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	shared := p.Phone
	if what == shareEmail {
		shared = strings.ReplaceAll(fold(p.Name), " ", ".") + "@mail.example"
	}
	s.mu.Unlock()
	if shared == "" {
		return nil, fmt.Errorf("person: the profile of %s holds no phone number", id)
	}
	return s.graphWrite(ctx, account, id, &graphMessage{Text: shared, QuickReply: &graphQuickReply{shared}})
}

// findButton looks for a button by its title, in the newest message first.
func (a *MessengerAccount) findButton(history []*Entry, title string) (graphButton, bool) {
	for i, e := range slices.Backward(history) {
		if e.From != FromAccount {
			continue
		}
		for _, b := range append(buttonsOf(e.Message, i == len(history)-1), a.templateButtons(e.Message)...) {
			if b.Title == title || b.Title == "" && b.ContentType == title {
				return b, true
			}
		}
	}
	return graphButton{}, false
}

// buttonsOf lists what can be tapped in a message of the account.
func buttonsOf(raw json.RawMessage, last bool) []graphButton {
	var m struct {
		QuickReplies []graphButton `json:"quick_replies"`
		Attachment   struct {
			Payload struct {
				Buttons  []graphButton `json:"buttons"`
				Elements []struct {
					Buttons []graphButton `json:"buttons"`
				} `json:"elements"`
			} `json:"payload"`
		} `json:"attachment"`
	}
	if json.Unmarshal(raw, &m) != nil {
		return nil
	}
	all := m.Attachment.Payload.Buttons
	for _, e := range m.Attachment.Payload.Elements {
		all = append(all, e.Buttons...)
	}
	if last {
		all = append(all, m.QuickReplies...)
	}
	return all
}
