package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

type (
	// graphMessage is a message a person sent.
	graphMessage struct {
		MID         string            `json:"mid"`
		Text        string            `json:"text,omitempty"`
		QuickReply  *graphQuickReply  `json:"quick_reply,omitempty"`
		Attachments []graphAttachment `json:"attachments,omitempty"`
	}
	graphQuickReply struct {
		Payload string `json:"payload"`
	}
	graphAttachment struct {
		Type    string          `json:"type"`
		Payload graphAttachable `json:"payload"`
	}
	graphAttachable struct {
		URL       string `json:"url"`
		StickerID string `json:"sticker_id,omitempty"`
	}
	graphPostback struct {
		MID      string         `json:"mid"`
		Title    string         `json:"title"`
		Payload  string         `json:"payload"`
		Referral *graphReferral `json:"referral,omitempty"`
	}
	graphReferral struct {
		Ref    string `json:"ref"`
		Source string `json:"source"`
		Type   string `json:"type"`
	}
	graphReaction struct {
		MID      string `json:"mid"`
		Action   string `json:"action"`
		Reaction string `json:"reaction"`
		Emoji    string `json:"emoji"`
	}
	graphEdit struct {
		MID  string `json:"mid"`
		Text string `json:"text"`
		Num  int    `json:"num_edit"`
	}
)

// thumbsUpSticker is what the button beside the text field sends.
const thumbsUpSticker = "369239263222822"

// graphWrite lets a person write a text to a Page.
func (s *Sandbox) graphWrite(ctx context.Context, account, id string, m *graphMessage) (*Event, error) {
	return s.graphDoes(ctx, account, id, "messages", func(page *messengerAccount, p *person) (*graphEvent, Entry, error) {
		if m.MID == "" {
			m.MID = s.mid()
		}
		e := page.from(p, s.now())
		e.Message = m
		shown, err := encode(m)
		return e, Entry{From: FromPerson, Message: shown}, err
	})
}

// graphSendMedia lets a person send a file, a drawn one: its address is of
// MediaHost, whatever its data.
func (s *Sandbox) graphSendMedia(ctx context.Context, account, id string, m Media) (*Event, error) {
	name := "photo.png"
	switch {
	case m.Name != "":
		name = m.Name
	case m.Type != "image":
		name = m.Type
	}
	return s.graphWrite(ctx, account, id, &graphMessage{Attachments: []graphAttachment{
		{Type: m.Type, Payload: graphAttachable{URL: "https://" + MediaHost + "/" + name}},
	}})
}

// graphSticker lets a person send a sticker.
func (s *Sandbox) graphSticker(ctx context.Context, account, id, sticker string) (*Event, error) {
	return s.graphWrite(ctx, account, id, &graphMessage{Attachments: []graphAttachment{
		{Type: "sticker", Payload: graphAttachable{URL: "https://" + MediaHost + "/sticker.png", StickerID: sticker}},
	}})
}

// graphStart lets a person begin a chat, or write again after they blocked the
// Page: by the Get Started button where it has one. A ref is what the link
// they came by says.
func (s *Sandbox) graphStart(ctx context.Context, account, id, ref string) (*Event, error) {
	var referral *graphReferral
	if ref != "" {
		referral = &graphReferral{Ref: ref, Source: "SHORTLINK", Type: "OPEN_THREAD"}
	}
	s.mu.Lock()
	page, p, err := s.messengerPerson(account, id)
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	started, _ := page.profile["get_started"].(map[string]any)
	payload, _ := started["payload"].(string)
	begun := p.friend
	p.blocked = false
	s.mu.Unlock()
	switch {
	case begun && referral != nil:
		return s.graphDoes(ctx, account, id, "messaging_referrals", func(page *messengerAccount, p *person) (*graphEvent, Entry, error) {
			e := page.from(p, s.now())
			e.Referral = referral
			return e, Entry{From: Noted, Note: "came by the link " + ref}, nil
		})
	case payload == "":
		return s.graphWrite(ctx, account, id, &graphMessage{Text: "Hi"})
	}
	return s.graphPostback(ctx, account, id, &graphPostback{Title: "Get Started", Payload: payload, Referral: referral})
}

// graphPostback lets a person tap a button; its title shows as said by them.
func (s *Sandbox) graphPostback(ctx context.Context, account, id string, b *graphPostback) (*Event, error) {
	return s.graphDoes(ctx, account, id, "messaging_postbacks", func(page *messengerAccount, p *person) (*graphEvent, Entry, error) {
		b.MID = s.mid()
		e := page.from(p, s.now())
		e.Postback = b
		shown, err := encode(graphMessage{MID: b.MID, Text: b.Title})
		return e, Entry{From: FromPerson, Message: shown}, err
	})
}

// graphBlock lets a person block the Page, of which Meta tells nothing.
func (s *Sandbox) graphBlock(account, id string) (*Event, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, p, err := s.messengerPerson(account, id)
	if err != nil {
		return nil, err
	}
	p.friend, p.blocked = false, true
	s.note(p, Entry{From: Noted, Note: "blocked the Page, which is not told of it"})
	return &Event{}, nil
}

// Refer lets a person come by a link such as m.me/page?ref=…
func (s *Sandbox) Refer(ctx context.Context, account, id, ref string) (*Event, error) {
	if ref == "" {
		return nil, errors.New("ref: the link says none")
	}
	return s.graphStart(ctx, account, id, ref)
}

// React lets a person react to a message of the Page.
func (s *Sandbox) React(ctx context.Context, account, id, messageID, emoji string) (*Event, error) {
	return s.graphDoes(ctx, account, id, "message_reactions", func(page *messengerAccount, p *person) (*graphEvent, Entry, error) {
		e := page.from(p, s.now())
		e.Reaction = &graphReaction{MID: messageID, Action: "react", Reaction: "other", Emoji: emoji}
		return e, Entry{From: Noted, Note: "reacted with " + emoji}, nil
	})
}

// edits is the field of webhooks about messages that were changed.
const edits = "message_edits"

// Edit lets a person change a message they wrote.
func (s *Sandbox) Edit(ctx context.Context, account, id, messageID, text string) (*Event, error) {
	return s.graphDoes(ctx, account, id, edits, func(page *messengerAccount, p *person) (*graphEvent, Entry, error) {
		e := page.from(p, s.now())
		e.Edit = &graphEdit{MID: messageID, Text: text, Num: 1}
		return e, Entry{From: Noted, Note: "edited a message: " + text}, nil
	})
}

// graphDoes makes an event of what a person did, keeps it, shows it in the
// chat and posts it. All but an edit opens the window. An event that was posted is returned
// with the error, if any.
func (s *Sandbox) graphDoes(
	ctx context.Context, account, id, field string, make func(*messengerAccount, *person) (*graphEvent, Entry, error),
) (*Event, error) {
	s.mu.Lock()
	page, p, err := s.messengerPerson(account, id)
	if err == nil && p.blocked {
		err = fmt.Errorf("person: %s blocked the Page and cannot write to it", p.ID)
	}
	if err == nil && page.app.callback != "" && !page.wants(field) {
		err = fmt.Errorf("account %s: the Page does not tell its app of %s", account, field)
	}
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	e, shown, err := make(page, p)
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	raw, err := encode(e)
	event := &Event{ID: e.id(), Raw: raw}
	if e.Message != nil {
		event.MessageID = e.Message.MID
	}
	if event.ID == "" {
		event.ID = "e_" + s.token()
	}
	if p.friend = true; field != edits {
		p.wroteAt = s.now()
	}
	page.events.put(event.ID, raw)
	shown.EventID = event.ID
	entry := s.note(p, shown)
	s.mu.Unlock()
	if err != nil {
		return nil, fmt.Errorf("write event: %w", err)
	}
	event.Status, err = s.postPage(ctx, account, raw)
	err = s.untilTaken(ctx, account, event, err)
	s.answered(p, entry, event.Status, err)
	return event, err
}

// id is the message id of an event, "" where it has none of its own.
func (e *graphEvent) id() string {
	switch {
	case e.Message != nil:
		return e.Message.MID
	case e.Postback != nil:
		return e.Postback.MID
	}
	return ""
}

// graphText makes the event of a person writing a text without posting it.
func (s *Sandbox) graphText(account, id, text string) (*Event, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	page, p, err := s.messengerPerson(account, id)
	if err != nil {
		return nil, err
	}
	e := page.from(p, s.now())
	e.Message = &graphMessage{MID: s.mid(), Text: text}
	p.friend, p.wroteAt = true, s.now()
	raw, err := encode(e)
	if err == nil {
		page.events.put(e.Message.MID, raw)
	}
	return &Event{ID: e.Message.MID, MessageID: e.Message.MID, Raw: raw}, err
}

// graphRedeliver posts an earlier event again; Meta does not mark it.
func (s *Sandbox) graphRedeliver(ctx context.Context, account, id string) (*Event, error) {
	s.mu.Lock()
	raw, ok := s.messenger[account].events.get(id)
	s.mu.Unlock()
	if !ok {
		return nil, fmt.Errorf("event: %q is not kept", id)
	}
	event := &Event{ID: id, Raw: raw}
	var err error
	event.Status, err = s.postPage(ctx, account, json.RawMessage(raw))
	return event, err
}

// isMessenger tells whether an account is a Page.
func (s *Sandbox) isMessenger(account string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.messenger[account] != nil
}

// messengerPerson finds a Page and a person it knows. The caller holds the
// lock.
func (s *Sandbox) messengerPerson(account, id string) (*messengerAccount, *person, error) {
	m := s.messenger[account]
	if m == nil {
		return nil, nil, fmt.Errorf("account: there is no Page named %q", account)
	}
	p := m.people[id]
	if p == nil {
		return nil, nil, fmt.Errorf("person: account %s knows nobody with the id %q", account, id)
	}
	return m, p, nil
}
