package flows_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/blocks/goldentest"
	"github.com/blockcast/blockcast/flows"
)

// TestBroken checks that a flow with more than twenty mistakes has them all
// listed at once, each at its place.
func TestBroken(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/broken.json")
	if err != nil {
		t.Fatal(err)
	}
	checked, problems := flows.Check(data, "broken.json", flows.Catalog{})
	if checked != nil {
		t.Error("a broken flow can be published")
	}
	mistakes := 0
	for _, p := range problems {
		if !p.Warning {
			mistakes++
		}
	}
	if mistakes < 20 {
		t.Errorf("%d mistakes are found", mistakes)
	}
	goldentest.Compare(t, "testdata/broken.problems.json", goldentest.JSON(t, problems))
}

// TestSlips holds how the check puts what people get wrong when they write
// their first flows: each line of the golden is read by somebody who does not
// know the program.
func TestSlips(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/slips.json")
	if err != nil {
		t.Fatal(err)
	}
	_, problems := flows.Check(data, "slips.json", flows.Catalog{Channels: []string{"line", "messenger"}})
	var b strings.Builder
	for _, p := range problems {
		fmt.Fprintf(&b, "%d:%d %s: %s", p.Line, p.Column, p.Code, p.Message)
		if p.Hint != "" {
			fmt.Fprintf(&b, " (%s)", p.Hint)
		}
		b.WriteByte('\n')
	}
	goldentest.Compare(t, "testdata/slips.problems.txt", []byte(b.String()))
}

// TestPlaces checks lines and columns where bytes, characters and escapes
// differ.
func TestPlaces(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, line string }{
		{"plain", `Hi {{ nope }}`, "1:108"},
		{"characters of several bytes", `đơn {{ nope }}`, "1:109"},
		{"escapes", `\u0111\u01a1n {{ nope }}`, "1:119"},
		{"a surrogate pair", `\ud83d\ude00 {{ nope }}`, "1:118"},
		{"a line break", `a\n{{ nope }}`, "1:108"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doc := fmt.Sprintf(`{"format": 1, "flow": "f", "blocks": [{"name": "b", "entry": {}, "steps": [{"type": "text", "text": "%s"}]}]}`, c.text)
			_, problems := flows.Check([]byte(doc), "", flows.Catalog{})
			if len(problems) != 1 {
				t.Fatalf("got %+v", problems)
			}
			p := problems[0]
			if got := fmt.Sprintf("%d:%d", p.Line, p.Column); got != c.line {
				t.Errorf("got %s, want %s", got, c.line)
			}
			if got := []rune(doc)[p.Column-1:]; !strings.HasPrefix(string(got), "nope") {
				t.Errorf("it points at %q", string(got))
			}
		})
	}
}

// flow puts blocks into a document.
func flow(name string, parts ...string) []byte {
	return fmt.Appendf(nil, `{"format": 1, "flow": %q, %s}`, name, strings.Join(parts, ", "))
}

// block is a block that says its name.
func block(name, more string) string {
	return fmt.Sprintf(`{"name": %q, "entry": {}%s, "steps": [{"type": "text", "text": "x"}]}`, name, more)
}

func blockList(list ...string) string  { return `"blocks": [` + strings.Join(list, ", ") + `]` }
func moduleList(list ...string) string { return `"modules": [` + strings.Join(list, ", ") + `]` }

// TestProblems holds what is refused and warned about a document as a whole.
func TestProblems(t *testing.T) {
	t.Parallel()
	other := flows.Catalog{
		Blocks: []flows.Known{
			{ID: "0123456789abcdef01234567", Name: "Menu", Flow: "main", Aliases: []string{"65f0"}},
			{ID: "1123456789abcdef01234567", Name: "hours", Flow: "main", Module: true},
			{ID: "2123456789abcdef01234567", Name: "old", Flow: "f"},
			{ID: "3123456789abcdef01234567", Name: "dear", Flow: "f"},
		},
		Uses:       []flows.Use{{Flow: "main", Block: "3123456789abcdef01234567"}, {Flow: "f", Block: "2123456789abcdef01234567"}},
		Attributes: []expression.Declaration{{Name: "total", Type: expression.Number}},
		Triggers:   []flows.KnownTrigger{{Flow: "main", On: "default", Channels: []string{"line"}}, {Flow: "f", On: "follow"}},
	}
	keep := block("dear", "")
	for _, c := range []struct {
		name    string
		doc     []byte
		catalog flows.Catalog
		want    []string // "code path: message"
	}{
		{"no JSON", []byte(`{"format": 1,, }`), flows.Catalog{}, []string{`syntax : a key in double quotes is expected here`}},
		{"nothing", []byte("  "), flows.Catalog{}, []string{`syntax : the document is empty`}},
		{"a list", []byte("[]"), flows.Catalog{}, []string{`type : a document is an object, not a list`}},
		{"ends too early", []byte(`{"format": 1`), flows.Catalog{}, []string{`syntax : the document ends here, but } is missing`}},
		{"two documents", []byte(`{} {}`), flows.Catalog{}, []string{`syntax : the document goes on after its end`}},
		{"a comment", []byte(`{"format": 1, /* x */ "flow": "f"}`), flows.Catalog{}, []string{`syntax : a key in double quotes is expected here`}},
		{"a bad escape", []byte(`{"flow": "\x"}`), flows.Catalog{}, []string{`syntax /flow: the text that begins here has an escape that does not exist`}},
		{"another encoding", []byte("{\"format\": 1, \"flow\": \"f\", \"blocks\": [{\"name\": \"caf\xe9\", \"entry\": {}, \"steps\": [{\"type\": \"stop\"}]}]}"), flows.Catalog{},
			[]string{`syntax /blocks/0/name: this is not UTF-8, so nobody knows which letter is meant`}},
		{"no character", []byte(`{"format": 1, "flow": "f", "blocks": [{"name": "a\u0000b", "entry": {}, "steps": [{"type": "stop"}]}]}`), flows.Catalog{}, []string{`syntax /blocks/0/name: a text cannot hold \u0000`}},
		{"a newer format", []byte(`{"format": 2, "flow": "f"}`), flows.Catalog{}, []string{`format /format: this program reads format 1, not 2`}},
		{"the format in quotes", []byte(`{"format": "1", "flow": "f"}`), flows.Catalog{}, []string{`format /format: "format" needs a whole number, not the text "1"`}},
		{"nearly nothing", []byte(`{}`), flows.Catalog{}, []string{`format : "format" is missing`, `missing : "format" is missing`, `missing : "flow" is missing`}},
		{"no blocks", flow("f", `"triggers": []`), flows.Catalog{}, []string{`missing : a flow needs "blocks" or "modules"`}},
		{"too many of one name", flow("f", blockList(block("Đơn hàng", ""), block(" đơn  HÀNG", ""))), flows.Catalog{},
			[]string{`taken /blocks/1/name: " đơn  HÀNG" is taken by the block at line 1`}},
		{"another flow's name", flow("f", blockList(block("MENU", ""), keep)), other, []string{`taken /blocks/0/name: "MENU" is taken: flow "main" has a block of that name`}},
		{"another flow's alias", flow("f", blockList(block("x", `, "aliases": ["65f0", "X"]`), keep)), other,
			[]string{`taken /blocks/0/aliases/0: "65f0" is taken: flow "main" has a block of that name`, `taken /blocks/0/aliases/1: "X" is the block's name already`}},
		{"another flow's attribute", flow("f", `"attributes": {"total": "text"}`, blockList(keep)), other,
			[]string{`attribute /attributes/total: attribute "total" is text here, but number in another published flow`}},
		{"another flow's default", flow("f", `"triggers": [{"on": "default", "block": "dear"}]`, blockList(keep)), other,
			[]string{`taken /triggers/0: flow "main" has the trigger on "default" for the same accounts`}},
		{"elsewhere than another flow's default", flow("f", `"triggers": [{"on": "default", "channels": ["messenger"], "block": "dear"}]`, blockList(keep)), other, nil},
		{"two of one trigger on different accounts", flow("f", `"triggers": [{"on": "default", "accounts": ["a"], "block": "dear"}, {"on": "default", "accounts": ["b"], "block": "dear"}, {"on": "default", "accounts": ["b", "c"], "block": "dear"}]`, blockList(keep)), flows.Catalog{},
			[]string{`taken /triggers/2: a second trigger on "default" for the same accounts: the first is at line 1`}},
		{"a block that is named elsewhere is gone", flow("f", blockList(block("x", ""))), other, []string{`removed /blocks: block "dear" is gone, but flow "main" goes there`}},
		{"a block that is named elsewhere is renamed", flow("f", blockList(block("x", `, "was": "Dear"`))), other, nil},
		{"a name it never had", flow("f", blockList(keep, block("x", `, "was": "dears"`))), other, []string{`was /blocks/1/was: there was no block "dears" in the version before, or it is still here`}},
		{"goes to another flow", flow("f", blockList(keep, `{"name": "go", "entry": {}, "steps": [{"type": "module", "module": "Hours"}, {"type": "goto", "block": "menu"}]}`)), other, nil},
		{"a round through a condition may end", flow("f", blockList(`{"name": "a", "entry": {}, "steps": [{"type": "if", "when": "subscribed", "then": [{"type": "goto", "block": "a"}]}]}`)), flows.Catalog{}, nil},
		{"a round through both branches", flow("f", blockList(`{"name": "a", "entry": {}, "steps": [{"type": "if", "when": "subscribed", "then": [{"type": "goto", "block": "b"}], "else": [{"type": "goto", "block": "a"}]}]}`,
			`{"name": "b", "steps": [{"type": "text", "text": "b"}, {"type": "goto", "block": "a"}]}`)), flows.Catalog{}, []string{`loop /blocks/0/name: this goes round without end: "a" → "a"`}},
		{"a round that waits", flow("f", blockList(`{"name": "a", "entry": {}, "steps": [{"type": "wait", "for": "1m"}, {"type": "goto", "block": "a"}]}`)), flows.Catalog{}, nil},
		{"a round that asks", flow("f", blockList(`{"name": "a", "entry": {}, "steps": [{"type": "ask", "text": "?", "expect": "text"}, {"type": "goto", "block": "a"}]}`)), flows.Catalog{}, nil},
		{"modules that include each other", flow("f", moduleList(`{"name": "a", "steps": [{"type": "module", "module": "b"}]}`, `{"name": "b", "steps": [{"type": "module", "module": "a"}]}`)), flows.Catalog{},
			[]string{`loop /modules/0/name: this includes itself: "a" → "b" → "a"`}},
		{"modules that say too much together", flow("f", moduleList(
			`{"name": "a", "steps": [{"type": "module", "module": "b"}, {"type": "module", "module": "b"}]}`,
			`{"name": "b", "steps": [{"type": "text", "text": "1"}, {"type": "text", "text": "2"}, {"type": "text", "text": "3"}]}`)), flows.Catalog{},
			[]string{`module /modules/0/steps: a module says at most 5 messages, with what it includes this one has 6`}},
		{"nothing leads there", flow("f", blockList(`{"name": "a", "steps": [{"type": "text", "text": "x"}]}`)), flows.Catalog{}, []string{`unreachable /blocks/0/name: nothing leads to block "a"`}},
		{"a button leads there", flow("f", blockList(`{"name": "a", "aliases": ["z"], "steps": [{"type": "text", "text": "x", "buttons": [{"title": "b", "goto": "b"}]}]}`, `{"name": "b", "steps": [{"type": "stop"}]}`)), flows.Catalog{}, nil},
		{"reserved names", flow("f", `"attributes": {"phone": "text", "money": "text"}`, blockList(block("a", ""))), flows.Catalog{},
			[]string{`expression:reserved /attributes/phone: attribute "phone" is named like a fact`, `expression:reserved /attributes/money: attribute "money" is named like a function`}},
		{"templates for closed windows", flow("f", blockList(block("a", `, "when_closed": {"messenger": {"template": "t", "language": "en", "body": ["{{ nope }}"]}}`))), flows.Catalog{},
			[]string{`expression:unknown_name /blocks/0/when_closed/messenger/body/0: unknown name "nope"`}},
		{"a template without name or language", flow("f", blockList(block("a", `, "when_closed": {"messenger": {"template": " ", "language": ""}}`))), flows.Catalog{},
			[]string{`type /blocks/0/when_closed/messenger/template: "template" needs the name of a template on its platform, not the text " "`, `missing /blocks/0/when_closed/messenger/language: "language" is empty`}},
		{"nothing to send where the window is closed", flow("f", blockList(block("a", ""), block("b", `, "when_closed": {"messenger": {"template": "t", "language": "en"}}`))), flows.Catalog{Channels: []string{"line", "messenger"}, Windowed: []string{"messenger"}},
			[]string{`no_template /blocks/0/entry: messenger takes free messages only for a while after the person wrote: later than that "a" is skipped`}},
		{"nothing but templates goes out where the window is closed", flow("f", blockList(`{"name": "a", "entry": {}, "steps": [{"type": "goto", "block": "b"}]}`,
			`{"name": "b", "steps": [{"type": "template", "name": "t", "language": "en", "when": "channel == 'messenger'"}]}`)), flows.Catalog{Channels: []string{"line", "messenger"}, Windowed: []string{"messenger"}, Templated: []string{"messenger"}}, nil},
		{"a template beside a text", flow("f", blockList(`{"name": "a", "entry": {}, "steps": [{"type": "template", "name": "t", "language": "en"}, {"type": "text", "text": "x"}]}`)), flows.Catalog{Channels: []string{"messenger"}, Windowed: []string{"messenger"}, Templated: []string{"messenger"}},
			[]string{`no_template /blocks/0/entry: messenger takes free messages only for a while after the person wrote: later than that "a" is skipped`}},
		{"a template where there are none", flow("f", blockList(`{"name": "a", "entry": {}, "steps": [{"type": "template", "name": "t", "language": "en"}]}`)), flows.Catalog{Channels: []string{"line"}},
			[]string{`unseen /blocks/0/steps/0: nobody would see it: no connected channel (line) shows an approved template`}},
		{"a template where some channels have none", flow("f", blockList(`{"name": "a", "entry": {}, "steps": [{"type": "template", "name": "t", "language": "en"}]}`)), flows.Catalog{Channels: []string{"line", "messenger"}, Templated: []string{"messenger"}},
			[]string{`unseen /blocks/0/steps/0: nothing is said on line, where there is no way to show an approved template`}},
		{"another channel's own JSON", flow("f", blockList(`{"name": "a", "entry": {}, "steps": [{"type": "raw", "channel": "messenger", "payload": {"text": "x"}}, {"type": "raw", "channel": "Line", "payload": {"type": "text"}, "otherwise": [{"type": "text", "text": "x"}]}]}`)), flows.Catalog{Channels: []string{"line"}},
			[]string{`unseen /blocks/0/steps/0: nobody would see it: no connected channel (line) shows the JSON of messenger`}},
		{"a place of a template that may be empty", flow("f", `"attributes": {"x": "text", "y": "text", "z": {"type": "text", "default": "z"}}`, blockList(`{"name": "a", "entry": {"needs": ["x"]}, "when_closed": {"messenger": {"template": "t", "language": "en", "body": ["{{ x }}", "{{ y }}", "{{ z }}", "{{ y ?? '–' }}", ""]}}, "steps": [{"type": "text", "text": "x"}]}`)), flows.Catalog{},
			[]string{`maybe_empty /blocks/0/when_closed/messenger/body/1: "y" may not be set, and no place of a template can be empty`, `missing /blocks/0/when_closed/messenger/body/4: a place of a template cannot be empty`}},
		{"keywords of two triggers", flow("f", `"triggers": [{"on": "keyword", "any": ["a", "b"], "block": "a"}, {"on": "keyword", "any": ["B"], "block": "b"}, {"on": "keyword", "any": ["b"], "priority": 1, "block": "b"}, {"on": "keyword", "any": ["b"], "channels": ["line"], "block": "b"}]`, blockList(block("a", ""), block("b", ""))), flows.Catalog{},
			[]string{`trigger /triggers/1/any: the keyword "b" belongs to the trigger at line 1 already`}},
		{"keywords", flow("f", `"triggers": [{"on": "keyword", "any": ["Order", "ORDER", ""], "pattern": "[", "block": "a"}, {"on": "event", "block": "a"}, {"on": "referral", "block": "a"}, {"on": "postback", "event": "x", "block": "a"}]`, blockList(block("a", ""))), flows.Catalog{},
			[]string{`trigger /triggers/0/any/1: the keyword "ORDER" is there twice`, `trigger /triggers/0/any/2: a keyword cannot be empty`, "trigger /triggers/0/pattern: the pattern cannot be read: missing closing ]: `[`",
				`missing /triggers/1: an event trigger needs "event"`, `missing /triggers/2: a referral trigger needs "ref"`, `missing /triggers/3: a postback trigger needs "data"`, `trigger /triggers/3/event: "event" belongs to triggers on "event", this one is on "postback"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			checked, problems := flows.Check(c.doc, "f.json", c.catalog)
			var got []string
			refused := false
			for _, p := range problems {
				got = append(got, fmt.Sprintf("%s %s: %s", p.Code, p.Path, p.Message))
				refused = refused || !p.Warning
				if p.Line < 1 || p.Column < 1 {
					t.Errorf("no place: %+v", p)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(c.want, "\n\t"))
			}
			if refused == (checked != nil) {
				t.Errorf("refused %t, but the result is %v", refused, checked)
			}
		})
	}
}

// TestIDs checks that blocks keep their ids by name, by was and in the ids of
// a stored version.
func TestIDs(t *testing.T) {
	t.Parallel()
	publish := func(doc []byte, c flows.Catalog) map[string]string {
		t.Helper()
		checked, problems := flows.Check(doc, "", c)
		if checked == nil {
			t.Fatalf("refused: %+v", problems)
		}
		again, err := flows.Compile(doc, checked.IDs)
		if err != nil {
			t.Fatal(err)
		}
		ids := map[string]string{}
		for id, b := range checked.Program.Blocks {
			ids[b.Name] = id
			if len(id) != 24 || again.Blocks[id] == nil || again.Blocks[id].Name != b.Name {
				t.Errorf("%s has the id %q, and %v when compiled again", b.Name, id, again.Blocks[id])
			}
		}
		return ids
	}
	known := func(ids map[string]string) (c flows.Catalog) {
		for name, id := range ids {
			c.Blocks = append(c.Blocks, flows.Known{ID: id, Name: name, Flow: "F"})
		}
		return c
	}
	first := publish(flow("f", blockList(block("a", ""), block("b", ""))), flows.Catalog{})
	second := publish(flow("f", blockList(block("A", ""), block("c", `, "was": "b"`))), known(first))
	if second["A"] != first["a"] || second["c"] != first["b"] {
		t.Errorf("ids are not kept: %v, then %v", first, second)
	}
	third := publish(flow("f", blockList(block("b", ""), block("c", `, "was": "b"`))), known(second))
	if third["c"] != second["c"] || third["b"] == third["c"] {
		t.Errorf("a new block of an old name takes the renamed one's id: %v, then %v", second, third)
	}
	n := 0
	c := flows.Catalog{NewID: func() string { n++; return fmt.Sprintf("%024x", n) }}
	if ids := publish(flow("f", blockList(block("a", ""))), c); ids["a"] != "000000000000000000000001" {
		t.Errorf("NewID is not asked: %v", ids)
	}
}

// TestBlocks checks what a compiled block says of itself.
func TestBlocks(t *testing.T) {
	t.Parallel()
	doc := flow("f", `"attributes": {"x": "text"}`,
		moduleList(`{"name": "m", "aliases": ["old id"], "entry": {"needs": ["x"]}, "when_closed": {"messenger": {"template": "t", "language": "en", "body": ["{{ x }}"]}}, "steps": [{"type": "text", "text": "m"}]}`),
		blockList(
			`{"name": "says", "entry": {}, "steps": [{"type": "module", "module": "m"}, {"type": "text", "text": "x", "buttons": [{"title": "ask", "goto": "asks"}]}]}`,
			`{"name": "asks", "steps": [{"type": "ask", "text": "?", "expect": "text"}]}`,
			`{"name": "leads to asks", "entry": {}, "steps": [{"type": "if", "when": "subscribed", "then": [{"type": "goto", "block": "asks"}]}]}`,
			`{"name": "requests", "entry": {}, "steps": [{"type": "request", "url": "https://x.example"}, {"type": "typing", "for": "1s"}]}`))
	checked, problems := flows.Check(doc, "", flows.Catalog{})
	if checked == nil {
		t.Fatalf("%+v", problems)
	}
	got := map[string]string{}
	for _, b := range checked.Program.Blocks {
		got[b.Name] = fmt.Sprintf("speaks %t asks %t requests %t waits %t module %t entry %t needs %v aliases %v closed %d", b.Speaks(), b.Asks, b.Requests, b.Waits, b.Module, b.Entry, b.Needs, b.Aliases, len(b.WhenClosed))
	}
	for name, want := range map[string]string{
		"m":             "speaks true asks false requests false waits false module true entry true needs [x] aliases [old id] closed 1",
		"says":          "speaks true asks false requests false waits false module false entry true needs [] aliases [] closed 0",
		"asks":          "speaks false asks true requests false waits false module false entry false needs [] aliases [] closed 0",
		"leads to asks": "speaks false asks true requests false waits false module false entry true needs [] aliases [] closed 0",
		"requests":      "speaks false asks false requests true waits true module false entry true needs [] aliases [] closed 0",
	} {
		if got[name] != want {
			t.Errorf("%s\n got %s\nwant %s", name, got[name], want)
		}
	}
}

// TestManyProblems checks that a document that is wrong all over has a list of
// problems a person can take in.
func TestManyProblems(t *testing.T) {
	t.Parallel()
	doc := flow("f", blockList(block("a", strings.Repeat(`, "nope": 1`, 1))), `"triggers": [`+strings.TrimSuffix(strings.Repeat(`{"on": "nothing"},`, 2*flows.MaxProblems), ",")+`]`)
	_, problems := flows.Check(doc, "", flows.Catalog{})
	if n := len(problems); n != flows.MaxProblems+1 || !strings.HasPrefix(problems[n-1].Message, "and ") {
		t.Errorf("%d problems, the last is %+v", n, problems[n-1])
	}
}

// FuzzCheck checks that no document makes the check fail, hang or point
// outside of the document, and that what passes compiles again.
func FuzzCheck(f *testing.F) {
	for _, pattern := range []string{"examples/*.json", "testdata/broken.json"} {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Add(flow("f", moduleList(`{"name": "a", "steps": [{"type": "module", "module": "a"}]}`)))
	f.Add([]byte(`{"format":1,"flow":"\ud800","blocks":[{"name":"b","steps":[{"type":"switch","cases":[{"when":"true","steps":[]}]}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		checked, problems := flows.Check(data, "", flows.Catalog{Displays: []flows.Display{narrow("Slim", true)}})
		lines := strings.Count(string(data), "\n") + 1
		for _, p := range problems {
			if p.Line < 1 || p.Line > lines || p.Column < 1 || p.Message == "" || p.Code == "" {
				t.Errorf("%+v", p)
			}
		}
		if checked == nil {
			return
		}
		if _, err := flows.Compile(data, checked.IDs); err != nil {
			t.Errorf("what was published does not compile: %v", err)
		}
	})
}

// Of a value that cannot be read only that is said, and not that it is missing
// too.
func TestAValueOfTheWrongTypeIsOneMistake(t *testing.T) {
	t.Parallel()
	for step, want := range map[string]string{
		`{"type": "ask", "text": "Which?", "expect": "choice", "choices": "S", "on_fail": "a"}`:                `"choices" needs a list, not the text "S"`,
		`{"type": "ask", "text": "Which?", "expect": "choice", "choices": {}, "show": "list", "on_fail": "a"}`: `"choices" needs a list, not an object`,
		`{"type": "carousel", "cards": "x"}`:                                                   `"cards" needs a list, not the text "x"`,
		`{"type": "image_carousel", "columns": 1}`:                                             `"columns" needs a list, not the number 1`,
		`{"type": "switch", "cases": {}}`:                                                      `"cases" needs a list, not an object`,
		`{"type": "ask", "text": "Which?", "expect": "choice", "choices": [], "on_fail": "a"}`: `expect "choice" needs "choices"`,
		`{"type": "ask", "text": "Which?", "expect": "choice", "on_fail": "a"}`:                `expect "choice" needs "choices"`,
	} {
		document := `{"format": 1, "flow": "f", "blocks": [{"name": "a", "entry": {}, "steps": [` + step + `]}]}`
		_, problems := flows.Check([]byte(document), "f.json", flows.Catalog{})
		var got []string
		for _, p := range problems {
			if !p.Warning {
				got = append(got, p.Message)
			}
		}
		if len(got) != 1 || got[0] != want {
			t.Errorf("%s\n got %q\nwant %q", step, got, want)
		}
	}
}
