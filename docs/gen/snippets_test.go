package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/flows"
)

// snippet is a fenced block of a page.
type snippet struct {
	language, about string // ```json button
	text            string
	line            int
}

// snippets cuts the fenced blocks out of a page.
func snippets(text string) []snippet {
	var list []snippet
	open := false
	for i, line := range strings.Split(text, "\n") {
		mark, fenced := strings.CutPrefix(line, "```")
		switch {
		case fenced && open:
			open = false
		case fenced:
			language, about, _ := strings.Cut(mark, " ")
			list = append(list, snippet{language: language, about: about, line: i + 1})
			open = true
		case open:
			list[len(list)-1].text += line + "\n"
		}
	}
	return list
}

// TestFlowsElsewhere checks the flows that other pages print, and the parts of
// one that are marked as what they are.
func TestFlowsElsewhere(t *testing.T) {
	t.Parallel()
	n := 0
	for _, p := range read(t) {
		for _, s := range snippets(p.have) {
			flow := s.about != "" || strings.Contains(s.text, `"format":`)
			if p.name == "flows.md" || s.language != "json" || s.about == "wrong" || s.about == "test" || !flow {
				continue
			}
			n++
			t.Run(fmt.Sprintf("%s line %d", p.name, s.line), func(t *testing.T) {
				t.Parallel()
				checkSnippet(t, s)
			})
		}
	}
	if n == 0 {
		t.Error("no other page prints a flow")
	}
}

// TestFlowSnippets checks every JSON snippet of the page about flows as what
// it is: a whole document, or a part of one.
func TestFlowSnippets(t *testing.T) {
	t.Parallel()
	n := 0
	for _, s := range snippets(pageNamed(t, "flows.md")) {
		if s.language != "json" || s.about == "wrong" {
			continue
		}
		n++
		t.Run(fmt.Sprintf("line %d", s.line), func(t *testing.T) {
			t.Parallel()
			checkSnippet(t, s)
		})
	}
	if want := len(blocks.Kinds()); n < want {
		t.Errorf("only %d snippets found, of at least %d", n, want)
	}
}

// checkSnippet wants a snippet to be without any problem, for a bot whose
// webhooks hear of handovers.
func checkSnippet(t *testing.T, s snippet) {
	t.Helper()
	doc, err := document(s)
	if err != nil {
		t.Fatal(err)
	}
	checked, problems := flows.Check(doc, "", flows.Catalog{Listens: true})
	for _, p := range problems {
		t.Errorf("%s: %s (%s) %s\n%s", p.Path, p.Message, p.Hint, p.Code, s.text)
	}
	if checked == nil {
		t.Error("it could not be published")
	}
}

func pageNamed(t *testing.T, name string) string {
	t.Helper()
	for _, p := range read(t) {
		if p.name == name {
			return p.have
		}
	}
	t.Fatalf("there is no page %s", name)
	return ""
}

// document wraps a snippet into a whole document.
func document(s snippet) ([]byte, error) {
	var v any
	if err := json.Unmarshal([]byte(s.text), &v); err != nil {
		return nil, err
	}
	object, _ := v.(map[string]any)
	if object["format"] != nil {
		return []byte(s.text), nil
	}
	doc := map[string]any{"format": 1, "flow": "snippet", "attributes": attributes(), "texts": words()}
	text := func(key string, value any) any {
		return map[string]any{"type": "text", "text": "Hi", key: []any{value}}
	}
	step := v
	switch s.about {
	case "":
		if _, isStep := object["type"].(string); !isStep {
			return nil, fmt.Errorf("the page does not say what this is:\n%s", s.text)
		}
	case "attributes", "texts":
		doc[s.about], step = v, text("buttons", map[string]any{"title": "Call", "call": "123"})
	case "trigger":
		doc["triggers"], step = []any{v}, text("buttons", map[string]any{"title": "Call", "call": "123"})
	case "button":
		step = text("buttons", v)
	case "quick_reply":
		step = text("quick_replies", v)
	case "tap":
		step = map[string]any{"type": "carousel", "cards": []any{map[string]any{"title": "Card", "tap": v}}}
	case "block":
		doc["blocks"], step = []any{v}, nil
	default:
		return nil, fmt.Errorf("nobody knows what %q is", s.about)
	}
	if step != nil {
		doc["blocks"] = []any{block("main", step)}
	}
	addNamed(doc, v)
	return json.Marshal(doc)
}

func block(name string, step any) any {
	return map[string]any{"name": name, "entry": map[string]any{}, "steps": []any{step}}
}

// addNamed adds the blocks and modules that a snippet names and does not have.
func addNamed(doc map[string]any, v any) {
	list, _ := doc["blocks"].([]any)
	for _, name := range names(v, "goto", "block", "on_fail", "on_timeout", "on_undelivered", "on_error") {
		list = append(list, block(name, map[string]any{"type": "text", "text": "Hi"}))
	}
	doc["blocks"] = list
	modules := []any{}
	for _, name := range names(v, "module") {
		modules = append(modules, block(name, map[string]any{"type": "text", "text": "Hi"}))
	}
	doc["modules"] = modules
}

// names finds every text under one of the keys.
func names(v any, keys ...string) []string {
	var found []string
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				walk(item)
			}
		case map[string]any:
			for key, item := range v {
				if name, ok := item.(string); ok && slices.Contains(keys, key) {
					found = append(found, name)
				}
				walk(item)
			}
		}
	}
	walk(v)
	slices.Sort(found)
	return slices.Compact(found)
}

// attributes are what the page's snippets name.
func attributes() any {
	return map[string]any{
		"order_id": "text", "status": "text", "product": "text", "coupon": "text", "size": "text",
		"total": "number", "points": "number", "visit_at": "datetime",
		"orders": map[string]any{"type": "json", "sample": []any{map[string]any{"code": "A1024", "status": "shipping", "total": 1280}}},
	}
}

func words() any {
	return map[string]any{"status": map[string]any{"shipping": "On its way", "*": "In progress"}}
}
