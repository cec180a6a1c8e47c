package flows

import (
	"errors"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/expression"
)

// sampling is a run that only says what a message would be: attributes have
// their samples for values, else their defaults, and nobody is known.
type sampling struct{ values *expression.Env }

var _ blocks.Env = (*sampling)(nil)

// sampledAt is when a sampled message is said: a Monday morning.
var sampledAt = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

func newSampling(s *expression.Scope, declared []expression.Declaration, channel string) *sampling {
	kept := map[string]any{}
	for _, d := range declared {
		if d, ok := s.Attribute(d.Name); ok && d.Sample != nil {
			kept[d.Name] = d.Sample
		}
	}
	return &sampling{s.Env(expression.Values{Attributes: kept, Facts: map[string]any{"channel": channel}, Now: sampledAt})}
}

// Text implements blocks.Env.
func (s *sampling) Text(t *expression.Template, locals map[string]any) (string, error) {
	return t.Text(s.values, locals)
}

// Eval implements blocks.Env.
func (s *sampling) Eval(e expression.Evaluator, locals map[string]any) (any, error) {
	return e.Eval(s.values, locals)
}

// Input implements blocks.Env: nobody has said anything.
func (s *sampling) Input() *blocks.Input { return nil }

// Say implements blocks.Env.
func (s *sampling) Say(blocks.Message) {}

// Do implements blocks.Env.
func (s *sampling) Do(blocks.Change) {}

// Report implements blocks.Env: what a sample leaves out is no mistake.
func (s *sampling) Report(string, string) {}

// Place implements blocks.Env.
func (s *sampling) Place() blocks.Place { return blocks.Place{} }

// Fetch implements blocks.Env: a check calls nobody.
func (s *sampling) Fetch(*blocks.Request) (*blocks.Response, error) {
	return nil, errors.New("a check makes no requests")
}
