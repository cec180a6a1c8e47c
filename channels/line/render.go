package line

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

// Render implements channels.Channel. A payload's body is the JSON array of
// the 1 to 5 message objects of one call; Send puts the recipient or the reply
// token around it.
//
// Quick replies of all messages go together under the last object: LINE takes
// the row away as soon as another message follows. Nothing to say is no
// payload.
func (*Channel) Render(messages []blocks.Message) []channels.Payload {
	var r rendering
	for _, m := range messages {
		r.message(m)
	}
	r.finish()
	return r.payloads()
}

// rendering is one Render under way.
type rendering struct {
	objects []object
	quick   []blocks.Button // for the last object

	warnings []channels.Warning // of the message at hand
	hints    []string           // what it says in place of a button LINE lacks
}

// object is a message object with what was lost in making it.
type object struct {
	message
	raw      map[string]json.RawMessage // the object itself, when an author wrote it
	warnings []channels.Warning
}

// message renders one message, and ties its warnings to its first object.
func (r *rendering) message(m blocks.Message) {
	first := len(r.objects)
	quick := r.quickReplies(m.QuickReplies)
	switch p := m.Part.(type) {
	case *blocks.Text:
		r.text(p.Text, p.Buttons)
	case *blocks.Media:
		r.media(p)
	case *blocks.Carousel:
		r.carousel(p)
	case *blocks.ImageCarousel:
		r.imageCarousel(p)
	case *blocks.Location:
		r.location(p)
	case *blocks.ApprovedTemplate:
		r.warn("template:unsupported", "nothing is said: LINE has no approved templates, as %q", clip(p.Name))
	case *blocks.Raw:
		r.raw(p)
	default:
		r.warn("message:unknown", "LINE shows no %T", m.Part)
	}
	if hints := r.takeHints(); hints != "" {
		r.plain(hints)
	}
	r.quick = append(r.quick, quick...)
	if first < len(r.objects) {
		o := &r.objects[first]
		o.warnings, r.warnings = append(o.warnings, r.warnings...), nil
	}
}

// finish puts the quick replies under the last object, and makes one when
// there is none to put them under.
func (r *rendering) finish() {
	if len(r.quick) > 0 {
		if len(r.objects) == 0 {
			r.plain(channels.Ellipsis)
		}
		last := &r.objects[len(r.objects)-1]
		last.QuickReply = r.quickReply()
		last.mergeQuickReply()
	}
	if n := len(r.objects); n > 0 {
		o := &r.objects[n-1]
		o.warnings = append(o.warnings, r.warnings...)
	}
}

// payloads packs the objects into as few calls as LINE allows.
func (r *rendering) payloads() []channels.Payload {
	var payloads []channels.Payload
	for rest := r.objects; len(rest) > 0; {
		n := min(maxObjects, len(rest))
		payloads = append(payloads, pack(rest[:n]))
		rest = rest[n:]
	}
	return payloads
}

// pack makes the payload of one call.
func pack(objects []object) channels.Payload {
	messages := make([]any, len(objects))
	var warnings []channels.Warning
	for i := range objects {
		messages[i] = objects[i].wire()
		warnings = append(warnings, objects[i].warnings...)
	}
	return channels.Payload{Body: encode(messages), Messages: len(messages), Warnings: warnings}
}

// encode writes LINE's JSON. Our wire structs hold nothing but text and
// numbers, and these are finite: see location.
func encode(v any) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // links keep their & and the bytes stay short
	if err := e.Encode(v); err != nil {
		panic("line: encode message: " + err.Error())
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

func (r *rendering) add(m message) { r.objects = append(r.objects, object{message: m}) }

func (r *rendering) warn(code, format string, args ...any) {
	r.warnings = append(r.warnings, channels.Warning{Code: code, Message: fmt.Sprintf(format, args...)})
}

// hint keeps a line to say in place of a button.
func (r *rendering) hint(words ...string) {
	if line := channels.Join(": ", words...); line != "" {
		r.hints = append(r.hints, line)
	}
}

func (r *rendering) takeHints() string {
	text := strings.Join(r.hints, "\n")
	r.hints = nil
	return text
}
