package script_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/blockcast/blockcast/blocks/goldentest"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/channels/line"
	"github.com/blockcast/blockcast/engine/simulate"
	"github.com/blockcast/blockcast/engine/simulate/script"
)

// schemaFile is where editors find the schema.
const schemaFile = "../../../flows/test.schema.json"

const shopFlow = `{
  "format": 1, "flow": "shop",
  "attributes": { "points": { "type": "number", "default": 0 }, "size": "text", "day": "date", "list": "list" },
  "triggers": [ { "on": "follow", "block": "welcome" }, { "on": "keyword", "any": ["order"], "block": "order" },
    { "on": "keyword", "any": ["broken"], "block": "broken" }, { "on": "event", "event": "restocked", "block": "news" }, { "on": "default", "block": "lost" } ],
  "modules": [ { "name": "news", "steps": [ { "type": "text", "text": "News for {{ size }}" } ] } ],
  "blocks": [
    { "name": "welcome", "steps": [ { "type": "tag", "add": ["new"] }, { "type": "set", "set": { "points": "{{ points + 1 }}" } },
      { "type": "text", "text": "Hi {{ first_name }}", "quick_replies": [ { "title": "Order", "goto": "order" }, { "title": "Twin", "goto": "lost" }, { "title": "Twin", "goto": "order" } ] } ] },
    { "name": "order", "steps": [
      { "type": "ask", "text": "Which size?", "expect": "choice", "choices": [ { "title": "S" }, { "title": "L" } ], "save_to": "size", "timeout": "2h", "on_timeout": "lost", "on_fail": "lost" },
      { "type": "request", "method": "POST", "url": "https://shop.example.com/orders", "body": { "size": "{{ size }}", "key": "{{ secret.key }}" }, "on_error": "lost" },
      { "type": "text", "text": "Ordered" }, { "type": "notify", "event": "ordered", "data": { "size": "{{ size }}", "n": "{{ points }}" } }, { "type": "handover", "note": "size {{ size }}" } ] },
    { "name": "broken", "steps": [ { "type": "text", "text": "{{ int(first_name) }}" } ] },
    { "name": "lost", "steps": [ { "type": "text", "text": "Sorry?" } ] } ]
}`

func stage(t *testing.T) script.Stage {
	t.Helper()
	library, problems := simulate.Publish([]simulate.Document{{File: "shop.json", Text: []byte(shopFlow)}})
	if library == nil {
		t.Fatalf("%+v", problems)
	}
	return script.Stage{Library: library, Channels: []channels.Channel{line.New(http.DefaultClient, line.Config{})},
		Read: func(name string) ([]byte, error) {
			if name == "ok.json" {
				return []byte(`{"ok":true}`), nil
			}
			return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
		}}
}

// played plays the only case of a script made of steps.
func played(t *testing.T, steps string) script.Result {
	t.Helper()
	text := `{"as":{"first_name":"Mai"},"stubs":[{"url":"POST https://shop.example.com/*","file":"ok.json"}],"secrets":{"key":"k1"},
"cases":[{"name":"c","steps":[
` + steps + `
]}]}`
	s, problems := script.Read([]byte(text), "shop.test.json")
	if s == nil {
		t.Fatalf("%s\ncannot be read: %+v", steps, problems)
	}
	return s.Play(t.Context(), &s.Cases[0], stage(t))
}

// TestWhatHolds plays steps whose expectations are met.
func TestWhatHolds(t *testing.T) {
	t.Parallel()
	for name, steps := range map[string]string{
		"an event": `{"event":"restocked","with":{"size":"L"},"expect":{"texts":["News for L"],"attributes":{"size":"L"},"waits":false}}`,
		"everything about a turn": `{"follow":true,"expect":{"texts":["Hi *"],"contains":"Mai","lacks":["Lan","Hi Lan"],"buttons":["Order","Twin","Tw*"],
			"attributes":{"points":1,"first_name":"Mai","last_name":null,"size":null},"tags":["new"],"waits":false,"block":"welcome","outcome":"answered",
			"events":[],"requests":[],"subscribed":true,"handed_over":false,"warnings":[]}}`,
		"a question and its wait": `{"say":"order","expect":{"waits":{"for":"choice","block":"order","attempt":1,"ends_in":"2h"}}},
			{"wait":"1h","expect":{"texts":[],"waits":{"ends_in":"1h"}}},{"wait":"1h","expect":{"texts":["Sorry?"],"waits":false,"outcome":"answered"}}`,
		"a request and a handover": `{"say":"order"},{"tap":"l","expect":{"attributes":{"size":"L"},"handed_over":true,
			"requests":[{"request":"POST https://shop.example.com/orders","body":{"key":"k1","size":"L"}}]}},
			{"say":"hi","expect":{"outcome":"handed_over","texts":[]}}`,
		"what webhooks are told": `{"say":"order","expect":{"told":[]}},{"say":"L","expect":{
			"told":[{"topic":"event:ordered","data":{"size":"*","n":0}},{"topic":"handover","data":{"note":"size L"}}]}},{"unfollow":true,"expect":{"told":["contact.*"]}}`,
		"an event that is spoken of":     `{"say":"broken","expect":{"events":["run:failed"],"texts":["Sorry?"]}}`,
		"a send":                         `{"send":"news","with":{"size":"L"},"expect":{"texts":["News for L"],"outcome":"answered","attributes":{"size":"L"}}}`,
		"an interruption is information": `{"say":"order"},{"postback":"x"},{"referral":"x"},{"sticker":true},{"follow":true,"expect":{"waits":false}}`,
		"a person of the shop":           `{"hand_over":"1h"},{"say":"hi","expect":{"texts":[]}},{"wait":"1h"},{"say":"hi","expect":{"contains":"Sorry"}}`,
		"leaving":                        `{"say":"order"},{"unfollow":true,"expect":{"waits":false}}`,
		"what a person sends":            `{"image":"https://x.example/a.png"},{"video":"u"},{"audio":"u"},{"file":"u"},{"location":{"latitude":1,"longitude":2,"title":"T","address":"A"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if r := played(t, steps); !r.Passed || len(r.Failures) > 0 {
				t.Errorf("%+v", r.Failures)
			}
		})
	}
}

// TestWhatDoesNotHold plays steps of which the last does not hold, and reads
// the failure.
func TestWhatDoesNotHold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, steps, want string }{
		{"another text", `{"follow":true,"expect":{"texts":["Hello *"]}}`, "3:35 step 1 message 1: “Hello *” / “Hi Mai”"},
		{"a text too few", `{"follow":true,"expect":{"texts":[]}}`, "3:34 step 1 message 1: nothing more is said / “Hi Mai”"},
		{"a text too many", `{"follow":true,"expect":{"texts":["Hi *","x"]}}`, "message 2: “x” / nothing more is said"},
		{"words that are missing", `{"follow":true,"expect":{"contains":["Mai","Lan"]}}`, "words: “Lan” / “Hi Mai”"},
		{"words that are there", `{"follow":true,"expect":{"lacks":"Mai"}}`, "words: not “Mai” / “Hi Mai”"},
		{"other buttons", `{"follow":true,"expect":{"buttons":["Order"]}}`, "buttons: “Order” / “Order”, “Twin”, “Twin”"},
		{"another value", `{"follow":true,"expect":{"attributes":{"points":2}}}`, "attribute points: 2 / 1"},
		{"a value of another kind", `{"follow":true,"expect":{"attributes":{"points":"two"}}}`, `attribute points: "two" / what is expected needs a number`},
		{"no such attribute", `{"follow":true,"expect":{"attributes":{"pionts":2}}}`, "attribute pionts: 2 / no flow declares this attribute"},
		{"a fact that is not kept", `{"follow":true,"expect":{"attributes":{"today":"2026-03-02"}}}`, "is not kept of a person"},
		{"a value that is still there", `{"follow":true,"expect":{"attributes":{"points":null}}}`, "attribute points: nothing / 1"},
		{"other tags", `{"follow":true,"expect":{"tags":[]}}`, "tags: none / “new”"},
		{"nothing waits", `{"follow":true,"expect":{"waits":"date"}}`, "waits: for date / nothing is waited for"},
		{"something waits", `{"say":"order","expect":{"waits":false}}`, `waits: nothing / waits for choice in block "order", ends in 2h`},
		{"something else waits", `{"say":"order","expect":{"waits":"date"}}`, `waits: for date / waits for choice in block "order"`},
		{"it waits elsewhere", `{"say":"order","expect":{"waits":{"block":"lost"}}}`, "waits in block: “lost” / “order”"},
		{"another attempt", `{"say":"order","expect":{"waits":{"attempt":2}}}`, "waits for attempt: 2 / 1"},
		{"it waits longer", `{"say":"order","expect":{"waits":{"ends_in":"1h"}}}`, "waits: for 1h / for 2h"},
		{"it waits not for ever", `{"say":"order","expect":{"waits":{"ends_in":null}}}`, "waits: without end / for 2h"},
		{"another block", `{"follow":true,"expect":{"block":"order"}}`, "block: “order” / “welcome”"},
		{"another outcome", `{"follow":true,"expect":{"outcome":"silent"}}`, "outcome: silent / “answered”"},
		{"no event", `{"follow":true,"expect":{"events":["run:failed"]}}`, "event: run:failed / none"},
		{"an event nobody spoke of", `{"say":"broken"}`, "an event the author would be told of:  / run:failed: "},
		{"a request too few", `{"follow":true,"expect":{"requests":["GET *"]}}`, "request 1: “GET *” / no more is made"},
		{"a request too many", `{"say":"order"},{"say":"L","expect":{"requests":[]}}`, "step 2 request 1: no more is made / “POST https://shop.example.com/orders”"},
		{"another request", `{"say":"order"},{"say":"L","expect":{"requests":["GET *"]}}`, "request 1: “GET *” / “POST https"},
		{"another body", `{"say":"order"},{"say":"L","expect":{"requests":[{"request":"*","body":{"size":"S"}}]}}`, `request 1's body: {"size":"S"} / {"key":"k1"`},
		{"a notice too few", `{"follow":true,"expect":{"told":["handover"]}}`, "notice 1: “handover” / nothing more is told"},
		{"a notice too many", `{"say":"order"},{"say":"L","expect":{"told":["event:*"]}}`, "step 2 notice 2: nothing more is told / “handover”"},
		{"another notice", `{"say":"order"},{"say":"L","expect":{"told":["handover"]}}`, "notice 1: “handover” / “event:ordered”"},
		{"other data of a notice", `{"say":"order"},{"say":"L","expect":{"told":[{"topic":"*","data":{"n":1}},"*"]}}`, "notice 1's n: 1 / 0"},
		{"data a notice does not have", `{"say":"order"},{"say":"L","expect":{"told":[{"topic":"*","data":{"x":"L"}},"*"]}}`, `notice 1's x: "L" / nothing`},
		{"not subscribed", `{"say":"x","expect":{"subscribed":true}}`, "subscribed: true / false"},
		{"not handed over", `{"say":"x","expect":{"handed_over":true}}`, "handed_over: true / false"},
		{"no warning", `{"say":"x","expect":{"warnings":["card:too_many_buttons"]}}`, "warnings: “card:too_many_buttons” / none"},
		{"no such button", `{"follow":true},{"tap":"Odrer"}`, `step 2 no button "Odrer" was shown (did you mean "Order"`},
		{"two such buttons", `{"follow":true},{"tap":"Twin"}`, `2 buttons have the title "Twin" (tap one by its number: 2, 3)`},
		{"no such number", `{"follow":true},{"tap":4}`, "there is no button 4 (there are: 1 Order, 2 Twin, 3 Twin)"},
		{"no such block", `{"send":"newz"}`, `called "newz" (did you mean "news"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := played(t, c.steps)
			if r.Passed || len(r.Failures) == 0 {
				t.Fatal("it passed")
			}
			f := r.Failures[0]
			got := fmt.Sprintf("%d:%d step %d %s: %s / %s", f.Line, f.Column, f.Step, f.What, f.Want, f.Got)
			if !strings.Contains(got, c.want) {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestCasesBeginAnew holds that a case knows nothing of the one before, and
// that its stubs and person stand over the script's.
func TestCasesBeginAnew(t *testing.T) {
	t.Parallel()
	s, problems := script.Read([]byte(`{"as":{"first_name":"Mai","points":1},"secrets":{"key":"k"},"at":"2026-05-01T08:00","bot":{"time_zone":"Asia/Taipei"},
		"stubs":[{"url":"*","status":200}],"cases":[
		{"name":"one","steps":[{"follow":true,"expect":{"attributes":{"points":2}}}]},
		{"name":"two","as":{"first_name":"Lan"},"stubs":[{"url":"*","status":500,"times":1}],"steps":[
			{"follow":true,"expect":{"attributes":{"points":2,"first_name":"Lan"}}},
			{"say":"order"},{"say":"S","expect":{"contains":"Sorry","events":["request:failed"]}},
			{"say":"order"},{"say":"S","expect":{"contains":"Ordered"}}]},
		{"name":"three","stubs":[{"url":"*","file":"nowhere.json"}],"steps":[{"follow":true}]},
		{"name":"four","as":{"points":"many"},"steps":[{"follow":true}]},
		{"name":"six","at":"2026-05-02T07:30","steps":[{"say":"order","expect":{"waits":{"ends_in":"2h"}}}]},
		{"name":"five","steps":[{"say":"order"},{"say":"S"},{"say":"x"}]}]}`), "x")
	if s == nil {
		t.Fatalf("%+v", problems)
	}
	if s.At.UTC().Hour() != 0 || s.Cases[1].Line != 4 {
		t.Errorf("at %s, the second on line %d", s.At, s.Cases[1].Line)
	}
	if at := s.Cases[4].At.UTC(); at.Hour() != 23 || at.Day() != 1 || !s.Cases[0].At.IsZero() {
		t.Errorf("the case with a time of its own begins at %s, the first at %s", at, s.Cases[0].At)
	}
	for i, want := range []string{"", "", "nowhere.json: file does not exist", `attribute "points"`, "", ""} {
		r := s.Play(t.Context(), &s.Cases[i], stage(t))
		if r.Passed != (want == "") || want != "" && (r.Failures[0].Step != 0 || !strings.Contains(r.Failures[0].What, want)) {
			t.Errorf("%s: %+v", r.Case, r.Failures)
		}
	}
}

func TestARequestWithoutAStubFails(t *testing.T) {
	t.Parallel()
	s, _ := script.Read([]byte(`{"secrets":{"key":"k"},"cases":[{"name":"c","steps":[{"say":"order"},{"say":"S","expect":{"events":["request:failed"]}}]}]}`), "x")
	r := s.Play(t.Context(), &s.Cases[0], stage(t))
	if r.Passed || r.Failures[0].What != "no stub answers a request" {
		t.Errorf("%+v", r)
	}
}

// TestMistakes holds that all mistakes of a file are told, each at its place.
func TestMistakes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":                       {"1:1 the file is empty"},
		"{":                      {"1:2 the file ends too early"},
		"{\n \"cases\": x}":      {"2:11 this is no JSON"},
		"{} {}":                  {"1:4 the file goes on after its end"},
		"\xff":                   {"no UTF-8"},
		strings.Repeat("[", 100): {"1:66 more than 64 lists"},
		"[]":                     {"1:1 a test file is an object, not a list"},
		"{}":                     {`1:1 a test file needs "cases"`},
		`{"cases":[],"casez":1}`: {`1:10 a test file has 1 to 1000 cases`, `1:13 a test file has no "casez"`},
		`{"cases":[{}]}`:         {`a case needs a "name"`, `a case needs "steps"`},
		`{"cases":[{"name":"é","name":"b","steps":[{"say":"x"}]},{"name":"é","steps":[{"say":"x"}]}]}`: {`1:23 "name" is there twice`, `a case before this one is called "é"`},
		`{"at":"soon","channel":1,"flows":"x","bot":{"time_zone":"Mars","region":"TWN","month_day":1},"as":[],"secrets":{"a":1},"cases":[{"name":"a","steps":[]}]}`: {
			`1:24 "channel"`, `1:34 "flows"`, "is no time zone", "is no country", `"month_day" is true or false, not a number`, `"as" is an object, not a list`,
			"a secret is a text", "a case has 1 to 1000 steps", `"soon" is no moment`},
		steps(`{}`):                  {"a step does something"},
		steps(`{"say":"x","tap":1}`): {"a step does one thing, not say and tap"},
		steps(`{"sya":"x"}`):         {`a step has no "sya"`, "a step does something"},
		steps(`{"tap":0}`, `{"tap":[]}`, `{"tap":1.5}`):                      {"counted from 1", `title or number, not a list`, "whole number"},
		steps(`{"wait":"long"}`, `{"hand_over":5}`, `{"follow":false}`):      {"needs a duration", "is a text, not a number", `"follow" is true`},
		steps(`{"say":"x","pick":"y"}`, `{"say":"x","with":{}}`):             {`"pick" belongs to a "tap"`, `"with" belongs to "send"`},
		steps(`{"location":{"latitude":91}}`, `{"location":1}`):              {"from -90 to 90", `needs "latitude" and "longitude"`, "is an object"},
		steps(`{"say":"x","expect":{}}`, `{"say":"x","expect":{"text":[]}}`): {`"expect" is empty`, `has no "text"`},
		steps(`{"say":"x","expect":{"texts":"a","contains":1,"tags":[1],"waits":true,"outcome":"well","attributes":[],"subscribed":"yes","block":1}}`): {
			"is a list, not a text", "is a list, not a number", "each of what is expected is a text", `"waits" is false, or`, `no outcome "well"`, "is an object", "is true or false", "is a text"},
		steps(`{"say":"x","expect":{"waits":{"ends_in":"x","foo":1},"requests":[{"body":1},1]}}`):         {"needs a duration", `no "foo"`, `a request is "GET`, "a request is an object"},
		steps(`{"say":"x","expect":{"told":"handover"}}`, `{"say":"x","expect":{"told":[{"data":1},1]}}`): {`"told" is a list`, "is an object", "a notice needs its topic", "a notice is an object"},
		`{"cases":[{"name":"a","steps":[{"say":"x"}],"stubs":[{"url":"x"},{"body":1,"file":"f","status":99,"headers":{"a":1},"times":0,"lost":1}]}]}`: {
			`"x" is no address`, "from 100 to 599", "a header is a text", `"times" is at least 1`, `"lost" is true or false`, `needs "url"`, `"body" or "file", not both`},
	} {
		s, problems := script.Read([]byte(text), "x.test.json")
		if s != nil || len(problems) != len(want) {
			t.Errorf("%s:\n%d problems, want %d: %+v", text, len(problems), len(want), problems)
			continue
		}
		var all strings.Builder
		for _, p := range problems {
			fmt.Fprintf(&all, "%d:%d %s\n", p.Line, p.Column, p.Message)
			if p.File != "x.test.json" || p.Code == "" {
				t.Errorf("%+v", p)
			}
		}
		for _, w := range want {
			if !strings.Contains(all.String(), w) {
				t.Errorf("%s:\n%swant %q", text, all.String(), w)
			}
		}
	}
}

// steps is a script of one case.
func steps(list ...string) string {
	return `{"cases":[{"name":"a","steps":[` + strings.Join(list, ",") + `]}]}`
}

// TestSchema holds the schema beside the flows to the tables of this package,
// and the examples' tests to the schema.
func TestSchema(t *testing.T) {
	t.Parallel()
	schema, err := script.Schema()
	if err != nil {
		t.Fatal(err)
	}
	goldentest.Compare(t, schemaFile, schema)
	read := func(text []byte) any {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(script.SchemaID, read(schema)); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile(script.SchemaID)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../../../flows/examples/*" + script.Suffix)
	if err != nil || len(files) < 3 {
		t.Fatalf("%d tests of examples, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := compiled.Validate(read(text)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	for _, text := range []string{`{}`, `{"cases":[]}`, steps(`{}`), steps(`{"say":"x","tap":1}`), steps(`{"say":1}`), steps(`{"tap":0}`),
		steps(`{"say":"x","expect":{}}`), steps(`{"say":"x","expect":{"waits":true}}`), steps(`{"follow":false}`)} {
		if err := compiled.Validate(read([]byte(text))); err == nil {
			t.Errorf("the schema takes %s", text)
		}
		if s, _ := script.Read([]byte(text), "x"); s != nil {
			t.Errorf("the reader takes %s", text)
		}
	}
}

// FuzzRead holds that no file makes the reader fail, and that places lie within
// the file.
func FuzzRead(f *testing.F) {
	files, _ := filepath.Glob("../../../flows/examples/*" + script.Suffix)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(errors.Join(err))
		}
		f.Add(text)
	}
	f.Add([]byte(steps(`{"location":{"latitude":1e400}}`, `{"tap":1e99,"expect":{"waits":{}}}`)))
	f.Add([]byte(`{"cases":[{"name":"\ud800","stubs":[{"url":"* *"}]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, problems := script.Read(text, "f")
		if (s == nil) != (len(problems) > 0) {
			t.Fatalf("script %v, problems %+v", s, problems)
		}
		lines := bytes.Count(text, []byte{'\n'}) + 1
		for _, p := range problems {
			if p.Line < 1 || p.Line > lines || p.Column < 1 || p.Column > len(text)+1 || p.Message == "" {
				t.Errorf("%+v of %d lines", p, lines)
			}
		}
	})
}
