package blocks

import (
	"errors"
	"fmt"

	"github.com/blockcast/blockcast/blocks/expression"
)

// KindRaw is the kind of RawStep.
const KindRaw = "raw"

// MaxRaw is the longest message in a platform's own JSON, in bytes: what LINE
// takes of its richest kind.
const MaxRaw = 50 << 10

// RawStep says a message in one platform's own JSON, for what no other step can
// say. On other channels its other steps are run instead. Whether the platform
// takes it the platform tells, when it is sent. A text that is exactly one
// {{ … }} keeps its type. What a button in it sends back starts a trigger on
// "postback".
//
//	{"type": "raw", "channel": "line", "payload": {"type": "sticker", "packageId": "446", "stickerId": "1988"},
//	 "otherwise": [{"type": "text", "text": "Thank you, {{ first_name }}!"}]}
type RawStep struct {
	Channel      string           `json:"channel" doc:"The channel whose JSON it is."`
	Payload      Value            `json:"payload" doc:"The message object as the platform describes it."`
	Otherwise    Steps            `json:"otherwise,omitempty" doc:"Run on every other channel."`
	When         *Expression      `json:"when,omitempty" doc:"Says it only when this holds."`
	QuickReplies []QuickReplyForm `json:"quick_replies,omitempty" doc:"Offered under the message; shown on the last message of a turn."`

	here *Expression // that the run is on the channel
}

// Kind implements Step.
func (s *RawStep) Kind() string { return KindRaw }

// Check implements Step.
func (s *RawStep) Check(c *Checker) {
	c.messages++
	c.Expression("when", s.When, expression.Boolean)
	s.here = &Expression{Source: "channel == " + quoted(Fold(s.Channel)), given: true}
	c.In("channel", func() {
		if !isWord(s.Channel) {
			c.Problem(CodeValue, "needs the name of a channel, such as line or messenger", "")
			return
		}
		s.here.compiled, _ = c.scope.Expression(s.here.Source, expression.Boolean)
	})
	c.Value("payload", &s.Payload)
	c.In("payload", func() {
		switch source := s.Payload.Source.(type) {
		case nil: // said already
		case map[string]any:
			if len(source) == 0 {
				c.Problem(CodeMissing, "the message is empty", "")
			}
		default:
			c.Problem(CodeValue, wanted("the platform's message object", source).Error(), "")
		}
	})
	c.Steps("otherwise", s.Otherwise)
	if len(s.Otherwise) == 0 && isWord(s.Channel) {
		c.seenOn([]string{Fold(s.Channel)}, s.When, "the JSON of "+Fold(s.Channel))
	}
	c.QuickReplies("quick_replies", s.QuickReplies)
}

// Compile implements Step.
func (s *RawStep) Compile(c *Code) {
	wanted := &unless{when: s.When}
	c.Emit(wanted)
	here := &unless{when: s.here}
	c.Emit(here)
	c.Emit(sayRaw{s})
	here.to = c.PC()
	if len(s.Otherwise) > 0 {
		over := &jump{}
		c.Emit(over)
		here.to = c.PC()
		c.Steps(s.Otherwise)
		over.to = c.PC()
	}
	wanted.to = c.PC()
}

type sayRaw struct{ *RawStep }

func (s sayRaw) Run(env Env) Next {
	part, err := s.part(env)
	if err != nil {
		return Fail{err}
	}
	replies, err := quickReplies(env, s.QuickReplies)
	if err != nil {
		return Fail{err}
	}
	env.Say(Message{Part: part, QuickReplies: replies})
	return Continue{}
}

func (s sayRaw) ways() Ways { return Ways{Next: true, Messages: 1} }

func (s *RawStep) part(env Env) (*Raw, error) {
	v, err := s.Payload.run(env, nil)
	if err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	if _, ok := v.(map[string]any); !ok {
		return nil, errors.New("payload: is no object")
	}
	data, err := jsonBody(v)
	if err != nil {
		return nil, fmt.Errorf("payload: %w", err)
	}
	if len(data) > MaxRaw {
		return nil, fmt.Errorf("payload: has %d bytes, of at most %d", len(data), MaxRaw)
	}
	return &Raw{Channel: s.Channel, Payload: data}, nil
}
