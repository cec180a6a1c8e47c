package blocks

import (
	"errors"
	"fmt"
	"strings"
)

// How choices are shown.
const (
	showButtons = "buttons"
	showList    = "list"
)

// Titles of quick replies that open a channel's own picker. They are signs
// because nobody has said which language the person reads.
const (
	pickDate  = "📅"
	pickPlace = "📍"
)

// message makes the question with its choices and quick replies.
func (s *AskStep) message(env Env) (Message, error) {
	if s.question == nil {
		return Message{}, errUnchecked
	}
	m, err := message(env, s.question)
	if err != nil {
		return m, err
	}
	if m.Part == nil {
		return m, errors.New("the question came out empty")
	}
	list, err := s.choices(env)
	if err != nil {
		return m, err
	}
	switch s.Show {
	case showButtons:
		addButtons(m.Part, choiceButtons(list))
	case showList:
		addList(m.Part, list)
	default:
		m.QuickReplies = append(m.QuickReplies, choiceButtons(list)...)
	}
	return m, s.addQuickReplies(env, &m)
}

func (s *AskStep) addQuickReplies(env Env, m *Message) error {
	more, err := quickReplies(env, s.QuickReplies)
	if err != nil {
		return err
	}
	if len(m.QuickReplies) == 0 {
		m.QuickReplies = more
	} else {
		m.QuickReplies = append(m.QuickReplies, more...)
	}
	switch s.Expect {
	case ExpectDate, ExpectDateTime:
		m.QuickReplies = append(m.QuickReplies, Button{Title: pickDate, Action: ActionAskTime, Value: s.Expect})
	case ExpectLocation:
		if !offers(m, ActionAskLocation) {
			m.QuickReplies = append(m.QuickReplies, Button{Title: pickPlace, Action: ActionAskLocation})
		}
	}
	return nil
}

// offers reports whether the author offers the action already, under a title
// of their own.
func offers(m *Message, action Action) (found bool) {
	m.Buttons(func(b *Button) { found = found || b.Action == action })
	return found
}

// again makes what is said after an answer that did not fit.
func (s *AskStep) again(env Env) (Message, error) {
	if s.RetryText == nil {
		return s.message(env)
	}
	text, err := s.RetryText.run(env, nil)
	if err != nil {
		return Message{}, err
	}
	if blank(text) {
		return s.message(env)
	}
	m := Message{Part: &Text{Text: text}}
	list, err := s.choices(env)
	if err != nil {
		return m, err
	}
	if s.Show != showList { // its buttons or quick replies are gone from the screen by now
		m.QuickReplies = choiceButtons(list)
	}
	return m, s.addQuickReplies(env, &m)
}

// choiceButtons makes a button of each choice that says its title.
func choiceButtons(list []choice) []Button {
	made := make([]Button, 0, len(list))
	for _, c := range list {
		made = append(made, Button{Title: c.title, Action: ActionSay, Value: c.title, ImageURL: c.imageURL})
	}
	return made
}

// takesButtons reports whether buttons fit under what the step says.
func takesButtons(s speaker) bool {
	switch s.(type) {
	case *TextStep, *MediaStep:
		return true
	}
	return false
}

func addButtons(p Part, more []Button) {
	switch p := p.(type) {
	case *Text:
		p.Buttons = append(p.Buttons, more...)
	case *Media:
		p.Buttons = append(p.Buttons, more...)
	}
}

// addList writes the choices under the text, each with the number to type.
func addList(p Part, list []choice) {
	text, ok := p.(*Text)
	if !ok {
		return
	}
	var b strings.Builder
	b.WriteString(text.Text)
	for i, c := range list {
		fmt.Fprintf(&b, "\n%d. %s", i+1, c.title)
	}
	text.Text = b.String()
}
