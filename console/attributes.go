package console

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// pairLines writes attributes as name = value, by name. Texts stand as they
// are, all else as JSON.
func pairLines(of map[string]any) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(of)) {
		value, isText := of[name].(string)
		if !isText {
			text, err := json.Marshal(of[name])
			if err != nil {
				continue // no value of a plan is so
			}
			value = string(text)
		}
		out = append(out, name+" = "+value)
	}
	return out
}

// attributes are those set on whoever is reached, as texts: what they are
// declared to be, the service knows. Lines that were not changed keep their
// values.
func (f *form) attributes() (map[string]any, error) {
	kept := map[string]string{}
	for _, line := range pairLines(f.kept.Attributes) {
		name, value, _ := strings.Cut(line, " = ")
		kept[name] = value
	}
	var out map[string]any
	for line := range strings.Lines(f.Attributes) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, value, is := strings.Cut(line, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !is || name == "" || value == "" {
			return nil, invalid("attributes", "%q sets nothing: write name = value.", line)
		}
		if _, again := out[name]; again {
			return nil, invalid("attributes."+name, "%s is set twice.", name)
		}
		if out == nil {
			out = map[string]any{}
		}
		out[name] = value
		if was, is := kept[name]; is && was == value {
			out[name] = f.kept.Attributes[name]
		}
	}
	return out, nil
}
