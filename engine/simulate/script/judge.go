package script

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/simulate"
)

// slack is how far a wait's end may be from what is expected: the clock ticks
// while a turn is made.
const slack = time.Second

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
				j.failures = append(j.failures, failed{step.at, "no stub answers a request", "", q.Method + " " + q.URL})
			}
		}
	}
}

// said are the words of all messages.
func (j *judging) said() []string {
	list := []string{}
	for _, s := range j.scenes {
		for i := range s.Messages {
			list = append(list, simulate.Words(&s.Messages[i]))
		}
	}
	return list
}

func (j *judging) texts(n *node) {
	said := j.said()
	for i, item := range n.items {
		what := fmt.Sprintf("message %d", i+1)
		switch {
		case i >= len(said):
			j.fail(item, what, quoted(item.text()), "nothing more is said")
		case !simulate.Like(item.text(), said[i]):
			j.fail(item, what, quoted(item.text()), quoted(said[i]))
		}
	}
	for i := len(n.items); i < len(said); i++ {
		j.fail(n, fmt.Sprintf("message %d", i+1), "nothing more is said", quoted(said[i]))
	}
}

func (j *judging) contains(n *node) {
	for _, item := range listOf(n) {
		if !slices.ContainsFunc(j.said(), func(s string) bool { return simulate.Like("*"+item.text()+"*", s) }) {
			j.fail(item, "words", quoted(item.text()), j.allSaid())
		}
	}
}

func (j *judging) lacks(n *node) {
	for _, item := range listOf(n) {
		for _, s := range j.said() {
			if simulate.Like("*"+item.text()+"*", s) {
				j.fail(item, "words", "not "+quoted(item.text()), quoted(s))
			}
		}
	}
}

func (j *judging) allSaid() string {
	said := j.said()
	if len(said) == 0 {
		return "nothing is said"
	}
	for i := range said {
		said[i] = quoted(said[i])
	}
	return strings.Join(said, "\n")
}

func (j *judging) buttons(n *node) {
	var titles []string
	for _, s := range j.scenes {
		for _, b := range s.Buttons() {
			titles = append(titles, simulate.Title(b))
		}
	}
	j.list(n, "buttons", titles)
}

// list compares texts in order.
func (j *judging) list(n *node, what string, got []string) {
	same := len(got) == len(n.items)
	for i := 0; same && i < len(got); i++ {
		same = simulate.Like(n.items[i].text(), got[i])
	}
	if !same {
		j.fail(n, what, shownList(wordsOf(n)), shownList(got))
	}
}

func (j *judging) attributes(n *node) {
	for _, m := range n.members {
		got, kind, err := j.kept(m.key)
		if err != "" {
			j.fail(m.value, "attribute "+m.key, shown(m.value.plain()), err)
			continue
		}
		want := m.value.plain()
		if text, ok := want.(string); ok && strings.Contains(text, "*") {
			if s, isString := got.(string); !isString || !simulate.Like(text, s) {
				j.fail(m.value, "attribute "+m.key, shown(want), shown(got))
			}
			continue
		}
		kept, wrong := expression.Convert(kind, want, expression.Locale{Zone: j.play.Zone()})
		if wrong != nil {
			j.fail(m.value, "attribute "+m.key, shown(want), fmt.Sprintf("what is expected %s", wrong))
			continue
		}
		if !sameJSON(kept, got) {
			j.fail(m.value, "attribute "+m.key, shown(kept), shown(got))
		}
	}
}

// kept is the value of an attribute or fact, and its type.
func (j *judging) kept(name string) (value any, kind expression.Type, problem string) {
	c := j.play.Contact()
	if f, ok := expression.FactNamed(name); ok {
		v, known := simulate.Facts(c)[f.Name]
		if !known {
			return nil, f.Type, "is not kept of a person and cannot be expected"
		}
		if v == "" {
			return nil, f.Type, ""
		}
		return v, f.Type, ""
	}
	inner, quoted := strings.CutPrefix(name, `attr["`)
	if quoted {
		name = strings.TrimSuffix(inner, `"]`)
	}
	d, declared := j.play.Declared()[name]
	if v, ok := c.Attributes[name]; ok || declared || quoted {
		if !declared {
			d.Type = expression.Text
		}
		return v, d.Type, ""
	}
	return nil, "", "no flow declares this attribute"
}

func (j *judging) tags(n *node) {
	want, got := wordsOf(n), slices.Clone(j.play.Contact().Tags)
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		j.fail(n, "tags", shownList(want), shownList(got))
	}
}

func (j *judging) waits(n *node) {
	w := j.waiting
	if n.shape == isBool {
		if w != nil {
			j.fail(n, "waits", "nothing", w.Words(j.play.Now()))
		}
		return
	}
	want := n.text()
	if n.shape == isObject {
		if f := n.get("for"); f != nil {
			want = f.text()
		}
	}
	if w == nil {
		j.fail(n, "waits", "for "+orAnything(want), "nothing is waited for")
		return
	}
	if want != "" && want != w.For {
		j.fail(n, "waits", "for "+want, w.Words(j.play.Now()))
	}
	if b := n.get("block"); b != nil && b.text() != w.Block {
		j.fail(b, "waits in block", quoted(b.text()), quoted(w.Block))
	}
	if a := n.get("attempt"); a != nil && int(number(a)) != w.Attempt {
		j.fail(a, "waits for attempt", shown(a.plain()), fmt.Sprint(w.Attempt))
	}
	if e := n.get("ends_in"); e != nil {
		j.endsIn(e, w)
	}
}

func (j *judging) endsIn(n *node, w *simulate.Waiting) {
	left := w.Until.Sub(j.play.Now())
	switch want, err := expression.ParseDuration(n.text()); {
	case n.shape == isNull && !w.Until.IsZero():
		j.fail(n, "waits", "without end", "for "+expression.FormatDuration(left.Round(time.Second)))
	case n.shape == isNull:
	case w.Until.IsZero():
		j.fail(n, "waits", "for "+n.text(), "without end")
	case err == nil && (want-left).Abs() > slack:
		j.fail(n, "waits", "for "+n.text(), "for "+expression.FormatDuration(left.Round(time.Second)))
	}
}

func orAnything(s string) string {
	if s == "" {
		return "anything"
	}
	return s
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
			j.fail(item, what, quoted(want), quoted(got))
		} else if body := item.get("body"); body != nil && !sameBody(body, made[i].Body) {
			j.fail(body, what+"'s body", shown(body.plain()), made[i].Body)
		}
	}
	for i := len(n.items); i < len(made); i++ {
		j.fail(n, fmt.Sprintf("request %d", i+1), "no more is made", quoted(made[i].Method+" "+made[i].URL))
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

func (j *judging) subscribed(n *node) {
	if got := !j.play.Identity().SubscribedAt.IsZero(); got != n.value {
		j.fail(n, "subscribed", shown(n.value), shown(got))
	}
}

func (j *judging) handedOver(n *node) {
	if got := j.play.Identity().HandedOver(j.play.Now()); got != n.value {
		j.fail(n, "handed_over", shown(n.value), shown(got))
	}
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

// listOf is a list, or a single value as one.
func listOf(n *node) []*node {
	if n.shape == isList {
		return n.items
	}
	return []*node{n}
}

func wordsOf(n *node) []string {
	list := []string{}
	for _, item := range n.items {
		list = append(list, item.text())
	}
	return list
}

// sameJSON compares values as JSON does: 1 and 1.0 are the same number.
func sameJSON(a, b any) bool {
	plain := func(v any) any {
		text, err := json.Marshal(v)
		if err != nil {
			return v
		}
		var out any
		if json.Unmarshal(text, &out) != nil {
			return v
		}
		return out
	}
	return fmt.Sprintf("%#v", plain(a)) == fmt.Sprintf("%#v", plain(b))
}

// shown is a value as JSON, with people's letters as they are.
func shown(v any) string {
	if v == nil {
		return "nothing"
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSpace(b.String())
}

func shownList(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	all := make([]string, len(list))
	for i, s := range list {
		all[i] = quoted(s)
	}
	return strings.Join(all, ", ")
}

// quoted shows a text, its lines as lines.
func quoted(s string) string { return "“" + s + "”" }
