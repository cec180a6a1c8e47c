package api

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/blockcast/blockcast/blocks"
)

// readMessages reads messages that a caller gives instead of a block.
func readMessages(raw []json.RawMessage) ([]blocks.Message, error) {
	var out []blocks.Message
	for i, r := range raw {
		field := fmt.Sprintf("messages[%d]", i)
		m, err := readMessage(r)
		if err != nil {
			return nil, invalid(field, err.Error())
		}
		if fault := faultOf(m.Part); fault != "" {
			return nil, invalid(field, fault)
		}
		out = append(out, m)
	}
	return out, nil
}

// readMessage reads one; without a type it is a text.
func readMessage(raw json.RawMessage) (blocks.Message, error) {
	var m blocks.Message
	var head map[string]json.RawMessage
	if err := json.Unmarshal(raw, &head); err != nil {
		return m, fmt.Errorf("a message is an object such as {\"type\": \"text\", \"text\": \"Hello\"}")
	}
	if _, typed := head["type"]; !typed {
		head["type"] = json.RawMessage(`"text"`)
		var err error
		if raw, err = json.Marshal(head); err != nil {
			return m, err
		}
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return m, fmt.Errorf("the message cannot be read: its type is text, image, video, audio, file, carousel, image_carousel, location or raw, and its fields are as in a rendered block")
	}
	return m, nil
}

// faultOf says what a message lacks, "" when nothing.
func faultOf(p blocks.Part) string {
	switch p := p.(type) {
	case *blocks.Text:
		if strings.TrimSpace(p.Text) == "" {
			return "the text is empty"
		}
	case *blocks.Media:
		if !secure(p.URL) || p.PreviewURL != "" && !secure(p.PreviewURL) {
			return "its addresses must begin with https://, or with media: and the id of a file the bot keeps"
		}
	case *blocks.Carousel:
		if len(p.Cards) == 0 {
			return "a carousel needs cards"
		}
	case *blocks.ImageCarousel:
		if len(p.Columns) == 0 {
			return "an image carousel needs columns"
		}
	case *blocks.ApprovedTemplate:
		return "a platform's template is sent by a block: in its step template, or under when_closed"
	case *blocks.Raw:
		var object map[string]json.RawMessage
		if p.Channel == "" || json.Unmarshal(p.Payload, &object) != nil || len(object) == 0 {
			return `a raw message needs its "channel" and, as "payload", the platform's message object`
		}
		if len(p.Payload) > blocks.MaxRaw {
			return fmt.Sprintf("the payload is longer than %d bytes", blocks.MaxRaw)
		}
	case *blocks.Location:
		if p.Latitude < -90 || p.Latitude > 90 || p.Longitude < -180 || p.Longitude > 180 {
			return "there is no such place on earth"
		}
	}
	return ""
}

// secure reports whether an address is one that platforms fetch, or of a file
// the bot keeps.
func secure(address string) bool {
	return strings.HasPrefix(address, "https://") || strings.HasPrefix(address, blocks.MediaScheme)
}
