package script

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/simulate"
)

// Failure is one thing that is not as a script expects.
type Failure struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Case   string `json:"case"`
	Step   int    `json:"step"` // from 1; 0 when the case could not begin
	What   string `json:"what"`
	Want   string `json:"want,omitempty"`
	Got    string `json:"got,omitempty"`
}

// Result is what became of one case.
type Result struct {
	File     string    `json:"file"`
	Line     int       `json:"line"`
	Case     string    `json:"case"`
	Passed   bool      `json:"passed"`
	Failures []Failure `json:"failures,omitempty"`
	// Where a case stood when its last step failed: the person's own time, and
	// the blocks still to come, the next one first.
	Clock   string   `json:"clock,omitempty"`
	Planned []string `json:"planned,omitempty"`
}

// stood notes the time, and what is planned, in words.
func (r *Result) stood(p *simulate.Play) {
	now := p.Now()
	r.Clock = now.Format(simulate.ClockForm)
	for _, planned := range p.Planned() {
		r.Planned = append(r.Planned, planned.Words(now))
	}
}

// Stage is what a script is played on.
type Stage struct {
	Library  *engine.Library
	Channels []channels.Channel           // the one people write on first
	Read     func(string) ([]byte, error) // reads a stub's file, relative to the script
}

// Play plays one case of a script.
func (s *Script) Play(ctx context.Context, c *Case, stage Stage) Result {
	r := Result{File: s.File, Line: c.Line, Case: c.Name}
	add := func(at, step int, what, want, got string) {
		f := Failure{File: s.File, Case: c.Name, Step: step, What: what, Want: want, Got: got}
		f.Line, f.Column = s.lines.of(at)
		r.Failures = append(r.Failures, f)
	}
	p, err := s.begin(c, stage)
	if err != nil {
		add(c.at, 0, explain(err), "", "")
		return r
	}
	for i := range c.Steps {
		step := &c.Steps[i]
		scenes, err := p.Do(ctx, step.Act)
		if err != nil {
			add(step.at, i+1, explain(err), "", "")
			r.stood(p)
			return r
		}
		failures, err := judge(p, scenes, step)
		if err != nil {
			add(step.at, i+1, explain(err), "", "")
		}
		for _, f := range failures {
			add(f.at, i+1, f.what, f.want, f.got)
		}
		if len(r.Failures) > 0 {
			r.stood(p)
			return r
		}
	}
	r.Passed = true
	return r
}

// begin makes the play of a case.
func (s *Script) begin(c *Case, stage Stage) (*simulate.Play, error) {
	known := map[string]any{}
	maps.Copy(known, s.As)
	maps.Copy(known, c.As)
	var stubs []simulate.Stub
	for _, list := range [][]Stub{c.Stubs, s.Stubs} {
		for _, stub := range list {
			if stub.BodyFile != "" {
				body, err := stage.Read(stub.BodyFile)
				if err != nil {
					return nil, err
				}
				stub.Body = body
			}
			stubs = append(stubs, stub.Stub)
		}
	}
	at := s.At
	if !c.At.IsZero() {
		at = c.At
	}
	return simulate.New(simulate.Config{Library: stage.Library, Channels: stage.Channels, Bot: s.Bot, As: known, Stubs: stubs,
		Secrets: s.Secrets, Clock: simulate.NewClock(at)})
}

// explain is an error in words, with its hint.
func explain(err error) string {
	if e, ok := errors.AsType[*engine.Error](err); ok && e.Hint != "" {
		return fmt.Sprintf("%s (%s)", e.Message, e.Hint)
	}
	return err.Error()
}
