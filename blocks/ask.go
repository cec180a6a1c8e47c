package blocks

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
)

// KindAsk is the kind of AskStep.
const KindAsk = "ask"

// Limits of a question.
const (
	DefaultAttempts = 3 // answers that do not fit before on_fail
	MaxAttempts     = 10
	MaxTimeout      = 30 * 24 * time.Hour
	MaxPattern      = 500 // bytes
)

// What an answer can be expected to be.
const (
	ExpectText     = "text"
	ExpectNumber   = "number"
	ExpectEmail    = "email"
	ExpectPhone    = "phone"
	ExpectDate     = "date"
	ExpectDateTime = "datetime"
	ExpectChoice   = "choice"
	ExpectLocation = "location"
	ExpectImage    = Image
	ExpectVideo    = Video
	ExpectAudio    = Audio
	ExpectFile     = File
	ExpectAny      = "any"
)

// AskStep asks a question and waits for its answer, which it understands,
// checks and saves. An answer that does not fit is answered with retry_text
// and waited for again; after attempts of them on_fail follows, or the run
// ends. When timeout passes on_timeout follows, or the run ends.
//
// Where there are choices a person may tap one, or type its number, its title
// or a word in also; accents and case do not matter. Other expects than choice
// also take a free answer. min and max bound a number, a date or the length of
// a text.
//
//	{"type": "ask", "text": "Which phone number did you order with?", "expect": "phone", "save_to": "phone",
//	 "retry_text": "Like 0912 345 678.", "attempts": 3, "on_fail": "talk to us", "timeout": "30m",
//	 "quick_replies": [{"title": "I forgot", "goto": "talk to us"}]}
//	{"type": "ask", "text": "Which size?", "expect": "choice", "save_to": "size", "show": "buttons", "on_fail": "talk to us",
//	 "choices": [{"title": "Small", "value": "S"}, {"title": "Large", "value": "L", "also": ["big", "XL"], "tag": ["tall"]}]}
type AskStep struct {
	Text          *Template        `json:"text,omitempty" doc:"The question."`
	Say           *Spoken          `json:"say,omitempty" doc:"The question as a step that speaks, instead of text."`
	Expect        string           `json:"expect" enum:"text,number,email,phone,date,datetime,choice,location,image,video,audio,file,any" doc:"What kind of answer is taken."`
	Choices       []ChoiceForm     `json:"choices,omitempty" doc:"Answers to choose from."`
	Show          string           `json:"show,omitempty" enum:"buttons,quick_replies,list" doc:"How choices are shown; quick_replies unless said."`
	Pattern       string           `json:"pattern,omitempty" doc:"A regular expression a text must match."`
	Min           *Expression      `json:"min,omitempty" doc:"The least number, first date or shortest text."`
	Max           *Expression      `json:"max,omitempty" doc:"The greatest number, last date or longest text."`
	SaveTo        string           `json:"save_to,omitempty" doc:"The attribute that gets the answer."`
	RetryText     *Template        `json:"retry_text,omitempty" doc:"Said when an answer does not fit; else the question again."`
	Attempts      int              `json:"attempts,omitempty" doc:"Answers that do not fit before on_fail; 3 unless said."`
	OnFail        *Ref             `json:"on_fail,omitempty" doc:"The block that follows when no answer fitted."`
	Timeout       *Span            `json:"timeout,omitempty" doc:"How long to wait, up to 30d; for ever unless said."`
	OnTimeout     *Ref             `json:"on_timeout,omitempty" doc:"The block that follows when the time has passed."`
	OnUndelivered *Ref             `json:"on_undelivered,omitempty" doc:"The block that follows when the question could not be delivered."`
	Keywords      bool             `json:"keywords,omitempty" doc:"Whether keywords of the flows may interrupt; no unless said."`
	QuickReplies  []QuickReplyForm `json:"quick_replies,omitempty" doc:"Besides the choices: goto leaves the question, say answers it."`

	question speaker
	saveTo   string
	kind     expression.Type // of saveTo
	pattern  *regexp.Regexp
	today    *expression.Program
}

// Spoken is one step that speaks.
type Spoken struct{ Step Step }

// Kind implements Step.
func (s *AskStep) Kind() string { return KindAsk }

// Check implements Step.
func (s *AskStep) Check(c *Checker) {
	s.checkQuestion(c)
	s.checkChoices(c)
	s.checkRules(c)
	s.checkSaveTo(c)
	c.Template("retry_text", s.RetryText)
	c.QuickReplies("quick_replies", s.QuickReplies)
	if s.Attempts < 0 || s.Attempts > MaxAttempts {
		c.In("attempts", func() { c.Problem(CodeValue, fmt.Sprintf("attempts is from 1 to %d", MaxAttempts), "") })
	}
	c.Ref("on_fail", s.OnFail)
	if s.OnFail == nil && s.Expect != "" && s.canFail() {
		c.Warn(CodeNoFail, "nothing is said about answers that never fit: the run ends there", `add "on_fail" with the name of a block`)
	}
	c.Span("timeout", s.Timeout, time.Second, MaxTimeout)
	c.Ref("on_timeout", s.OnTimeout)
	if s.OnTimeout != nil && s.Timeout == nil {
		c.In("on_timeout", func() { c.Problem(CodeMissing, "there is no timeout that could pass", `add "timeout"`) })
	}
	c.Ref("on_undelivered", s.OnUndelivered)
}

// canFail reports whether some answer would not fit.
func (s *AskStep) canFail() bool {
	free := s.Expect == ExpectText || s.Expect == ExpectAny
	return !free || s.Pattern != "" || s.Min != nil || s.Max != nil
}

func (s *AskStep) checkQuestion(c *Checker) {
	switch {
	case s.Text != nil && s.Say != nil:
		c.In("say", func() { c.Problem(CodeChoice, `the question is "text" or "say", not both`, "") })
	case s.Text == nil && s.Say == nil:
		c.Problem(CodeMissing, `needs the question: "text"`, "")
	}
	if s.Text != nil {
		c.Needed("text", s.Text)
		s.question = &TextStep{Text: *s.Text}
	}
	if s.Say == nil || s.Say.Step == nil {
		return
	}
	c.In("say", func() {
		spoken, ok := s.Say.Step.(speaker)
		if !ok {
			c.Problem(CodeValue, quoted(s.Say.Step.Kind())+" says no message and cannot be a question", "")
			return
		}
		spoken.Check(c)
		if _, template := spoken.(*TemplateStep); template {
			c.Problem(CodeValue, "a template has no room for choices and cannot be a question", "say it in a step of its own before the question")
		}
		if spoken.speech().When != nil {
			c.In("when", func() { c.Problem(CodeChoice, "a question is always asked", `put the ask into an "if"`) })
		}
		if s.question == nil {
			s.question = spoken
		}
	})
}

func (s *AskStep) checkChoices(c *Checker) {
	if s.Expect == ExpectChoice && len(s.Choices) == 0 {
		c.In("choices", func() { c.Problem(CodeMissing, `expect "choice" needs "choices"`, "") })
	}
	if s.Show != "" && len(s.Choices) == 0 {
		c.In("choices", func() { c.Problem(CodeMissing, "there are no choices to show", `add "choices", or leave "show" out`) })
	}
	if isMediaAnswer(s.Expect) && len(s.Choices) > 0 {
		c.In("choices", func() {
			c.Problem(CodeChoice, fmt.Sprintf("a question for %s has no choices", quoted(s.Expect)), `offer another way with "quick_replies"`)
		})
	}
	if s.Show == showButtons && s.question != nil && !takesButtons(s.question) {
		c.In("show", func() { c.Problem(CodeValue, "a "+s.question.Kind()+" has no buttons", `use "quick_replies"`) })
	}
	c.AtMost("choices", len(s.Choices), MaxChoices)
	c.In("choices", func() {
		for i := range s.Choices {
			c.At(i, func() { s.Choices[i].check(c) })
		}
	})
}

// checkRules checks what bounds an answer.
func (s *AskStep) checkRules(c *Checker) {
	want := expression.Number
	if s.Expect == ExpectDate || s.Expect == ExpectDateTime {
		want = expression.Any // a date, a datetime or either's text
	}
	c.Expression("min", s.Min, want)
	c.Expression("max", s.Max, want)
	if !slices.Contains([]string{"", ExpectText, ExpectNumber, ExpectDate, ExpectDateTime}, s.Expect) {
		for key, e := range map[string]*Expression{"min": s.Min, "max": s.Max} {
			if e != nil {
				c.In(key, func() {
					c.Problem(CodeChoice, fmt.Sprintf("expect %s has no %s", quoted(s.Expect), key), "numbers, dates and texts have")
				})
			}
		}
	}
	s.checkPattern(c)
	today, _ := c.scope.Expression("today", expression.Any)
	s.today = today
}

func (s *AskStep) checkPattern(c *Checker) {
	if s.Pattern == "" {
		return
	}
	c.In("pattern", func() {
		if s.Expect != ExpectText && s.Expect != "" {
			c.Problem(CodeChoice, fmt.Sprintf("expect %s has no pattern", quoted(s.Expect)), `use "expect": "text"`)
		}
		if len(s.Pattern) > MaxPattern {
			c.Problem(CodeLimit, fmt.Sprintf("a pattern has at most %d bytes", MaxPattern), "")
			return
		}
		pattern, err := regexp.Compile(s.Pattern)
		if err != nil {
			c.Problem(CodeValue, fmt.Sprintf("the pattern cannot be read: %v", err), "")
			return
		}
		s.pattern = pattern
	})
}

// checkSaveTo checks that the attribute can hold such an answer.
func (s *AskStep) checkSaveTo(c *Checker) {
	if s.SaveTo == "" {
		return
	}
	c.In("save_to", func() {
		name, kind, ok := c.Attribute(s.SaveTo)
		if !ok {
			return
		}
		s.saveTo, s.kind = name, kind
		if !canHold(kind, s.Expect) {
			c.Problem(CodeValue, fmt.Sprintf("attribute %s is %s and cannot hold an answer of kind %s", quoted(name), kind, s.Expect), "")
		}
	})
}

// canHold reports whether an attribute of the type can hold such an answer.
func canHold(t expression.Type, expect string) bool {
	switch expect {
	case ExpectText, ExpectChoice, ExpectEmail, ExpectPhone:
		return t != expression.List || expect == ExpectChoice
	case ExpectNumber:
		return t == expression.Number || t == expression.Text || t == expression.JSON
	case ExpectDate, ExpectDateTime:
		return t == expression.Date || t == expression.DateTime || t == expression.Text || t == expression.JSON
	case ExpectAny:
		return t == expression.JSON || t == expression.Text
	}
	return expect == "" || t == expression.JSON
}

// Compile implements Step: the question, the wait for an answer and what the
// answer does.
func (s *AskStep) Compile(c *Code) {
	c.Emit(question{s})
	wait := c.Emit(await{s})
	c.Emit(answer{s, wait})
}

// question asks.
type question struct{ *AskStep }

func (q question) Run(env Env) Next {
	m, err := q.message(env)
	if err != nil {
		return Fail{err}
	}
	env.Say(m)
	return Continue{}
}

func (q question) ways() Ways { return Ways{Next: true, Messages: 1} }

// await waits for the answer.
type await struct{ *AskStep }

func (a await) Run(env Env) Next {
	timeout, err := a.Timeout.run(env, time.Second, MaxTimeout)
	if err != nil {
		env.Report(ReportExpression, "timeout: "+err.Error())
	}
	return Wait{Reply: true, For: timeout, Keywords: a.Keywords, Expect: a.Expect, Undelivered: a.OnUndelivered.id()}
}

func (a await) ways() Ways { return Ways{Next: true, Asks: true} }
