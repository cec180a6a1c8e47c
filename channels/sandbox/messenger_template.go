package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// MessengerTemplate is a utility template that Meta has approved for a Page.
type MessengerTemplate struct {
	Name      string
	Languages []string // it is approved in, such as en_US
	Header    string   // what is filled in over the text: text, image, video or document; "" for nothing
	Text      string   // its places are {{1}}, {{2}} …
	Buttons   []MessengerTemplateButton
}

// MessengerTemplateButton is a button of a template.
type MessengerTemplateButton struct {
	Title string
	// URL is what it opens; an end left open is {{1}}. Without one the button
	// comes back as a quick reply does.
	URL string
}

// place is where something is filled into a template.
var place = regexp.MustCompile(`\{\{\d+\}\}`)

// places counts what the text wants filled in.
func places(text string) int {
	all := place.FindAllString(text, -1)
	slices.Sort(all)
	return len(slices.Compact(all))
}

// kind is what Meta calls the kind of a button.
func (b *MessengerTemplateButton) kind() string {
	if b.URL == "" {
		return "quick_reply"
	}
	return "url"
}

// checkTemplates finds what Meta would not have approved.
func checkTemplates(list []MessengerTemplate) error {
	for _, t := range list {
		switch {
		case t.Name == "" || len(t.Languages) == 0:
			return errors.New("templates: one needs a name and its languages")
		case !slices.Contains([]string{"", "text", "image", "video", "document"}, t.Header):
			return fmt.Errorf("templates: %s has no header of kind %q", t.Name, t.Header)
		}
	}
	return nil
}

// graphTemplate is the payload of a utility message as far as it is looked at.
type graphTemplate struct {
	Kind     string `json:"template_type"`
	Name     string `json:"name"`
	Language struct {
		Code string `json:"code"`
	} `json:"language"`
	Components []graphComponent `json:"components"`
}

type graphComponent struct {
	Type       string `json:"type"`
	SubType    string `json:"sub_type"`
	Index      int    `json:"index"`
	Parameters []struct {
		Type    string `json:"type"`
		Payload string `json:"payload"`
		Text    string `json:"text"`
	} `json:"parameters"`
}

// templateOf reads a message's utility template; its Kind is "" when it is
// something else.
func templateOf(message json.RawMessage) graphTemplate {
	var m struct {
		Attachment struct {
			Payload graphTemplate `json:"payload"`
		} `json:"attachment"`
	}
	if json.Unmarshal(message, &m) != nil || m.Attachment.Payload.Kind != "utility_messages" {
		return graphTemplate{}
	}
	return m.Attachment.Payload
}

// template finds an approved template by its name.
func (a *MessengerAccount) template(name string) *MessengerTemplate {
	for i := range a.Templates {
		if a.Templates[i].Name == name {
			return &a.Templates[i]
		}
	}
	return nil
}

// utility checks that the message is a template Meta approved, with all that it
// wants filled in and nothing else.
func (c *graphCall) utility(page *messengerAccount) (string, *graphAnswer) {
	sent := templateOf(c.fields["message"])
	fault := ""
	switch approved := page.template(sent.Name); {
	case sent.Kind == "":
		fault = "Param message must be a utility_messages template with messaging_type UTILITY"
	case approved == nil:
		fault = fmt.Sprintf("Message template %q does not exist or is not approved", sent.Name)
	case !slices.Contains(approved.Languages, sent.Language.Code):
		fault = fmt.Sprintf("Message template %q does not exist in %q", sent.Name, sent.Language.Code)
	default:
		fault = approved.misfilled(&sent)
	}
	if fault == "" {
		return routeUtility, nil
	}
	a := invalidParameter(fault)
	return "", &a
}

// misfilled tells what is wrong with what is filled in, "" for nothing.
func (t *MessengerTemplate) misfilled(sent *graphTemplate) string {
	header, body := "", 0
	filled := map[int]string{}
	for _, c := range sent.Components {
		switch c.Type {
		case "header":
			header = c.Parameters[0].Type
		case "body":
			body = len(c.Parameters)
		case "button":
			if c.Index >= len(t.Buttons) {
				return fmt.Sprintf("buttons: the template has no button %d", c.Index)
			}
			if want := t.Buttons[c.Index].kind(); c.SubType != want {
				return fmt.Sprintf("buttons: button %d is of type %s, not %s", c.Index, want, c.SubType)
			}
			filled[c.Index] = c.Parameters[0].Type
		}
	}
	switch want := places(t.Text); {
	case header != t.Header:
		return fmt.Sprintf("header: format mismatch, expected %q, received %q", t.Header, header)
	case body != want:
		return fmt.Sprintf("body: number of parameters (%d) does not match the expected number of parameters (%d)", body, want)
	}
	for i, b := range t.Buttons {
		_, is := filled[i]
		if open := places(b.URL) > 0; b.URL != "" && open != is {
			return fmt.Sprintf("buttons: button %d has an address with %d parameters", i, places(b.URL))
		}
	}
	return ""
}

// templateButtons are the buttons people see under a utility message.
func (a *MessengerAccount) templateButtons(message json.RawMessage) []graphButton {
	sent := templateOf(message)
	t := a.template(sent.Name)
	if t == nil {
		return nil
	}
	shown := make([]graphButton, len(t.Buttons))
	for i, b := range t.Buttons {
		shown[i] = graphButton{ContentType: "text", Title: b.Title, Payload: b.Title}
		if b.URL != "" {
			shown[i] = graphButton{Type: "web_url", Title: b.Title, URL: b.URL}
		}
	}
	for _, c := range sent.Components {
		if c.Type != "button" || c.Index >= len(shown) {
			continue
		}
		filled := c.Parameters[0]
		if b := &shown[c.Index]; b.Type == "web_url" {
			b.URL = place.ReplaceAllString(b.URL, strings.ReplaceAll(filled.Text, "$", "$$"))
		} else {
			b.Payload = filled.Payload
		}
	}
	return shown
}
