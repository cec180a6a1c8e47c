package blockstest

import (
	"fmt"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/expression"
)

// Env is a run to try an instruction in. What it may ask for is set before;
// what it did is kept. The zero value suits an instruction that evaluates
// nothing.
type Env struct {
	Values    *expression.Env    // what texts and expressions see
	Answer    *blocks.Input      // what the person did
	Where     blocks.Place       // how values are read
	Responses []*blocks.Response // to Fetch, one after the other; then it fails

	Said     []blocks.Message
	Changes  []blocks.Change
	Requests []*blocks.Request
	Reports  []Report
}

// Report is what the flow's author was told.
type Report struct{ Code, Text string }

var _ blocks.Env = (*Env)(nil)

// Input implements blocks.Env: the Answer, once.
func (e *Env) Input() *blocks.Input {
	input := e.Answer
	e.Answer = nil
	return input
}

// Text implements blocks.Env.
func (e *Env) Text(t *expression.Template, locals map[string]any) (string, error) {
	return t.Text(e.Values, locals)
}

// Eval implements blocks.Env.
func (e *Env) Eval(x expression.Evaluator, locals map[string]any) (any, error) {
	return x.Eval(e.Values, locals)
}

// Say implements blocks.Env.
func (e *Env) Say(m blocks.Message) { e.Said = append(e.Said, m) }

// Do implements blocks.Env. As in a real run a contact's attribute is seen by
// what is evaluated afterwards.
func (e *Env) Do(c blocks.Change) {
	e.Changes = append(e.Changes, c)
	if set, ok := c.(blocks.SetAttribute); ok && !set.Bot && e.Values != nil {
		e.Values.Set(set.Name, set.Value)
	}
}

// Fetch implements blocks.Env with the next of Responses.
func (e *Env) Fetch(r *blocks.Request) (*blocks.Response, error) {
	e.Requests = append(e.Requests, r)
	if len(e.Responses) == 0 {
		return nil, fmt.Errorf("%s %s: nobody answers", r.Method, r.URL)
	}
	response := e.Responses[0]
	e.Responses = e.Responses[1:]
	return response, nil
}

// Report implements blocks.Env.
func (e *Env) Report(code, text string) { e.Reports = append(e.Reports, Report{code, text}) }

// Place implements blocks.Env.
func (e *Env) Place() blocks.Place { return e.Where }
