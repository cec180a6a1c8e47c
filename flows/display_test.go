package flows_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/flows"
)

// narrow is a channel that shows 20 letters a message, three messages a call,
// and buttons as text.
func narrow(name string, free bool) flows.Display {
	return flows.Display{Channel: strings.ToLower(name), Name: name, Free: free, Show: func(messages []blocks.Message) flows.Displayed {
		var d flows.Displayed
		for i := range messages {
			d.Objects++
			switch p := messages[i].Part.(type) {
			case *blocks.Text:
				if n := len([]rune(p.Text)); n > 20 {
					d.Changed = append(d.Changed, fmt.Sprintf("a text of %d letters is cut", n))
				}
				for _, b := range p.Buttons {
					d.Changed = append(d.Changed, fmt.Sprintf("%q becomes text", b.Title))
				}
			case *blocks.Carousel:
				d.Objects += len(p.Cards) - 1
				d.Changed = append(d.Changed, fmt.Sprintf("%d cards become %d messages", len(p.Cards), len(p.Cards)))
			}
			for _, b := range messages[i].QuickReplies {
				d.Changed = append(d.Changed, fmt.Sprintf("%q becomes text", b.Title))
			}
		}
		d.Calls = (d.Objects + 2) / 3
		return d
	}}
}

// TestDisplays holds what a check tells of how channels show a flow.
func TestDisplays(t *testing.T) {
	t.Parallel()
	text := func(s string) string { return fmt.Sprintf(`{"type": "text", "text": %q}`, s) }
	texts := func(n int) string {
		return strings.TrimSuffix(strings.Repeat(text("short")+", ", n), ", ")
	}
	steps := func(more string, list ...string) []byte {
		return flow("f", `"attributes": {"note": {"type": "text", "sample": "twelve words that say a lot more"}, "list": {"type": "json", "sample": [{"n": "a"}, {"n": "b"}]}, "vip": "boolean"}`,
			moduleList(`{"name": "two", "steps": [`+texts(2)+`]}`),
			blockList(`{"name": "b", `+more+`"steps": [`+strings.Join(list, ", ")+`]}`))
	}
	entry := `"entry": {}, `
	for _, c := range []struct {
		name string
		doc  []byte
		want []string
	}{
		{"all as written", steps(entry, text("short")), nil},
		{"a text that is short for its words and long by its sample", steps(entry, text("{{ note }}")), []string{"becomes /blocks/0/steps/0: Slim: a text of 32 letters is cut", "becomes /blocks/0/steps/0: Wide: a text of 32 letters is cut"}},
		{"cards of a sample", steps(entry, `{"type": "carousel", "cards": [{"each": "list", "title": "{{ item.n }}"}]}`), []string{"becomes /blocks/0/steps/0: Slim: 2 cards become 2 messages", "becomes /blocks/0/steps/0: Wide: 2 cards become 2 messages"}},
		{"what is said on one channel only", steps(entry, `{"type": "text", "when": "channel == 'slim'", "text": "longer than twenty letters"}`), []string{"becomes /blocks/0/steps/0: Slim: a text of 26 letters is cut"}},
		{"what is reached on one channel only", steps(entry, `{"type": "if", "when": "channel == 'wide'", "then": [`+text("longer than twenty letters")+`], "else": [`+text("short")+`]}`),
			[]string{"becomes /blocks/0/steps/0/then/0: Wide: a text of 26 letters is cut"}},
		{"a condition over anything else", steps(entry, `{"type": "text", "when": "vip and channel != 'wide' or true", "text": "x"}`, `{"type": "text", "when": "vip", "text": "longer than twenty letters"}`),
			[]string{"becomes /blocks/0/steps/1: Slim: a text of 26 letters is cut", "becomes /blocks/0/steps/1: Wide: a text of 26 letters is cut"}},
		{"a question and its choices", steps(entry, `{"type": "ask", "text": "?", "expect": "choice", "on_fail": "b", "choices": [{"title": "S"}, {"title": "L"}]}`),
			[]string{`becomes /blocks/0/steps/0: Slim: "S" becomes text; "L" becomes text`, `becomes /blocks/0/steps/0: Wide: "S" becomes text; "L" becomes text`}},
		{"more calls than one", steps(entry, texts(4)), []string{"calls /blocks/0/name: Slim: up to 4 messages at once in 2 calls, 1 free and 1 paid as an answer, 2 paid when it is sent"}},
		{"modules count", steps(entry, `{"type": "module", "module": "two"}`, texts(2)), []string{"calls /blocks/0/name: Slim: up to 4 messages at once in 2 calls, 1 free and 1 paid as an answer, 2 paid when it is sent"}},
		{"the longer branch counts", steps(entry, `{"type": "if", "when": "vip", "then": [`+texts(3)+`], "else": [`+texts(1)+`]}`, texts(1)), []string{"calls /blocks/0/name: Slim: up to 4 messages at once in 2 calls, 1 free and 1 paid as an answer, 2 paid when it is sent"}},
		{"a pause begins anew", steps(entry, texts(2), `{"type": "wait", "for": "1m"}`, texts(2)), nil},
		{"what comes after a question counts by itself", steps(entry, texts(1), `{"type": "ask", "text": "?", "expect": "text"}`, texts(4)), []string{"calls /blocks/0/name: Slim: up to 4 messages at once in 2 calls, 1 free and 1 paid as an answer, 2 paid when it is sent"}},
		{"one that nobody sends", append(steps("", texts(7))[:len(steps("", texts(7)))-1], []byte(`, "triggers": [{"on": "default", "block": "b"}]}`)...), []string{"calls /blocks/0/name: Slim: up to 7 messages at once in 3 calls, 1 free and 2 paid as an answer"}},
		{"a mistake comes first", steps(entry, text("{{ nope }} longer than twenty letters")), []string{`expression:unknown_name /blocks/0/steps/0/text: unknown name "nope"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, problems := flows.Check(c.doc, "", flows.Catalog{Displays: []flows.Display{narrow("Slim", true), narrow("Wide", false)}})
			var got []string
			for _, p := range problems {
				got = append(got, fmt.Sprintf("%s %s: %s", p.Code, p.Path, p.Message))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(c.want, "\n\t"))
			}
		})
	}
}
