package blocks

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/blockcast/blockcast/blocks/expression"
)

// answer understands what the person answered. It follows an await at wait.
type answer struct {
	*AskStep
	wait int
}

func (a answer) ways() Ways {
	w := Ways{Next: true, Jumps: []int{a.wait}, Ends: true, Messages: 1}
	for _, r := range []*Ref{a.OnFail, a.OnTimeout, a.OnUndelivered} {
		if id := r.id(); id != "" {
			w.Blocks = append(w.Blocks, id)
		}
	}
	for i := range a.Choices {
		if id := a.Choices[i].Goto.id(); id != "" {
			w.Blocks = append(w.Blocks, id)
		}
	}
	return w
}

func (a answer) Run(env Env) Next {
	in := env.Input()
	switch {
	case in == nil:
		return Jump{a.wait} // nothing came: the wait goes on
	case in.Kind == InputTimeout:
		return follow(a.OnTimeout)
	}
	picked, heard, err := a.hear(env, in)
	if err == nil {
		err = a.save(env, in, heard)
	}
	switch {
	case err != nil:
		var author authorError
		if errors.As(err, &author) {
			return Fail{author.error}
		}
		return a.retry(env, in)
	case picked == nil:
		return Continue{}
	}
	picked.do(env)
	if picked.form.Goto != nil {
		return Goto{picked.form.Goto.ID}
	}
	return Continue{}
}

// follow goes to the block, or ends the run when there is none.
func follow(r *Ref) Next {
	if id := r.id(); id != "" {
		return Goto{id}
	}
	return Stop{}
}

// authorError is a mistake of the author's, which another answer does not
// mend.
type authorError struct{ error }

// errUnfit is an answer that does not fit.
var errUnfit = errors.New("the answer does not fit")

// heard is an answer that was understood.
type heard struct {
	value any
	raw   string // what was typed, when value is a normal form of it
}

// hear understands an answer: one of the choices, or what is expected.
func (s *AskStep) hear(env Env, in *Input) (*choice, heard, error) {
	text := in.Text
	if in.Kind == InputTap && in.Tap != nil && in.Tap.Action == ActionSay {
		text = in.Tap.Value
	}
	if text != "" && len(s.Choices) > 0 {
		list, err := s.choices(env)
		if err != nil {
			return nil, heard{}, authorError{err}
		}
		picked, err := chosen(env, list, text, s.Expect == ExpectChoice)
		if err != nil {
			return nil, heard{}, authorError{err}
		}
		if picked != nil {
			v, err := picked.value(env)
			if err != nil {
				return nil, heard{}, authorError{err}
			}
			return picked, heard{value: v}, nil
		}
	}
	h, err := s.understand(env, in, text)
	return nil, h, err
}

// understand reads a free answer as what is expected, within its bounds.
func (s *AskStep) understand(env Env, in *Input, text string) (heard, error) {
	switch s.Expect {
	case ExpectChoice:
		return heard{}, errUnfit
	case ExpectLocation:
		return hearLocation(in)
	case ExpectImage, ExpectVideo, ExpectAudio, ExpectFile:
		return hearMedia(in, s.Expect)
	case ExpectAny:
		return hearAny(in, text)
	}
	if blank(text) {
		return heard{}, errUnfit
	}
	switch s.Expect {
	case ExpectNumber:
		return s.hearNumber(env, text)
	case ExpectEmail:
		return hearEmail(text)
	case ExpectPhone:
		return hearPhone(text, env.Place().Region)
	case ExpectDate, ExpectDateTime:
		return s.hearMoment(env, in, text)
	}
	return s.hearText(env, text)
}

func (s *AskStep) hearText(env Env, text string) (heard, error) {
	if s.pattern != nil && !s.pattern.MatchString(text) {
		return heard{}, errUnfit
	}
	return heard{value: text}, s.within(env, float64(utf8.RuneCountInString(text)))
}

func (s *AskStep) hearNumber(env Env, text string) (heard, error) {
	n, ok := readNumber(text, env.Place().Region)
	if !ok {
		return heard{}, errUnfit
	}
	return heard{value: n}, s.within(env, n)
}

// within checks a number against min and max.
func (s *AskStep) within(env Env, n float64) error {
	for _, bound := range []struct {
		e    *Expression
		sign float64
	}{{s.Min, 1}, {s.Max, -1}} {
		if bound.e == nil {
			continue
		}
		v, err := bound.e.run(env, nil)
		if err != nil {
			return authorError{err}
		}
		if limit, ok := v.(float64); ok && (n-limit)*bound.sign < 0 {
			return errUnfit
		}
	}
	return nil
}

// hearMoment reads a date or a date with its time. A date without a year is
// the one that lies within min and max: this year's, next year's or last
// year's.
func (s *AskStep) hearMoment(env Env, in *Input, text string) (heard, error) {
	place := env.Place()
	if place.Locale.Zone == nil {
		place.Locale.Zone = time.UTC
	}
	now, err := s.now(env, place.Locale)
	if err != nil {
		return heard{}, err
	}
	if in.Kind == InputPicked {
		return s.keptMoment(env, text, place.Locale)
	}
	m, ok := readMoment(text, now, place.Locale.MonthDay)
	if !ok {
		return heard{}, errUnfit
	}
	if s.Expect == ExpectDateTime && !m.timed {
		return heard{}, errUnfit
	}
	years := []int{m.year}
	if m.year == 0 {
		years = []int{now.Year(), now.Year() + 1, now.Year() - 1}
	}
	for _, year := range years {
		at, exists := m.in(year, place.Locale.Zone)
		if !exists {
			continue
		}
		layout := time.DateOnly
		if s.Expect == ExpectDateTime {
			layout = time.RFC3339
		}
		h, err := s.keptMoment(env, at.Format(layout), place.Locale)
		if err == nil || errors.As(err, new(authorError)) {
			return h, err
		}
	}
	return heard{}, errUnfit
}

// now is the time where the person is, as the texts see it.
func (s *AskStep) now(env Env, l expression.Locale) (time.Time, error) {
	if s.today == nil {
		return time.Time{}, authorError{errUnchecked}
	}
	v, err := env.Eval(s.today, nil)
	if err != nil {
		return time.Time{}, authorError{err}
	}
	kept, err := expression.Convert(expression.Date, v, l)
	if err != nil {
		return time.Time{}, authorError{err}
	}
	day, _ := kept.(string)
	at, err := time.ParseInLocation(time.DateOnly, day, l.Zone)
	if err != nil {
		return time.Time{}, authorError{err}
	}
	return at, nil
}

// keptMoment brings a date into its kept form and checks its bounds.
func (s *AskStep) keptMoment(env Env, text string, l expression.Locale) (heard, error) {
	kind := expression.Type(s.Expect)
	v, err := expression.Convert(kind, text, l)
	if err != nil {
		return heard{}, errUnfit
	}
	kept, _ := v.(string)
	for _, bound := range []struct {
		e   *Expression
		min bool
	}{{s.Min, true}, {s.Max, false}} {
		if bound.e == nil {
			continue
		}
		limit, err := bound.e.run(env, nil)
		if err == nil {
			limit, err = expression.Convert(kind, limit, l)
		}
		if err != nil {
			return heard{}, authorError{fmt.Errorf("%s: %w", quoted(bound.e.Source), err)}
		}
		if edge, ok := limit.(string); ok && edge != "" && (bound.min && before(kept, edge) || !bound.min && before(edge, kept)) {
			return heard{}, errUnfit
		}
	}
	return heard{value: kept}, nil
}

// before compares two kept dates, or two kept times.
func before(a, b string) bool {
	at, errA := time.Parse(time.RFC3339, a)
	bt, errB := time.Parse(time.RFC3339, b)
	if errA != nil || errB != nil {
		return a < b // dates sort as text
	}
	return at.Before(bt)
}

// save keeps the answer under its attribute.
func (s *AskStep) save(env Env, in *Input, h heard) error {
	if s.saveTo == "" {
		return nil
	}
	v := h.value
	if _, isText := v.(string); !isText || s.kind != expression.JSON { // what a person wrote is no JSON to be read
		var err error
		if v, err = expression.Convert(s.kind, v, env.Place().Locale); err != nil {
			return errUnfit
		}
	}
	shared := in.Tap != nil && (in.Tap.Action == ActionAskPhone || in.Tap.Action == ActionAskEmail)
	env.Do(SetAnswer{Name: s.saveTo, Value: v})
	env.Do(SetAttribute{Name: s.saveTo, Value: v, Typed: !shared, Raw: h.raw})
	return nil
}

// retry asks again, or gives up when it has been asked often enough.
func (a answer) retry(env Env, in *Input) Next {
	attempts := a.Attempts
	if attempts == 0 {
		attempts = DefaultAttempts
	}
	if in.Attempt >= attempts {
		if a.OnFail.id() == "" {
			env.Report(ReportGaveUp, fmt.Sprintf("%d answers to %s did not fit and there is no on_fail: the run ends", attempts, a.name()))
		}
		return follow(a.OnFail)
	}
	m, err := a.again(env)
	if err != nil {
		return Fail{err}
	}
	env.Say(m)
	return Jump{a.wait}
}

// name tells the question apart for the author.
func (s *AskStep) name() string {
	if s.Text != nil {
		return quoted(s.Text.Source)
	}
	return "the question"
}
