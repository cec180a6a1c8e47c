package blocks

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
)

// KindNotify is the kind of NotifyStep.
const KindNotify = "notify"

// Limits of what a notify tells.
const (
	MaxEventName  = 100      // bytes
	MaxNotifyData = 64 << 10 // bytes of JSON
)

// NotifyStep tells your own systems that something has happened: every
// outgoing webhook of the bot that listens to the event gets one signed call,
// which is repeated until it is answered. It is made after the turn is kept,
// so nothing is told of a turn that did not happen, and the conversation does
// not wait for it. Where data cannot be put together nothing is told, and the
// author sees why.
//
//	{"type": "notify", "event": "order_returned", "data": {"order_id": "{{ order_id }}", "total": "{{ total }}"}}
type NotifyStep struct {
	Event EventName `json:"event" doc:"What has happened, in letters, digits and _ . -, such as order_returned."`
	Data  *Value    `json:"data,omitempty" doc:"An object of what is told with it. A text that is exactly one {{ … }} keeps its type."`
}

// Kind implements Step.
func (s *NotifyStep) Kind() string { return KindNotify }

// Check implements Step.
func (s *NotifyStep) Check(c *Checker) {
	c.Tells = true
	if s.Data == nil {
		return
	}
	if _, object := s.Data.Source.(map[string]any); !object {
		c.In("data", func() {
			c.Problem(CodeValue, "data needs an object of names and values", `as in {"order_id": "{{ order_id }}"}`)
		})
		return
	}
	c.Value("data", s.Data)
}

// Compile implements Step.
func (s *NotifyStep) Compile(c *Code) { c.Emit(notify{s}) }

type notify struct{ *NotifyStep }

func (n notify) Run(env Env) Next {
	data, err := n.data(env)
	if err != nil {
		env.Report(ReportNotify, fmt.Sprintf("nothing is told of %s: %v", quoted(string(n.Event)), err))
		return Continue{}
	}
	env.Do(Notify{Event: string(n.Event), Data: data})
	return Continue{}
}

func (n notify) data(env Env) (json.RawMessage, error) {
	if n.Data == nil {
		return json.RawMessage("{}"), nil
	}
	v, err := n.Data.run(env, nil)
	if err != nil {
		return nil, err
	}
	data, err := jsonBody(v)
	if err != nil {
		return nil, err
	}
	if len(data) > MaxNotifyData {
		return nil, errTooMuch
	}
	return data, nil
}

var errTooMuch = errors.New("data is larger than 64 KB")

// EventName names an event that webhooks are told of.
type EventName string

// Read implements Field.
func (n *EventName) Read(v any) error {
	s, ok := v.(string)
	if !ok {
		return wanted("the name of an event", v)
	}
	if !IsEventName(s) {
		return fmt.Errorf("an event is named in at most %d letters a to z, digits and _ . -, such as order_returned, not %s", MaxEventName, quoted(s))
	}
	*n = EventName(s)
	return nil
}

// Schema implements Field.
func (n *EventName) Schema() map[string]any {
	return map[string]any{"type": "string", "pattern": eventNames, "maxLength": MaxEventName}
}

const eventNames = `^[A-Za-z0-9][A-Za-z0-9_.-]*$`

var eventName = regexp.MustCompile(eventNames)

// IsEventName reports whether an event that webhooks are told of can be named
// so.
func IsEventName(s string) bool { return len(s) <= MaxEventName && eventName.MatchString(s) }
