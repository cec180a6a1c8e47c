package main

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/blockcast/blockcast/blocks"
)

func speakingSteps(s *source) (string, error) { return s.steps(true) }

func actingSteps(s *source) (string, error) { return s.steps(false) }

// steps writes a chapter for each step: what it does, examples, its keys.
// Kinds that share a type share a chapter.
func (s *source) steps(speaks bool) (string, error) {
	var b strings.Builder
	kinds := blocks.Kinds()
	for i := 0; i < len(kinds); {
		t := reflect.TypeOf(kinds[i].New()).Elem()
		first := i
		var names []string
		for ; i < len(kinds) && reflect.TypeOf(kinds[i].New()).Elem() == t; i++ {
			names = append(names, code(kinds[i].Name))
		}
		if kinds[first].Speaks != speaks {
			continue
		}
		text, err := s.step(t, strings.Join(names, ", "))
		if err != nil {
			return "", err
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

func (s *source) step(t reflect.Type, names string) (string, error) {
	comment, err := s.typeDoc("blocks", t.Name())
	if err != nil {
		return "", err
	}
	prose, examples := splitDoc(comment)
	if len(prose) == 0 || len(examples) == 0 {
		return "", fmt.Errorf("%s says nothing, or has no example", t.Name())
	}
	prose[0] = sentence(strings.TrimPrefix(prose[0], t.Name()+" "))
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n%s\n", names, marked(strings.Join(prose, "\n\n")))
	for _, e := range examples {
		fmt.Fprintf(&b, "\n```json\n%s\n```\n", e)
	}
	if t.NumField() > 0 {
		keys, err := wholeTable(t)
		if err != nil {
			return "", err
		}
		b.WriteString("\n" + keys)
	}
	b.WriteString("\n")
	return b.String(), nil
}

// splitDoc takes a comment apart: paragraphs, and the JSON objects that stand
// indented. Sentences that tell a reader of the code which kinds share a type
// are left out.
func splitDoc(comment string) (prose, examples []string) {
	var lines []string
	end := func() {
		if text := withoutKinds(strings.Join(lines, " ")); text != "" {
			prose = append(prose, text)
		}
		lines = nil
	}
	for line := range strings.SplitSeq(comment, "\n") {
		code, indented := strings.CutPrefix(line, "\t")
		switch {
		case indented && strings.HasPrefix(code, "{"):
			examples = append(examples, code)
		case indented && len(examples) > 0:
			examples[len(examples)-1] += "\n" + code
		case strings.TrimSpace(line) == "":
			end()
		default:
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	end()
	return prose, examples
}

func withoutKinds(text string) string {
	before, rest, found := strings.Cut(text, "Its kinds are ")
	if !found {
		return text
	}
	_, after, _ := strings.Cut(rest, ". ")
	return before + after
}
