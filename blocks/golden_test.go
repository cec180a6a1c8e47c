package blocks_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/blockstest"
	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/blocks/goldentest"
	"github.com/blockcast/blockcast/flows"
)

// others are the goldens that are about no kind of step by itself.
var others = []string{"button", "loop"}

// testCase is one case of a golden: steps, what is known, what the person does,
// and what comes of it.
type testCase struct {
	Label      string          `json:"label"`
	Module     bool            `json:"module,omitempty"` // the steps are a module's
	Steps      json.RawMessage `json:"steps"`
	Facts      map[string]any  `json:"facts,omitempty"`
	Attributes map[string]any  `json:"attributes,omitempty"`
	Region     string          `json:"region,omitempty"`
	MonthDay   bool            `json:"month_day,omitempty"`
	Inputs     []*blocks.Input `json:"inputs,omitempty"`
	Responses  []testResponse  `json:"responses,omitempty"`

	Problems []problem `json:"problems,omitempty"`
	Turns    []turn    `json:"turns,omitempty"`
}

type testResponse struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body,omitempty"`
}

// problem is what is kept of a problem: its place is the step's.
type problem struct {
	Code    string `json:"code"`
	Path    string `json:"path"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	Warning bool   `json:"warning,omitempty"`
}

// turn is what one input, or the start, came to.
type turn struct {
	Said     []blocks.Message `json:"said,omitempty"`
	Changes  []string         `json:"changes,omitempty"`
	Requests []string         `json:"requests,omitempty"`
	Reports  []string         `json:"reports,omitempty"`
	Next     string           `json:"next"`
}

func TestGoldens(t *testing.T) {
	t.Parallel()
	names := slices.Clone(others)
	for _, k := range blocks.Kinds() {
		names = append(names, k.Name)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			runGolden(t, filepath.Join("testdata", name+".json"))
		})
	}
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".json"); !slices.Contains(names, name) {
			t.Errorf("%s is the golden of nothing", file)
		}
	}
}

func runGolden(t *testing.T, file string) {
	var cases []testCase
	goldentest.Read(t, file, &cases)
	for i := range cases {
		cases[i].run(t)
	}
	goldentest.Compare(t, file, goldentest.JSON(t, cases))
}

// run fills in what the case comes to.
func (c *testCase) run(t *testing.T) {
	c.Problems, c.Turns = nil, nil
	checked, problems := flows.Check(document(c.Steps, c.Module), "", flows.Catalog{Listens: true})
	for _, p := range problems {
		if p.Block != "main" || p.Code == flows.CodeUnreachable {
			if !p.Warning {
				t.Errorf("%s: the surroundings have a problem: %s: %s", c.Label, p.Path, p.Message)
			}
			continue
		}
		path := strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(p.Path, "/blocks/0"), "/modules/0"), "/steps")
		c.Problems = append(c.Problems, problem{p.Code, path, p.Message, p.Hint, p.Warning})
	}
	if checked == nil {
		return
	}
	c.Turns = newRun(c, checked.Program).turns(c.Inputs)
}

// document puts steps into a flow that has what they may name.
func document(steps json.RawMessage, module bool) []byte {
	own, other := "blocks", "modules"
	if module {
		own, other = other, own
	}
	filler := func(name string) string {
		return fmt.Sprintf(`{"name": %q, "entry": {}, "steps": [{"type": "text", "text": %q}]}`, name, name)
	}
	blockList := []string{filler("talk to us"), filler("shirts"), filler("track"), filler("return"), filler("claim"), filler("main menu"), filler("thanks")}
	moduleList := []string{filler("opening hours")}
	lists := map[string][]string{"blocks": blockList, "modules": moduleList}
	lists[own] = append([]string{fmt.Sprintf(`{"name": "main", "entry": {}, "steps": %s}`, steps)}, lists[own]...)
	return fmt.Appendf(nil, `{"format": 1, "flow": "test", "attributes": %s, "texts": {"status": {"shipping": "On its way", "*": "In progress"}}, %q: [%s], %q: [%s]}`,
		attributes, own, strings.Join(lists[own], ","), other, strings.Join(lists[other], ","))
}

const attributes = `{
	"order_id": "text", "status": "text", "product": "text", "coupon": "text", "size": "text", "nothing": "text", "picture": "text",
	"total": "number", "points": "number", "vip": "boolean", "since": "date", "seen": "datetime", "visit_at": "datetime", "likes": "list", "anything": "json",
	"orders": {"type": "json", "sample": [{"code": "A1", "status": "shipping", "total": 1280000}]}
}`

// now is when every case happens.
var now = time.Date(2026, 3, 8, 3, 0, 0, 0, time.UTC)

// caseRun is a small engine: enough of one to see what instructions do.
type caseRun struct {
	env     *blockstest.Env
	program *flows.Program
	names   map[string]string // of blocks, by id
	block   *flows.Block
	pc      int
	waiting bool
	attempt int
}

func newRun(c *testCase, p *flows.Program) *caseRun {
	zone := time.FixedZone("ICT", 7*60*60)
	region := c.Region
	switch region {
	case "":
		region = "VN"
	case "none":
		region = ""
	}
	env := &blockstest.Env{
		Values: p.Scope.Env(expression.Values{Facts: c.Facts, Attributes: c.Attributes, Now: now, Zone: zone, Seed: 1,
			Secret: func(name string) (string, bool) { return "s3cret", name == "shop_key" }}),
		Where: blocks.Place{Region: region, Locale: expression.Locale{Zone: zone, MonthDay: c.MonthDay}},
	}
	for _, r := range c.Responses {
		env.Responses = append(env.Responses, &blocks.Response{Status: r.Status, Headers: r.Headers, Body: []byte(r.Body)})
	}
	r := &caseRun{env: env, program: p, names: map[string]string{}}
	for id, b := range p.Blocks {
		r.names[id] = b.Name
		if b.Name == "main" {
			r.block = b
		}
	}
	return r
}

// turns runs the block, then gives it each input.
func (r *caseRun) turns(inputs []*blocks.Input) []turn {
	list := []turn{r.turn()}
	for _, in := range inputs {
		if !r.waiting {
			break
		}
		given := *in
		r.attempt++
		given.Attempt = r.attempt
		r.env.Answer = &given
		list = append(list, r.turn())
	}
	return list
}

func (r *caseRun) turn() turn {
	r.waiting = false
	t := turn{Next: r.loop()}
	t.Said = r.env.Said
	for _, c := range r.env.Changes {
		t.Changes = append(t.Changes, show(c))
	}
	for _, q := range r.env.Requests {
		t.Requests = append(t.Requests, showRequest(q))
	}
	for _, report := range r.env.Reports {
		t.Reports = append(t.Reports, report.Code+": "+report.Text)
	}
	r.env.Said, r.env.Changes, r.env.Requests, r.env.Reports = nil, nil, nil, nil
	return t
}

// loop runs instructions until the turn ends, and says how it does.
func (r *caseRun) loop() string {
	for range 1000 {
		if r.pc >= len(r.block.Code) {
			return "end"
		}
		before := r.pc
		r.pc++
		switch n := r.block.Code[before].Run(r.env).(type) {
		case blocks.Continue:
		case blocks.Jump:
			r.pc = n.PC
		case blocks.Include:
			r.env.Report("included", r.names[n.Block])
		case blocks.Goto:
			return "goto " + r.names[n.Block]
		case blocks.Wait:
			return r.wait(n)
		case blocks.Stop:
			return "stop"
		case blocks.Fail:
			return "fail: " + n.Err.Error()
		}
	}
	return "does not end"
}

func (r *caseRun) wait(w blocks.Wait) string {
	if !w.Reply {
		r.waiting = true
		return "pause " + expression.FormatDuration(w.For)
	}
	r.waiting = true
	s := "wait for " + w.Expect
	if w.For > 0 {
		s += " " + expression.FormatDuration(w.For)
	}
	if w.Keywords {
		s += ", keywords interrupt"
	}
	if w.Undelivered != "" {
		s += ", undelivered: " + r.names[w.Undelivered]
	}
	return s
}

// show writes a change as one line.
func show(c blocks.Change) string {
	b, err := json.Marshal(c)
	if err != nil {
		return err.Error()
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", c), "blocks.") + " " + string(b)
}

func showRequest(q *blocks.Request) string {
	var headers []string
	for name, value := range q.Headers {
		headers = append(headers, name+": "+value)
	}
	slices.Sort(headers)
	return fmt.Sprintf("%s %s [%s] %s (%s)", q.Method, q.URL, strings.Join(headers, "; "), q.Body, q.Timeout)
}
