package blocks

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
)

// KindLater is the kind of LaterStep.
const KindLater = "later"

// How far ahead a block can be planned. What comes sooner is a wait.
const (
	MinLater = time.Minute
	MaxLater = 366 * 24 * time.Hour
)

// MaxKey is the longest key of something planned, in bytes.
const MaxKey = 200

// What happens with what was to be sent in the past.
const (
	PastSkip = "skip"
	PastNow  = "now"
)

// LaterStep plans that a block is sent at another time, whatever the person
// does until then. What the block says is made when it is sent, for the person
// as they are then.
//
//	{"type": "later", "until": "visit_at - duration('24h')", "block": "track", "key": "visit {{ order_id }}",
//	 "cancel_when": "status == 'canceled'", "between": "09:00-21:00"}
type LaterStep struct {
	For           *Span       `json:"for,omitempty" doc:"How long from now, up to 366d."`
	Until         *Expression `json:"until,omitempty" doc:"Or the date and time."`
	Block         Ref         `json:"block" doc:"The block that is sent then."`
	Key           *Template   `json:"key,omitempty" doc:"Names what is planned: the same key replaces it, and cancel takes it back."`
	CancelWhen    *Expression `json:"cancel_when,omitempty" doc:"Asked when the time has come: nothing is sent when this holds then."`
	UnlessReplied bool        `json:"unless_replied,omitempty" doc:"Nothing is sent when the person has written or tapped meanwhile."`
	Between       string      `json:"between,omitempty" doc:"The hours it is sent in, by the person's clock, such as 09:00-21:00; it waits for them."`
	IfPast        string      `json:"if_past,omitempty" enum:"skip,now" doc:"What happens when until has passed already: nothing (skip), unless said."`

	hours expression.Hours
}

// Kind implements Step.
func (s *LaterStep) Kind() string { return KindLater }

// Check implements Step.
func (s *LaterStep) Check(c *Checker) {
	switch {
	case s.For == nil && s.Until == nil:
		c.Problem(CodeMissing, `needs "for" or "until"`, "")
	case s.For != nil && s.Until != nil:
		c.Problem(CodeChoice, `has both "for" and "until"`, "")
	case s.IfPast != "" && s.Until == nil:
		c.In("if_past", func() { c.Problem(CodeChoice, `"if_past" belongs to "until"`, "") })
	}
	c.Span("for", s.For, MinLater, MaxLater)
	c.Expression("until", s.Until, expression.DateTime)
	c.Ref("block", &s.Block)
	c.key("key", s.Key)
	c.Expression("cancel_when", s.CancelWhen, expression.Boolean)
	if s.Between != "" {
		c.In("between", func() {
			var err error
			if s.hours, err = expression.ParseHours(s.Between); err != nil {
				c.Problem(CodeValue, err.Error(), "")
			}
		})
	}
}

// key checks the name of something planned.
func (c *Checker) key(name string, t *Template) {
	c.Needed(name, t)
	if t != nil && len(t.constantText()) > MaxKey {
		c.In(name, func() { c.Problem(CodeLimit, fmt.Sprintf("a key has at most %d bytes", MaxKey), "") })
	}
}

// runKey evaluates the name of something planned.
func runKey(env Env, t *Template) (string, error) {
	key, err := t.run(env, nil)
	if err != nil {
		return "", fmt.Errorf("key: %w", err)
	}
	switch key = strings.TrimSpace(key); {
	case key == "":
		return "", errors.New("the key is empty")
	case len(key) > MaxKey:
		return "", fmt.Errorf("the key %s is longer than %d bytes", quoted(key), MaxKey)
	}
	return key, nil
}

// Compile implements Step.
func (s *LaterStep) Compile(c *Code) { c.Emit(later{s}) }

type later struct{ *LaterStep }

func (l later) Run(env Env) Next {
	plan, err := l.plan(env)
	if err != nil {
		env.Report(ReportLater, "nothing is planned: "+err.Error())
		return Continue{}
	}
	env.Do(plan)
	return Continue{}
}

func (l later) plan(env Env) (Schedule, error) {
	p := Schedule{Block: l.Block.ID, UnlessReplied: l.UnlessReplied, Between: l.hours, EvenIfPast: l.IfPast == PastNow}
	var err error
	if l.Key != nil {
		if p.Key, err = runKey(env, l.Key); err != nil {
			return p, err
		}
	}
	if l.Until == nil {
		if p.For, err = l.For.run(env, MinLater, MaxLater); err != nil {
			return p, fmt.Errorf("for: %w", err)
		}
		return p, nil
	}
	v, err := l.Until.run(env, nil)
	if err != nil {
		return p, fmt.Errorf("until: %w", err)
	}
	if p.At, err = instant(v, env.Place().Locale); err != nil {
		return p, fmt.Errorf("until %w", err)
	}
	return p, nil
}

// instant reads the value of an expression as a moment.
func instant(v any, l expression.Locale) (time.Time, error) {
	kept, err := expression.Convert(expression.DateTime, v, l)
	if err != nil {
		return time.Time{}, err
	}
	text, _ := kept.(string)
	if text == "" {
		return time.Time{}, errors.New("is not set")
	}
	return time.Parse(time.RFC3339Nano, text)
}

// CalledOff reports whether a planned delivery is not wanted any more, now that
// its time has come. i is the instruction that planned it.
func CalledOff(i Instruction, env Env) (bool, error) {
	l, ok := i.(later)
	if !ok {
		return false, errors.New("the step that planned this is not there any more")
	}
	if l.CancelWhen == nil {
		return false, nil
	}
	v, err := l.CancelWhen.run(env, nil)
	if err != nil {
		return false, fmt.Errorf("cancel_when: %w", err)
	}
	off, _ := v.(bool)
	return off, nil
}
