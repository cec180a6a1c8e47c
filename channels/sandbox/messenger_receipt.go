package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// pageInboxApp is the app Meta names when a person of the Page wrote.
const pageInboxApp = "26390203743090"

type (
	graphParty struct {
		ID string `json:"id"`
	}
	graphDelivery struct {
		MIDs      []string `json:"mids"`
		Watermark int64    `json:"watermark"`
	}
	graphRead struct {
		Watermark int64 `json:"watermark"`
	}
	// graphEvent is an event of Meta's webhooks, of the kinds a person causes
	// and of Meta's own words about messages.
	graphEvent struct {
		Sender    graphParty     `json:"sender"`
		Recipient graphParty     `json:"recipient"`
		Timestamp int64          `json:"timestamp"`
		Message   *graphMessage  `json:"message,omitempty"`
		Postback  *graphPostback `json:"postback,omitempty"`
		Referral  *graphReferral `json:"referral,omitempty"`
		Reaction  *graphReaction `json:"reaction,omitempty"`
		Edit      *graphEdit     `json:"message_edit,omitempty"`
		Delivery  *graphDelivery `json:"delivery,omitempty"`
		Read      *graphRead     `json:"read,omitempty"`
	}
)

// from makes an event of what a person did.
func (m *messengerAccount) from(p *person, now time.Time) *graphEvent {
	return &graphEvent{Sender: graphParty{p.ID}, Recipient: graphParty{m.PageID}, Timestamp: now.UnixMilli()}
}

// tellSent tells the app of a message the Page sent: its echo, and that it is
// on the person's phone. The caller holds the lock.
func (s *Sandbox) tellSent(m *messengerAccount, p *person, call *Call) {
	mid := call.IDs[0]
	if m.EchoFirst {
		s.mu.Unlock() // the call is not answered before
		s.echoNow(m, p, call)
		s.mu.Lock()
	} else {
		s.tell(m, "message_echoes", m.echo(p, call.At, mid, m.AppID, call.Messages[0]))
	}
	d := m.from(p, call.At)
	d.Delivery = &graphDelivery{MIDs: []string{mid}, Watermark: call.At.UnixMilli()}
	s.tell(m, "message_deliveries", d)
}

func (s *Sandbox) echoNow(m *messengerAccount, p *person, call *Call) {
	s.mu.Lock()
	wanted := m.wants("message_echoes")
	s.mu.Unlock()
	raw, err := encode(m.echo(p, call.At, call.IDs[0], m.AppID, call.Messages[0]))
	if err == nil && wanted {
		_, _ = s.postPage(context.Background(), m.name, raw) // counted and logged there
	}
}

// echo shows the app a message of the Page, whoever sent it.
func (m *messengerAccount) echo(p *person, now time.Time, mid, app string, message json.RawMessage) map[string]any {
	shown := map[string]any{}
	_ = json.Unmarshal(message, &shown) // an accepted message is an object
	if a := shown["attachment"]; a != nil {
		shown["attachments"] = []any{a}
		delete(shown, "attachment")
	}
	delete(shown, "quick_replies")
	shown["is_echo"], shown["mid"], shown["app_id"] = true, mid, json.Number(app)
	return map[string]any{
		"sender": graphParty{m.PageID}, "recipient": graphParty{p.ID}, "timestamp": now.UnixMilli(), "message": shown,
	}
}

// See lets a person look at their chat: the app is told that they read
// everything up to now.
func (s *Sandbox) See(account, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, p, err := s.messengerPerson(account, id)
	if err != nil {
		return err
	}
	s.seen(m, p)
	return nil
}

// seen tells that a person read their chat, if there was something new in it.
// The caller holds the lock.
func (s *Sandbox) seen(m *messengerAccount, p *person) {
	if p.unread == 0 {
		return
	}
	p.unread = 0
	now := s.now()
	e := m.from(p, now)
	e.Read = &graphRead{Watermark: now.UnixMilli()}
	s.tell(m, "message_reads", e)
	s.touch(p)
}

// AgentWrites lets a person of the Page write from its inbox, which the app
// sees as an echo of somebody else's message.
func (s *Sandbox) AgentWrites(account, id, text string) error {
	if text == "" {
		return fmt.Errorf("text: there is nothing to write")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m, p, err := s.messengerPerson(account, id)
	if err != nil {
		return err
	}
	message, err := encode(map[string]string{"text": text})
	if err != nil {
		return err
	}
	p.unread++
	s.note(p, Entry{From: FromAccount, Message: message, Route: "page inbox", Last: true})
	s.tell(m, "message_echoes", m.echo(p, s.now(), s.mid(), pageInboxApp, message))
	return nil
}
