package messenger

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

// Render implements channels.Channel. Messenger takes one message a call, so
// each payload is one message object; Send puts the recipient around it.
//
// Quick replies of all messages go together under the last one: Messenger
// takes them away as soon as another message follows. Nothing to say is no
// payload.
func (*Channel) Render(messages []blocks.Message) []channels.Payload {
	var r rendering
	for _, m := range messages {
		r.message(m)
	}
	r.finish()
	payloads := make([]channels.Payload, len(r.said))
	for i := range r.said {
		payloads[i] = channels.Payload{Body: encode(r.said[i].wire()), Messages: 1, Template: r.said[i].approved, Warnings: r.said[i].warnings}
	}
	if len(payloads) == 0 {
		return nil
	}
	return payloads
}

// rendering is one Render under way.
type rendering struct {
	said  []said
	quick []blocks.Button // for the last message

	warnings []channels.Warning // of the message at hand
	hints    []string           // what it says in place of a button Messenger lacks
	colored  bool               // it has been warned that colours are lost
}

// said is a message object with what was lost in making it.
type said struct {
	message
	raw      map[string]json.RawMessage // the object itself, when an author wrote it
	approved bool                       // it is a utility message, under which nothing stands
	warnings []channels.Warning
}

// message renders one message, and ties its warnings to its first object.
func (r *rendering) message(m blocks.Message) {
	first := len(r.said)
	r.colored = false
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
		r.template(p)
	case *blocks.Raw:
		r.raw(p)
	default:
		r.warn("message:unknown", "Messenger shows no %T", m.Part)
	}
	if hints := r.takeHints(); hints != "" {
		r.plain(hints)
	}
	r.quick = append(r.quick, quick...)
	if first < len(r.said) {
		o := &r.said[first]
		o.warnings, r.warnings = append(o.warnings, r.warnings...), nil
	}
}

// finish puts the quick replies under the last message, and makes one when
// there is none to put them under.
func (r *rendering) finish() {
	if len(r.quick) > 0 {
		if len(r.said) == 0 {
			r.add(message{Text: channels.Ellipsis})
		}
		last := &r.said[len(r.said)-1]
		if last.approved {
			r.warn("quick_replies:under_template", "%d quick replies are left out: nothing stands under a template, and another message would take its place", len(r.quick))
		} else {
			last.QuickReplies = r.row()
			last.mergeQuickReplies()
		}
	}
	if n := len(r.said); n > 0 {
		o := &r.said[n-1]
		o.warnings = append(o.warnings, r.warnings...)
	}
}

func (r *rendering) add(m message) { r.said = append(r.said, said{message: m}) }

// attach adds one of Meta's templates: what it calls the forms with buttons and
// cards, and what it has approved beforehand.
func (r *rendering) attach(p payload) {
	r.add(message{Attachment: &attachment{Type: "template", Payload: p}})
}

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
