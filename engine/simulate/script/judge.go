package script

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/simulate"
)

// judging compares what came of a step with what is expected.
type judging struct {
	play     *simulate.Play
	scenes   []*simulate.Scene
	waiting  *simulate.Waiting
	listed   []string // event codes that are expected
	failures []failed
}

// failed is one thing that is not as expected.
type failed struct {
	at              int
	what, want, got string
}

func (j *judging) fail(n *node, what, want, got string) {
	j.failures = append(j.failures, failed{n.at, what, want, got})
}

// judge compares a step's turns with all that is expected of it.
func judge(p *simulate.Play, scenes []*simulate.Scene, step *Step) ([]failed, error) {
	waiting, err := p.Waits()
	if err != nil {
		return nil, err
	}
	j := &judging{play: p, scenes: scenes, waiting: waiting}
	for _, w := range step.Wanted {
		for _, e := range expectations() {
			if e.key == w.key {
				e.judge(j, w.value)
			}
		}
	}
	j.unexpected(step)
	return j.failures, nil
}

// unexpected fails a step in which something went wrong that nobody spoke of.
func (j *judging) unexpected(step *Step) {
	for _, s := range j.scenes {
		for _, e := range s.Events {
			if e.Level != engine.LevelInfo && !slices.Contains(j.listed, e.Code) {
				j.failures = append(j.failures, failed{step.at, "an event the author would be told of", "", simulate.Told(e)})
			}
		}
		for _, q := range s.Requests {
			if !q.Stubbed {
				j.failures = append(j.failures, failed{step.at, "no stub answers a request", "", j.play.Mask(q.Method + " " + q.URL)})
			}
		}
	}
}

func (j *judging) block(n *node) {
	began := ""
	for _, s := range j.scenes {
		if s.Began != "" {
			began = s.Began
		}
	}
	if began != n.text() {
		j.fail(n, "block", quoted(n.text()), orNothing(began, "no block began"))
	}
}

func (j *judging) outcome(n *node) {
	outcome := ""
	for _, s := range j.scenes {
		outcome = s.Outcome
		if outcome == "" && s.Failed == nil && len(s.Messages) > 0 {
			outcome = engine.OutcomeAnswered // a send has no interaction to close
		}
	}
	if outcome != n.text() {
		j.fail(n, "outcome", n.text(), orNothing(outcome, "nothing happened"))
	}
}

func orNothing(s, nothing string) string {
	if s == "" {
		return nothing
	}
	return quoted(s)
}

func (j *judging) events(n *node) {
	var codes []string
	for _, s := range j.scenes {
		for _, e := range s.Events {
			codes = append(codes, e.Code)
		}
	}
	for _, item := range n.items {
		j.listed = append(j.listed, item.text())
		if !slices.Contains(codes, item.text()) {
			j.fail(item, "event", item.text(), shownList(codes))
		}
	}
}

func (j *judging) requests(n *node) {
	var made []simulate.Request
	for _, s := range j.scenes {
		made = append(made, s.Requests...)
	}
	for i, item := range n.items {
		what := fmt.Sprintf("request %d", i+1)
		want := item.text()
		if q := item.get("request"); q != nil {
			want = q.text()
		}
		if i >= len(made) {
			j.fail(item, what, quoted(want), "no more is made")
			continue
		}
		if got := made[i].Method + " " + made[i].URL; !simulate.Like(want, got) {
			j.fail(item, what, quoted(want), quoted(j.play.Mask(got)))
		} else if body := item.get("body"); body != nil && !sameBody(body, made[i].Body) {
			j.fail(body, what+"'s body", j.play.Mask(shown(body.plain())), j.play.Mask(made[i].Body))
		}
	}
	for i := len(n.items); i < len(made); i++ {
		j.fail(n, fmt.Sprintf("request %d", i+1), "no more is made", quoted(j.play.Mask(made[i].Method+" "+made[i].URL)))
	}
}

// sameBody compares a body: a text as it is, all else as JSON.
func sameBody(want *node, got string) bool {
	if want.shape == isText && simulate.Like(want.text(), got) {
		return true
	}
	var v any
	d := json.NewDecoder(strings.NewReader(got))
	d.UseNumber()
	return d.Decode(&v) == nil && sameJSON(want.plain(), v)
}

func (j *judging) warnings(n *node) {
	var codes []string
	for _, s := range j.scenes {
		if len(s.Shown) == 0 {
			continue
		}
		for _, w := range s.Shown[0].Warnings {
			codes = append(codes, w.Code)
		}
	}
	j.list(n, "warnings", codes)
}
