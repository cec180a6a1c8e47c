package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// lineAction is what a tap on something the account sent does.
type lineAction struct {
	Type        string `json:"type"`
	Label       string `json:"label"`
	Data        string `json:"data"`
	DisplayText string `json:"displayText"`
	Text        string `json:"text"`
	URI         string `json:"uri"`
	Mode        string `json:"mode"`
	Initial     string `json:"initial"`
}

// home is where people are when they share their place.
func home() Place {
	return Place{
		Title: "Chợ Bến Thành", Address: "Lê Lợi, Quận 1, Thành phố Hồ Chí Minh",
		Latitude: 10.7725, Longitude: 106.698,
	}
}

// Tap lets a person tap the newest button they see with that label. Quick
// replies are seen under the last message of the chat only. A date picker
// gives its initial value, or now; see Pick.
func (s *Sandbox) Tap(ctx context.Context, account, id, label string) (*Event, error) {
	return s.Pick(ctx, account, id, label, "")
}

// Pick is Tap on a button that opens a date or time picker, with what is
// picked there: 2026-01-02, 09:30 or 2026-01-02T09:30.
func (s *Sandbox) Pick(ctx context.Context, account, id, label, picked string) (*Event, error) {
	if s.isMessenger(account) {
		return s.graphTap(ctx, account, id, label)
	}
	s.mu.Lock()
	_, p, err := s.linePerson(account, id)
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	action, ok := findAction(p.history, label)
	s.mu.Unlock()
	if !ok {
		return nil, fmt.Errorf("label: the chat of %s shows no button %q", id, label)
	}
	return s.act(ctx, account, id, action, picked)
}

// Postback posts a postback with any data, as an old button would.
func (s *Sandbox) Postback(ctx context.Context, account, id, data string) (*Event, error) {
	if s.isMessenger(account) {
		return s.graphPostback(ctx, account, id, &graphPostback{Title: data, Payload: data})
	}
	return s.act(ctx, account, id, lineAction{Type: "postback", Label: data, Data: data}, "")
}

// act does what an action says.
func (s *Sandbox) act(ctx context.Context, account, id string, a lineAction, picked string) (*Event, error) {
	switch a.Type {
	case "message":
		return s.Write(ctx, account, id, a.Text)
	case "postback":
		return s.posts(ctx, account, id, a, nil)
	case "datetimepicker":
		picked, err := s.picked(a, picked)
		if err != nil {
			return nil, err
		}
		return s.posts(ctx, account, id, a, map[string]string{a.Mode: picked})
	case "location":
		return s.SendLocation(ctx, account, id, home())
	case "camera", "cameraRoll":
		return s.SendImage(ctx, account, id, nil)
	case "uri":
		return &Event{URI: a.URI}, nil
	case "clipboard":
		return &Event{}, nil
	}
	return nil, fmt.Errorf("action: nothing happens on a tap of type %q", a.Type)
}

// posts posts a postback. The chat shows its displayText as written by the
// person; without one the tap leaves no trace on a real phone, here a note.
func (s *Sandbox) posts(ctx context.Context, account, id string, a lineAction, params map[string]string) (*Event, error) {
	return s.does(ctx, account, id, func(p *person) (*lineEvent, Entry, error) {
		if p.blocked {
			return nil, Entry{}, fmt.Errorf("person: %s blocked the account and can not answer it", p.ID)
		}
		e := &lineEvent{
			Type: "postback", ReplyToken: s.token(), Postback: &eventPostback{Data: a.Data, Params: params},
		}
		text := a.DisplayText
		if text == "" {
			text = a.Text
		}
		if text == "" {
			note := "tapped " + a.Label
			for _, value := range params {
				note += ": " + value
			}
			return e, Entry{From: Noted, Note: note}, nil
		}
		shown, err := encode(eventMessage{Type: "text", Text: text})
		return e, Entry{From: FromPerson, Message: shown}, err
	})
}

// picked checks what was picked against the picker's mode.
func (s *Sandbox) picked(a lineAction, value string) (string, error) {
	layout := map[string]string{
		"date": "2006-01-02", "time": "15:04", "datetime": "2006-01-02T15:04",
	}[a.Mode]
	switch {
	case layout == "":
		return "", fmt.Errorf("mode: %q is none of date, time and datetime", a.Mode)
	case value == "" && a.Initial != "":
		value = a.Initial
	case value == "":
		value = s.now().Format(layout)
	}
	if _, err := time.Parse(layout, value); err != nil {
		return "", fmt.Errorf("picked: %q is not written as %s", value, layout)
	}
	return value, nil
}

// findAction looks for a button by its label, in the newest message first.
func findAction(history []*Entry, label string) (lineAction, bool) {
	for i, e := range slices.Backward(history) {
		if e.From != FromAccount {
			continue
		}
		var message map[string]any
		if json.Unmarshal(e.Message, &message) != nil {
			continue
		}
		if i != len(history)-1 {
			delete(message, "quickReply")
		}
		if a, ok := findIn(message, label); ok {
			return a, true
		}
	}
	return lineAction{}, false
}

// findIn walks a message to an object that is an action with that label.
func findIn(v any, label string) (lineAction, bool) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if a, ok := findIn(item, label); ok {
				return a, true
			}
		}
	case map[string]any:
		if v["label"] == label && v["type"] != nil {
			if a, err := asAction(v); err == nil {
				return a, true
			}
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if a, ok := findIn(v[key], label); ok {
				return a, true
			}
		}
	}
	return lineAction{}, false
}

func asAction(v map[string]any) (lineAction, error) {
	var a lineAction
	raw, err := json.Marshal(v)
	if err != nil {
		return a, err
	}
	if err := json.Unmarshal(raw, &a); err != nil {
		return a, err
	}
	if a.Type == "" {
		return a, errors.New("no action")
	}
	return a, nil
}
