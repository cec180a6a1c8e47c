package app

import (
	"strings"
	"testing"
)

// Whoever types the name of an attribute that nobody has declared reads which
// one that is and what there is, wherever a value is set on people.
func TestSetTakesDeclaredAttributes(t *testing.T) {
	t.Parallel()
	typed := lineFolder(t) // whose flow declares city
	out, errs, code := typed("contacts", "create", "Mai", "--set", "city=Hue", "--set", "first name=Mai")
	if code != exitFine {
		t.Fatalf("code %d, %s%s", code, out, errs)
	}
	for name, c := range map[string]struct{ set, says string }{
		"misspelt":          {"ctiy=Hue", `--set: the attribute "ctiy" is not declared; did you mean city?`},
		"in capitals":       {"City=Hue", `--set: the attribute "City" is not declared; did you mean city?`},
		"like a fact":       {"langauge=vi", `--set: the attribute "langauge" is not declared; did you mean language?`},
		"like nothing":      {"it's mine=5", `--set: the attribute "it's mine" is not declared; declared are city; to have it, blockcast attributes declare 'it'\''s mine'`},
		"beside a good one": {"zodiac=rat", `--set: the attribute "zodiac" is not declared; declared are city`},
	} {
		t.Run(name, func(t *testing.T) {
			for _, line := range [][]string{
				{"sends", "send", "--text", "Hi", "--contact", "1"}, {"events", "post", "paid", "--contact", "1"}, {"contacts", "create", "Lan"},
				{"contacts", "patch", "1"}, {"broadcasts", "create", "News", "--text", "Hi", "--all"},
			} {
				_, errs, code := typed(append(line, "--set", "city=Hue", "--set", c.set)...)
				if code != exitUsage || !strings.Contains(errs, c.says) {
					t.Errorf("%v: code %d, %s, want %s", line, code, errs, c.says)
				}
			}
		})
	}
}
