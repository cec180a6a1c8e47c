package console

import (
	"encoding/json"
	"fmt"

	"github.com/blockcast/blockcast/engine/broadcast"
)

const maxMessages = broadcast.MaxMessages

// formMessage is a message as the page's fields hold it: a text with up to one
// button that opens a page, or a picture.
type formMessage struct {
	Text   string
	Image  string // the address of a picture
	Button string
	URL    string
}

// Empty reports whether nothing was typed.
func (m formMessage) Empty() bool { return m == formMessage{} }

func readMessage(field func(string) string) formMessage {
	return formMessage{Text: field("text"), Image: field("image"), Button: field("button"), URL: field("url")}
}

// step is a message as flows are written: the part of it the page has fields
// for.
type step struct {
	Type    string   `json:"type"`
	Text    string   `json:"text,omitempty"`
	URL     string   `json:"url,omitempty"`
	Buttons []button `json:"buttons,omitempty"`
}

type button struct {
	Title string `json:"title"`
	URL   string `json:"url,omitempty"`
}

// writeMessages are messages as flows are written, with the plan's field for
// errors. One that holds a picture and a text becomes two.
func writeMessages(at string, list []formMessage) (json.RawMessage, error) {
	var steps []step
	for _, m := range list {
		if m.Image != "" {
			steps = append(steps, step{Type: "image", URL: m.Image})
		}
		field := fmt.Sprintf("%s[%d]", at, len(steps))
		if m.Button == "" && m.URL != "" {
			return nil, invalid(field+".buttons[0].title", "A button needs both what stands on it and the page it opens.")
		}
		if m.Button != "" && m.URL == "" {
			return nil, invalid(field+".buttons[0].url", "A button needs both what stands on it and the page it opens.")
		}
		if m.Button != "" && m.Text == "" {
			return nil, invalid(field+".text", "A button stands under a text: write one.")
		}
		if m.Text != "" {
			s := step{Type: "text", Text: m.Text}
			if m.Button != "" {
				s.Buttons = []button{{Title: m.Button, URL: m.URL}}
			}
			steps = append(steps, s)
		}
	}
	return json.Marshal(steps)
}

// readMessages fills the fields, or returns what they cannot hold as text.
func readMessages(raw json.RawMessage) (fields []formMessage, text string) {
	var steps []step
	if err := json.Unmarshal(raw, &steps); err != nil {
		return blank(nil), string(raw)
	}
	for _, s := range steps {
		m := formMessage{}
		switch {
		case s.Type == "image" && len(s.Buttons) == 0:
			m.Image = s.URL
		case s.Type == "text" && len(s.Buttons) == 0:
			m.Text = s.Text
		case s.Type == "text" && len(s.Buttons) == 1:
			m.Text, m.Button, m.URL = s.Text, s.Buttons[0].Title, s.Buttons[0].URL
		}
		fields = append(fields, m)
	}
	if written, err := writeMessages("", fields); err != nil || !sameJSON(written, raw) {
		return blank(nil), string(raw)
	}
	return blank(fields), ""
}

// sameJSON reports whether nothing is lost between two texts.
func sameJSON(a, b json.RawMessage) bool {
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	one, _ := json.Marshal(x) // just decoded
	two, _ := json.Marshal(y)
	return string(one) == string(two)
}

// blank adds empty messages up to as many as there may be.
func blank(list []formMessage) []formMessage {
	for len(list) < maxMessages {
		list = append(list, formMessage{})
	}
	return list
}
