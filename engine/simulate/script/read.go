package script

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine/simulate"
	"github.com/blockcast/blockcast/flows"
)

// Codes of mistakes in a script.
const (
	codeSyntax     = "syntax"
	codeUnknownKey = "unknown_key"
	codeMissing    = "missing"
	codeType       = "type"
	codeValue      = "value"
)

// Read reads a script. Every mistake is told at once, with its place; the
// script is nil then.
func Read(data []byte, file string) (*Script, []flows.Problem) {
	r := &reader{lines: lines{data}, file: file}
	root, mistake := parse(data)
	if mistake != nil {
		r.problem(mistake.at, codeSyntax, mistake.message, "")
		return nil, r.problems
	}
	s := r.script(root)
	if len(r.problems) > 0 {
		return nil, r.problems
	}
	s.File, s.lines = file, &r.lines
	return s, nil
}

// reader collects what is wrong.
type reader struct {
	lines    lines
	file     string
	problems []flows.Problem
}

func (r *reader) problem(at int, code, message, hint string) {
	if len(r.problems) >= flows.MaxProblems {
		return
	}
	p := flows.Problem{Code: code, File: r.file, Message: message, Hint: hint}
	p.Line, p.Column = r.lines.of(at)
	r.problems = append(r.problems, p)
}

// is checks what a value is.
func (r *reader) is(n *node, want shape, what string) bool {
	if n.shape == want {
		return true
	}
	r.problem(n.at, codeType, fmt.Sprintf("%s is %s, not %s", what, want, n.shape), "")
	return false
}

// fields hands each member of an object to the function of its name. Keys that
// mean nothing, or stand there twice, are mistakes.
func (r *reader) fields(n *node, what string, fields map[string]func(*node)) bool {
	if !r.is(n, isObject, what) {
		return false
	}
	seen := map[string]bool{}
	for _, m := range n.members {
		read, known := fields[m.key]
		switch {
		case !known:
			names := make([]string, 0, len(fields))
			for name := range fields {
				names = append(names, name)
			}
			slices.Sort(names)
			hint := blocks.DidYouMean(m.key, names)
			if hint == "" {
				hint = "it may have: " + strings.Join(names, ", ")
			}
			r.problem(m.at, codeUnknownKey, fmt.Sprintf("%s has no %q", what, m.key), hint)
		case seen[m.key]:
			r.problem(m.at, codeUnknownKey, fmt.Sprintf("%q is there twice", m.key), "")
		default:
			seen[m.key] = true
			read(m.value)
		}
	}
	return true
}

func (r *reader) script(n *node) *Script {
	s := &Script{}
	var at *node
	if !r.fields(n, "a test file", map[string]func(*node){
		"$schema": func(*node) {},
		"note":    func(*node) {},
		"flows":   func(n *node) { s.Flows = r.texts(n, `"flows"`) },
		"channel": func(n *node) { s.Channel = r.text(n, `"channel"`) },
		"bot":     func(n *node) { s.Bot = r.bot(n) },
		"at":      func(n *node) { at = n },
		"as":      func(n *node) { s.As = r.object(n, `"as"`) },
		"stubs":   func(n *node) { s.Stubs = r.stubs(n) },
		"secrets": func(n *node) { s.Secrets = r.secrets(n) },
		"cases":   func(n *node) { s.Cases = r.cases(n) },
	}) {
		return s
	}
	zone, err := time.LoadLocation(s.Bot.TimeZone)
	if err != nil {
		zone = time.UTC // said already
	}
	s.At = r.moment(at, zone)
	for i := range s.Cases {
		if c := &s.Cases[i]; c.begins != nil {
			c.At = r.moment(c.begins, zone)
		}
	}
	if n.get("cases") == nil {
		r.problem(n.at, codeMissing, `a test file needs "cases"`, `as in {"cases": [{"name": "greets", "steps": [{"follow": true, "expect": {"contains": "Hi"}}]}]}`)
	}
	return s
}

// moments are the forms in which "at" may be written, in the bot's zone unless
// it has one of its own.
func moments() []string {
	return []string{"2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02"}
}

func (r *reader) moment(n *node, zone *time.Location) time.Time {
	if n == nil {
		return defaultAt(zone)
	}
	if !r.is(n, isText, `"at"`) {
		return time.Time{}
	}
	at, err := ParseMoment(n.text(), zone)
	if err != nil {
		r.problem(n.at, codeValue, `"at": `+err.Error(), "")
	}
	return at
}

// ParseMoment reads a moment as people write it in a script or on a command
// line: 2026-03-02T09:00, in the zone unless it has one of its own.
func ParseMoment(text string, zone *time.Location) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	for _, layout := range moments() {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no moment: write it as in 2026-03-02T09:00", text)
}

func (r *reader) bot(n *node) simulate.Bot {
	var b simulate.Bot
	r.fields(n, `"bot"`, map[string]func(*node){
		"time_zone": func(n *node) {
			b.TimeZone = r.text(n, `"time_zone"`)
			if _, err := time.LoadLocation(b.TimeZone); n.shape == isText && (err != nil || b.TimeZone == "Local") {
				r.problem(n.at, codeValue, fmt.Sprintf("%q is no time zone", b.TimeZone), "an IANA name such as Asia/Taipei")
			}
		},
		"region": func(n *node) {
			b.Region = strings.ToUpper(r.text(n, `"region"`))
			if n.shape == isText && (len(b.Region) != 2 || strings.Trim(b.Region, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
				r.problem(n.at, codeValue, fmt.Sprintf("%q is no country", n.text()), "two letters such as TW or VN")
			}
		},
		"month_day": func(n *node) { b.MonthDay = r.yes(n, `"month_day"`) },
	})
	return b
}

func (r *reader) secrets(n *node) map[string]string {
	out := map[string]string{}
	if !r.is(n, isObject, `"secrets"`) {
		return out
	}
	for _, m := range n.members {
		out[m.key] = r.text(m.value, "a secret")
	}
	return out
}

func (r *reader) stubs(n *node) []Stub {
	if !r.is(n, isList, `"stubs"`) {
		return nil
	}
	var list []Stub
	for _, item := range n.items {
		list = append(list, r.stub(item))
	}
	return list
}

func (r *reader) stub(n *node) Stub {
	s := Stub{at: n.at}
	if !r.fields(n, "a stub", map[string]func(*node){
		"note": func(*node) {},
		"url": func(n *node) {
			stub, err := simulate.ReadStub(r.text(n, `"url"`))
			if err != nil && n.shape == isText {
				r.problem(n.at, codeValue, err.Error(), "")
			}
			s.URL, s.Method = stub.URL, stub.Method
		},
		"status": func(n *node) {
			s.Status = r.whole(n, `"status"`)
			if n.shape == isNumber && (s.Status < 100 || s.Status > 599) {
				r.problem(n.at, codeValue, "a status is from 100 to 599", "")
			}
		},
		"headers": func(n *node) {
			s.Headers = map[string]string{}
			if r.is(n, isObject, `"headers"`) {
				for _, m := range n.members {
					s.Headers[m.key] = r.text(m.value, "a header")
				}
			}
		},
		"body": func(n *node) { s.Body = bodyOf(n) },
		"file": func(n *node) { s.BodyFile = r.text(n, `"file"`) },
		"lost": func(n *node) { s.Lost = r.yes(n, `"lost"`) },
		"times": func(n *node) {
			if s.Times = r.whole(n, `"times"`); n.shape == isNumber && s.Times < 1 {
				r.problem(n.at, codeValue, `"times" is at least 1`, "")
			}
		},
	}) {
		return s
	}
	if n.get("url") == nil {
		r.problem(n.at, codeMissing, `a stub needs "url"`, "")
	}
	if n.get("body") != nil && n.get("file") != nil {
		r.problem(n.at, codeValue, `a stub has "body" or "file", not both`, "")
	}
	return s
}

// bodyOf is what a stub answers: a text as it is, all else as JSON.
func bodyOf(n *node) []byte {
	if n.shape == isText {
		return []byte(n.text())
	}
	text, err := json.Marshal(n.plain())
	if err != nil {
		return nil // it was JSON a moment ago
	}
	return text
}

func (r *reader) cases(n *node) []Case {
	if !r.is(n, isList, `"cases"`) {
		return nil
	}
	if len(n.items) == 0 || len(n.items) > MaxCases {
		r.problem(n.at, codeValue, fmt.Sprintf("a test file has 1 to %d cases", MaxCases), "")
	}
	names := map[string]bool{}
	var list []Case
	for _, item := range n.items {
		c := r.one(item)
		if c.Name != "" && names[c.Name] {
			r.problem(item.at, codeValue, fmt.Sprintf("a case before this one is called %q", c.Name), "")
		}
		names[c.Name] = true
		list = append(list, c)
	}
	return list
}

func (r *reader) one(n *node) Case {
	c := Case{at: n.at}
	c.Line, _ = r.lines.of(n.at)
	if !r.fields(n, "a case", map[string]func(*node){
		"note":  func(*node) {},
		"name":  func(n *node) { c.Name = strings.TrimSpace(r.text(n, `"name"`)) },
		"at":    func(n *node) { c.begins = n },
		"as":    func(n *node) { c.As = r.object(n, `"as"`) },
		"stubs": func(n *node) { c.Stubs = r.stubs(n) },
		"steps": func(n *node) { c.Steps = r.steps(n) },
	}) {
		return c
	}
	if c.Name == "" {
		r.problem(n.at, codeMissing, `a case needs a "name"`, "what it shows, in a few words")
	}
	if n.get("steps") == nil {
		r.problem(n.at, codeMissing, `a case needs "steps"`, "")
	}
	return c
}

func (r *reader) steps(n *node) []Step {
	if !r.is(n, isList, `"steps"`) {
		return nil
	}
	if len(n.items) == 0 || len(n.items) > maxSteps {
		r.problem(n.at, codeValue, fmt.Sprintf("a case has 1 to %d steps", maxSteps), "")
	}
	var list []Step
	for _, item := range n.items {
		list = append(list, r.step(item))
	}
	return list
}

func (r *reader) text(n *node, what string) string {
	r.is(n, isText, what)
	return n.text()
}

func (r *reader) yes(n *node, what string) bool {
	r.is(n, isBool, what)
	return n.value == true
}

func (r *reader) whole(n *node, what string) int {
	if !r.is(n, isNumber, what) {
		return 0
	}
	number, _ := n.value.(json.Number)
	i, err := strconv.Atoi(number.String())
	if err != nil {
		r.problem(n.at, codeValue, fmt.Sprintf("%s is a whole number, not %s", what, number), "")
	}
	return i
}

func (r *reader) texts(n *node, what string) []string {
	if !r.is(n, isList, what) {
		return nil
	}
	list := []string{}
	for _, item := range n.items {
		list = append(list, r.text(item, "each of "+what))
	}
	return list
}

func (r *reader) object(n *node, what string) map[string]any {
	if !r.is(n, isObject, what) {
		return nil
	}
	m, _ := n.plain().(map[string]any)
	return m
}

func (r *reader) duration(n *node, what string) time.Duration {
	if !r.is(n, isText, what) {
		return 0
	}
	d, err := expression.ParseDuration(n.text())
	if err != nil {
		r.problem(n.at, codeValue, what+" "+err.Error(), "")
	}
	return d
}
