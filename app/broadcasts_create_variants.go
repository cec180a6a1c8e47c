package app

import (
	"slices"
	"strconv"
	"strings"
)

// variantFlags say several things to parts of the audience.
type variantFlags struct {
	Variant     []string `sep:"none" placeholder:"NAME=BLOCK" help:"A part of the people gets this block; give two or more, to find the best."`
	VariantText []string `name:"variant-text" sep:"none" placeholder:"NAME=TEXT" help:"The same with a text; of one name up to five."`
	Weight      []string `sep:"none" placeholder:"NAME=NUMBER" help:"How large a variant's part is beside the others. Default: 1 each."`
	HoldOut     *int     `name:"hold-out" placeholder:"NUMBER" help:"A weight beside the variants', of people who get nothing, to compare with. Without variants it is of 100."`
}

// variants are what the flags say, in the order in which they first name one;
// nil when they name none.
func (f *variantFlags) variants() ([]any, error) {
	var names []string
	contents := map[string]map[string]any{}
	for _, given := range f.Variant {
		name, block, err := pair("--variant", "NAME=BLOCK", given)
		if err != nil {
			return nil, err
		}
		if contents[name] != nil {
			return nil, exitWith(exitUsage, "--variant names %q twice: each variant has a name of its own", name)
		}
		names, contents[name] = append(names, name), map[string]any{"block": block}
	}
	said := map[string][]string{}
	for _, given := range f.VariantText {
		name, text, err := pair("--variant-text", "NAME=TEXT", given)
		if err != nil {
			return nil, err
		}
		if contents[name] != nil && said[name] == nil {
			return nil, exitWith(exitUsage, "the variant %q says a block or texts: name it with --variant or --variant-text, not both", name)
		}
		if said[name] == nil {
			names = append(names, name)
		}
		said[name] = append(said[name], text)
		contents[name] = texts(said[name])
	}
	weights, err := f.weights(names)
	if err != nil {
		return nil, err
	}
	if len(names) == 1 {
		return nil, exitWith(exitUsage, "one variant is no choice: say it with --block or --text, or name a second one")
	}
	var out []any
	for _, name := range names {
		out = append(out, map[string]any{"name": name, "weight": weights[name], "content": contents[name]})
	}
	return out, nil
}

// weights are the variants' weights by their names.
func (f *variantFlags) weights(names []string) (map[string]int, error) {
	out := map[string]int{}
	for _, given := range f.Weight {
		name, number, err := pair("--weight", "NAME=NUMBER", given)
		if err != nil {
			return nil, err
		}
		n, err := strconv.Atoi(number)
		switch {
		case len(names) == 0:
			return nil, exitWith(exitUsage, "--weight is of a variant: name them with --variant or --variant-text")
		case !slices.Contains(names, name):
			return nil, exitWith(exitUsage, "--weight names %q, and there is no such variant; there are %s", name, strings.Join(names, ", "))
		case err != nil || n < 1:
			return nil, exitWith(exitUsage, "--weight %s: a weight is a whole number from 1 on, not %q", name, number)
		case out[name] != 0:
			return nil, exitWith(exitUsage, "--weight names %q twice", name)
		}
		out[name] = n
	}
	for _, name := range names {
		if out[name] == 0 {
			out[name] = 1
		}
	}
	return out, nil
}

// pair takes a flag's value apart at its first =.
func pair(flag, form, given string) (name, value string, err error) {
	name, value, found := strings.Cut(given, "=")
	if name = strings.TrimSpace(name); !found || name == "" || value == "" {
		return "", "", exitWith(exitUsage, "%s takes %s, not %q", flag, form, given)
	}
	return name, value, nil
}
