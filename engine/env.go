package engine

import (
	"fmt"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/expression"
)

var _ blocks.Env = (*run)(nil)

// Input implements blocks.Env.
func (r *run) Input() *blocks.Input { return r.input }

// Text implements blocks.Env.
func (r *run) Text(t *expression.Template, locals map[string]any) (string, error) {
	if text, ok := t.Constant(); ok {
		return text, nil
	}
	return t.Text(r.values(), locals)
}

// Eval implements blocks.Env.
func (r *run) Eval(e expression.Evaluator, locals map[string]any) (any, error) {
	return e.Eval(r.values(), locals)
}

// Say implements blocks.Env.
func (r *run) Say(m blocks.Message) {
	if len(r.turn.Messages) == MaxMessagesPerTurn {
		if !r.ended {
			r.limit(EventLimitMessages, fmt.Sprintf("stopped after %d messages", MaxMessagesPerTurn))
		}
		return
	}
	if r.turn.Messages == nil {
		r.turn.Messages = make([]blocks.Message, 0, usualMessages)
	}
	r.turn.Messages = append(r.turn.Messages, m)
	r.withFiles(r.turn.Messages[len(r.turn.Messages)-1:])
	r.turn.Typing = 0 // what was being written is here
}

// usualMessages is how many messages a turn has room for at first: as many as
// one call takes.
const usualMessages = 5

// Report implements blocks.Env.
func (r *run) Report(code, text string) {
	r.event(Event{Level: LevelWarning, Code: code, Text: text})
}

// Place implements blocks.Env.
func (r *run) Place() blocks.Place {
	r.personal = true
	if r.zone == nil {
		r.zone = r.engine.zone(r.s)
	}
	return blocks.Place{
		Region: r.s.Bot.DefaultRegion,
		Locale: expression.Locale{Zone: r.zone, MonthDay: r.s.Bot.Settings.MonthDay},
	}
}
