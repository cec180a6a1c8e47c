// Package outboxtest plays what stands around an outbox and an inbox: a
// platform that answers as told, bells that are only remembered, a clock that
// is moved by hand.
package outboxtest

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
)

// Platform is a channel that records calls and answers them from a script; past its end it accepts.
type Platform struct {
	mu     sync.Mutex
	Keys   bool                  // the platform takes retry keys
	script []*channels.SendError // nil: accepted
	calls  []Call
	During func() // while a call is under way
}

// Call is one call as it was made.
type Call struct {
	To    string
	Route channels.RouteKind
	Token string
	Body  string
	Key   string

	Template *blocks.ApprovedTemplate // of a TemplatePlatform

	messages []blocks.Message
	payloads []string
}

// wire is the platform's form of messages.
type wire struct {
	Messages []blocks.Message         `json:"messages"`
	Buttons  []string                 `json:"buttons"`
	Template *blocks.ApprovedTemplate `json:"template,omitempty"`
}

// Texts returns the texts the call carried.
func (c *Call) Texts() []string {
	var out []string
	for _, m := range c.messages {
		if t, ok := m.Part.(*blocks.Text); ok {
			out = append(out, t.Text)
		}
	}
	return out
}

// Buttons returns what the platform would carry back on a tap of each button.
func (c *Call) Buttons() []string { return c.payloads }

// Answers sets what the next calls are answered with; nil accepts.
func (p *Platform) Answers(script ...*channels.SendError) { p.script = script }

// Made returns the calls made so far.
func (p *Platform) Made() []Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls
}

// Kind implements channels.Channel.
func (p *Platform) Kind() channels.Kind { return channels.LINE }

// Limits implements channels.Channel.
func (p *Platform) Limits() channels.Limits {
	return channels.Limits{RetryKeys: p.Keys, InFlight: 32, Paid: true}
}

// Receive implements channels.Channel; the platform has no webhooks.
func (p *Platform) Receive(channels.Account, *channels.Request) (*channels.Received, error) {
	return &channels.Received{}, nil
}

// Render packs five messages into a payload, as LINE does.
func (p *Platform) Render(messages []blocks.Message) []channels.Payload {
	var out []channels.Payload
	for i := 0; i < len(messages); i += 5 {
		said := wire{Messages: messages[i:min(i+5, len(messages))]}
		for j := range said.Messages {
			said.Messages[j].Buttons(func(b *blocks.Button) { said.Buttons = append(said.Buttons, b.Payload) })
		}
		body, err := json.Marshal(said)
		if err != nil {
			panic(err)
		}
		out = append(out, channels.Payload{Body: body, Messages: len(said.Messages)})
	}
	return out
}

// Send implements channels.Channel.
func (p *Platform) Send(_ context.Context, to channels.Target, pl channels.Payload, key channels.Key) (*channels.Sent, error) {
	p.mu.Lock()
	var said wire
	if err := json.Unmarshal(pl.Body, &said); err != nil {
		p.mu.Unlock()
		return nil, &channels.SendError{Kind: channels.KindContent, Message: err.Error()}
	}
	p.calls = append(p.calls, Call{To: to.To, Route: to.Route, Token: to.ReplyToken, Body: string(pl.Body), Key: key.Retry,
		Template: said.Template, messages: said.Messages, payloads: said.Buttons})
	n := len(p.calls)
	var refused *channels.SendError
	if len(p.script) > 0 {
		refused, p.script = p.script[0], p.script[1:]
	}
	p.mu.Unlock()
	if p.During != nil {
		p.During()
	}
	if refused != nil {
		return nil, refused
	}
	return &channels.Sent{RequestID: fmt.Sprintf("request-%d", n)}, nil
}

// TemplatePlatform is a Platform of the kind messenger: it has a window, takes
// approved templates and knows no retry keys.
type TemplatePlatform struct{ Platform }

// Kind implements channels.Channel.
func (p *TemplatePlatform) Kind() channels.Kind { return channels.Messenger }

// Limits implements channels.Channel.
func (p *TemplatePlatform) Limits() channels.Limits {
	l := p.Platform.Limits()
	l.Templates = true
	return l
}

// Render makes a payload of each message.
func (p *TemplatePlatform) Render(messages []blocks.Message) []channels.Payload {
	var out []channels.Payload
	for i := range messages {
		made := p.Platform.Render(messages[i : i+1])[0]
		if t, ok := messages[i].Part.(*blocks.ApprovedTemplate); ok {
			said := wire{Template: t}
			messages[i].Buttons(func(b *blocks.Button) { said.Buttons = append(said.Buttons, b.Payload) })
			body, err := json.Marshal(said)
			if err != nil {
				panic(err)
			}
			made.Body, made.Template = body, true
		}
		out = append(out, made)
	}
	return out
}
