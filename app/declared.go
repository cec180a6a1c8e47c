package app

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/expression"
)

// maxDeclared bounds how many declarations a name is looked for in, and
// maxDeclaredSaid how many are named to whoever has written another.
const (
	maxDeclared     = 2000
	maxDeclaredSaid = 20
)

// declared refuses --set for names that are no attributes of the bot and no
// facts of people: a program's calls may bring names of their own, but what
// somebody types is mistyped. A token that may not read the declarations leaves
// the values to the server.
func (s *botSession) declared(ctx context.Context, given map[string]string) error {
	if len(given) == 0 {
		return nil
	}
	list, err := s.list(ctx, s.path("attributes"), maxDeclared)
	if err != nil || list.Next != "" {
		return nil
	}
	var names []string
	for _, raw := range list.Items {
		a, err := decode[attributeView](raw, nil)
		if err != nil {
			return err
		}
		names = append(names, a.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		name = strings.TrimSpace(name)
		if _, fact := expression.FactNamed(strings.ReplaceAll(name, " ", "_")); !fact && !slices.Contains(names, name) {
			return exitWith(exitUsage, "--set: the attribute %q is not declared%s", name, instead(name, names))
		}
	}
	return nil
}

// instead says what to write in place of a name that nobody has declared.
func instead(name string, names []string) string {
	known := slices.Clone(names)
	for _, f := range expression.Facts() {
		if f.Writable {
			known = append(known, f.Name)
		}
	}
	if near := blocks.Nearest(name, known); len(near) > 0 {
		return "; did you mean " + strings.Join(near, " or ") + "?"
	}
	declare := "to have it, blockcast attributes declare " + shellQuoted(name)
	if len(names) == 0 {
		return ", and no other is; " + declare
	}
	slices.Sort(names)
	more := ""
	if len(names) > maxDeclaredSaid {
		names, more = names[:maxDeclaredSaid], " …"
	}
	return "; declared are " + strings.Join(names, ", ") + more + "; " + declare
}
