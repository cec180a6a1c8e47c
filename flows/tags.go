package flows

import (
	"encoding/json"
	"strings"
)

// TagUses lists the blocks of a document that add a tag, remove it or look for
// it among a person's, in the order they stand. What an expression makes up
// while it runs, such as "bought {{ product }}", cannot be known.
func TagUses(document []byte, tag string) ([]Mention, error) {
	var d struct {
		Modules, Blocks []struct {
			Name  string `json:"name"`
			Steps any    `json:"steps"`
		}
	}
	if err := json.Unmarshal(document, &d); err != nil {
		return nil, err
	}
	var out []Mention
	for _, b := range append(d.Modules, d.Blocks...) {
		f := tagFinder{tag: Fold(tag), found: map[string]bool{}}
		f.walk(b.Steps)
		for _, how := range []string{MentionAdds, MentionRemoves, MentionReads} {
			if f.found[how] {
				out = append(out, Mention{b.Name, how})
			}
		}
	}
	return out, nil
}

// tagFinder looks through the JSON of steps.
type tagFinder struct {
	tag   string // folded
	found map[string]bool
}

func (f tagFinder) walk(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			f.walk(e)
		}
	case map[string]any:
		isStep := v["type"] == "tag"
		for name, e := range v {
			switch {
			case name == "tag" || name == "add" && isStep:
				f.named(e, MentionAdds)
			case name == "untag" || name == "remove" && isStep:
				f.named(e, MentionRemoves)
			}
			f.walk(e)
		}
	case string:
		if f.reads(v) {
			f.found[MentionReads] = true
		}
	}
}

// named looks at a list of tags, or at one by itself.
func (f tagFinder) named(v any, how string) {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	for _, e := range list {
		if s, ok := e.(string); ok && Fold(s) == f.tag {
			f.found[how] = true
		}
	}
}

// reads reports whether an expression names both the tags of a person and this
// one, quoted.
func (f tagFinder) reads(expression string) bool {
	text := Fold(expression)
	if !strings.Contains(text, "tags") {
		return false
	}
	for _, quote := range []string{`'`, `"`, "`"} {
		if strings.Contains(text, quote+f.tag+quote) {
			return true
		}
	}
	return false
}
