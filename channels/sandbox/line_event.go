package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// Event is something a person did, as the webhook told it.
type Event struct {
	ID         string          // webhookEventId; "" when it is no matter of the account's, as a link
	ReplyToken string          // "" when it cannot be replied to
	MessageID  string          // of what they sent
	Status     int             // how the webhook was answered
	URI        string          // what a tap opened on the phone
	Raw        json.RawMessage // the event as it was posted
}

// lineEvent is an event of LINE's webhooks, of the kinds a person causes.
type lineEvent struct {
	Type       string         `json:"type"`
	Message    *eventMessage  `json:"message,omitempty"`
	Postback   *eventPostback `json:"postback,omitempty"`
	Follow     *eventFollow   `json:"follow,omitempty"`
	Unsend     *eventUnsend   `json:"unsend,omitempty"`
	Video      *eventVideo    `json:"videoPlayComplete,omitempty"`
	ReplyToken string         `json:"replyToken,omitempty"`
	Mode       string         `json:"mode"`
	Timestamp  int64          `json:"timestamp"`
	Source     eventSource    `json:"source"`
	ID         string         `json:"webhookEventId"`
	Delivery   eventDelivery  `json:"deliveryContext"`
}

type (
	eventSource struct {
		Type   string `json:"type"`
		UserID string `json:"userId"`
	}
	eventDelivery struct {
		IsRedelivery bool `json:"isRedelivery"`
	}
	eventFollow struct {
		IsUnblocked bool `json:"isUnblocked"`
	}
	eventUnsend struct {
		MessageID string `json:"messageId"`
	}
	eventVideo struct {
		TrackingID string `json:"trackingId"`
	}
	eventPostback struct {
		Data   string            `json:"data"`
		Params map[string]string `json:"params,omitempty"`
	}
	eventProvider struct {
		Type string `json:"type"`
	}
	// eventMessage is a message a person sent; only a place has coordinates.
	eventMessage struct {
		ID           string         `json:"id"`
		Type         string         `json:"type"`
		Text         string         `json:"text,omitempty"`
		QuoteToken   string         `json:"quoteToken,omitempty"`
		Provider     *eventProvider `json:"contentProvider,omitempty"`
		Duration     int64          `json:"duration,omitempty"`
		FileName     string         `json:"fileName,omitempty"`
		FileSize     int            `json:"fileSize,omitempty"`
		Title        string         `json:"title,omitempty"`
		Address      string         `json:"address,omitempty"`
		Latitude     *float64       `json:"latitude,omitempty"`
		Longitude    *float64       `json:"longitude,omitempty"`
		PackageID    string         `json:"packageId,omitempty"`
		StickerID    string         `json:"stickerId,omitempty"`
		ResourceType string         `json:"stickerResourceType,omitempty"`
		Keywords     []string       `json:"keywords,omitempty"`
	}
)

// Place is a point on the map.
type Place struct {
	Title, Address      string
	Latitude, Longitude float64
}

// Write lets a person write a text.
func (s *Sandbox) Write(ctx context.Context, account, id, text string) (*Event, error) {
	if text == "" {
		return nil, errors.New("text: there is nothing to write")
	}
	if s.isMessenger(account) {
		return s.graphWrite(ctx, account, id, &graphMessage{Text: text})
	}
	return s.says(ctx, account, id, &eventMessage{Type: "text", Text: text})
}

// SendLocation lets a person send a place.
func (s *Sandbox) SendLocation(ctx context.Context, account, id string, at Place) (*Event, error) {
	if s.isMessenger(account) {
		return nil, errors.New("location: people cannot send one on Messenger")
	}
	return s.says(ctx, account, id, &eventMessage{
		Type: "location", Title: at.Title, Address: at.Address, Latitude: &at.Latitude, Longitude: &at.Longitude,
	})
}

// SendSticker lets a person send a sticker; keywords tell what it shows.
// Messenger knows no packages and no keywords.
func (s *Sandbox) SendSticker(ctx context.Context, account, id, packageID, stickerID string, keywords ...string) (*Event, error) {
	if s.isMessenger(account) {
		return s.graphSticker(ctx, account, id, stickerID)
	}
	return s.says(ctx, account, id, &eventMessage{
		Type: "sticker", PackageID: packageID, StickerID: stickerID, ResourceType: "STATIC", Keywords: keywords,
	})
}

// Follow lets a person add the account, or unblock it; on Messenger they begin
// a chat by its Get Started button.
func (s *Sandbox) Follow(ctx context.Context, account, id string) (*Event, error) {
	if s.isMessenger(account) {
		return s.graphStart(ctx, account, id, "")
	}
	return s.does(ctx, account, id, func(p *person) (*lineEvent, Entry, error) {
		e := &lineEvent{Type: "follow", Follow: &eventFollow{IsUnblocked: p.blocked}, ReplyToken: s.token()}
		p.friend, p.blocked = true, false
		return e, Entry{From: Noted, Note: "added the account"}, nil
	})
}

// Unfollow lets a person block the account. Nothing reaches them after it,
// though calls for them are still taken. A Page is not told of it, and calls
// are refused.
func (s *Sandbox) Unfollow(ctx context.Context, account, id string) (*Event, error) {
	if s.isMessenger(account) {
		return s.graphBlock(account, id)
	}
	return s.does(ctx, account, id, func(p *person) (*lineEvent, Entry, error) {
		p.friend, p.blocked = false, true
		return &lineEvent{Type: "unfollow"}, Entry{From: Noted, Note: "blocked the account"}, nil
	})
}

// Unsend lets a person withdraw a message; its content is gone then.
func (s *Sandbox) Unsend(ctx context.Context, account, id, messageID string) (*Event, error) {
	return s.does(ctx, account, id, func(p *person) (*lineEvent, Entry, error) {
		if m, ok := s.line[account].media.get(messageID); ok {
			m.unsent = true
		}
		return &lineEvent{Type: "unsend", Unsend: &eventUnsend{messageID}}, Entry{From: Noted, Note: "unsent a message"}, nil
	})
}

// Watched tells that a person saw a video with a tracking id to its end.
func (s *Sandbox) Watched(ctx context.Context, account, id, trackingID string) (*Event, error) {
	return s.does(ctx, account, id, func(p *person) (*lineEvent, Entry, error) {
		e := &lineEvent{Type: "videoPlayComplete", Video: &eventVideo{trackingID}, ReplyToken: s.token()}
		return e, Entry{From: Noted, Note: "watched a video"}, nil
	})
}

// says posts a message event and shows the message in the person's chat.
func (s *Sandbox) says(ctx context.Context, account, id string, m *eventMessage) (*Event, error) {
	return s.saysMedia(ctx, account, id, m, nil)
}

// saysMedia is says for a message with content of its own.
func (s *Sandbox) saysMedia(ctx context.Context, account, id string, m *eventMessage, content *media) (*Event, error) {
	return s.does(ctx, account, id, func(p *person) (*lineEvent, Entry, error) {
		if p.blocked {
			return nil, Entry{}, fmt.Errorf("person: %s blocked the account and can not write to it", p.ID)
		}
		s.messages++
		m.ID = strconv.FormatInt(s.messages, 10)
		if m.Type != "location" && m.Type != "audio" && m.Type != "file" {
			m.QuoteToken = "quote-" + m.ID
		}
		if content != nil {
			s.line[account].media.put(m.ID, content)
		}
		shown, err := encode(m)
		p.wroteAt = s.now()
		return &lineEvent{Type: "message", Message: m, ReplyToken: s.token()}, Entry{From: FromPerson, Message: shown}, err
	})
}

// does makes an event under the lock, keeps it, shows it in the chat and
// posts it. An event that was posted is returned with the error, if any.
func (s *Sandbox) does(ctx context.Context, account, id string, make func(*person) (*lineEvent, Entry, error)) (*Event, error) {
	s.mu.Lock()
	a, p, err := s.linePerson(account, id)
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	e, shown, err := make(p)
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	s.stamp(a, p, e)
	raw, err := encode(e)
	shown.EventID = e.ID
	entry := s.note(p, shown)
	s.mu.Unlock()
	if err != nil {
		return nil, fmt.Errorf("write event: %w", err)
	}
	event := &Event{ID: e.ID, ReplyToken: e.ReplyToken, Raw: raw}
	if e.Message != nil {
		event.MessageID = e.Message.ID
	}
	event.Status, err = s.Post(ctx, account, raw)
	err = s.untilTaken(ctx, account, event, err)
	s.answered(p, entry, event.Status, err)
	return event, err
}

func (s *Sandbox) linePerson(account, id string) (*lineAccount, *person, error) {
	a := s.line[account]
	if a == nil {
		return nil, nil, fmt.Errorf("account: there is none named %q", account)
	}
	p := a.people[id]
	if p == nil {
		return nil, nil, fmt.Errorf("person: account %s knows nobody with the id %q", account, id)
	}
	return a, p, nil
}

// stamp gives an event what all events have, and its reply token a life.
func (s *Sandbox) stamp(a *lineAccount, p *person, e *lineEvent) {
	now := s.now()
	e.Mode, e.Timestamp, e.ID = "active", now.UnixMilli(), s.ulid(now)
	e.Source = eventSource{Type: "user", UserID: p.ID}
	if e.ReplyToken != "" {
		a.replyTokens.put(e.ReplyToken, &replyToken{person: p, event: now, until: now.Add(replyTokenLife)})
	}
	a.events.put(e.ID, e)
}

// answered notes in the chat how the webhook fared.
func (s *Sandbox) answered(p *person, e *Entry, status int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.Status = status
	if err != nil {
		e.Failure = err.Error()
	}
	e.Rev = s.nextSequence()
	s.touch(p)
}

// TextEvent makes the event of a person writing a text without posting it:
// for loads, and for webhooks with several events or the same one twice. Its
// reply token is good from now on. The chat does not show it.
func (s *Sandbox) TextEvent(account, id, text string) (*Event, error) {
	if s.isMessenger(account) {
		return s.graphText(account, id, text)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a, p, err := s.linePerson(account, id)
	if err != nil {
		return nil, err
	}
	s.messages++
	messageID := strconv.FormatInt(s.messages, 10)
	p.wroteAt = s.now()
	e := &lineEvent{
		Type: "message", ReplyToken: s.token(),
		Message: &eventMessage{ID: messageID, Type: "text", Text: text, QuoteToken: "quote-" + messageID},
	}
	s.stamp(a, p, e)
	raw, err := encode(e)
	return &Event{ID: e.ID, ReplyToken: e.ReplyToken, MessageID: messageID, Raw: raw}, err
}

// Redeliver posts an earlier event again, as LINE does when a webhook was not
// taken: with the same id, time and reply token, and marked as redelivered.
// An unused token lives a minute from now, up to 20 minutes after the event.
func (s *Sandbox) Redeliver(ctx context.Context, account, eventID string) (*Event, error) {
	if s.isMessenger(account) {
		return s.graphRedeliver(ctx, account, eventID)
	}
	s.mu.Lock()
	a := s.line[account]
	if a == nil {
		s.mu.Unlock()
		return nil, fmt.Errorf("account: there is none named %q", account)
	}
	e, ok := a.events.get(eventID)
	if !ok {
		s.mu.Unlock()
		return nil, fmt.Errorf("event: %q is not kept", eventID)
	}
	again := *e
	again.Delivery.IsRedelivery = true
	now := s.now()
	if t, ok := a.replyTokens.get(e.ReplyToken); ok && !t.used && now.Sub(t.event) <= redeliveredLife {
		t.until = now.Add(replyTokenLife)
	}
	s.mu.Unlock()
	raw, err := encode(&again)
	if err != nil {
		return nil, fmt.Errorf("write event: %w", err)
	}
	event := &Event{ID: e.ID, ReplyToken: e.ReplyToken, Raw: raw}
	event.Status, err = s.Post(ctx, account, raw)
	return event, err
}
