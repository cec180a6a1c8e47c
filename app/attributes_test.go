package app

import (
	"strings"
	"testing"
)

func TestAnAttributeIsShownRenamedAndDeleted(t *testing.T) {
	t.Parallel()
	typed := lineFolder(t) // whose flow declares city
	out, errs, code := typed("attributes", "declare", "points", "--type", "number")
	says(t, out, errs, code, "declared points as number\n")
	out, errs, code = typed("contacts", "create", "Mai", "--set", "points=5", "--set", "city=Hue")
	if code != exitFine {
		t.Fatalf("code %d, %s%s", code, out, errs)
	}
	out, errs, code = typed("attributes", "rename", "points", "score")
	says(t, out, errs, code, "points is now score: 1 person\n")
	out, errs, code = typed("attributes", "show", "city")
	says(t, out, errs, code, "city is text, declared by news: 1 person\nWHERE      BLOCK  DOES\nflow news         declares it\n")
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"rename", "city", "town"}, exitRefused, `flow "news" declares it`},
		{[]string{"rename", "score", "city", "--force"}, exitRefused, `attribute "city" is declared already, as text`},
		{[]string{"rename", "points", "score"}, exitAbsent, `there is no attribute "points"`},
		{[]string{"rename", "score", "tags"}, exitUsage, `attribute "tags" is named like a fact`},
		{[]string{"delete", "city"}, exitRefused, `flow "news" declares it`},
		{[]string{"show", "points"}, exitAbsent, `there is no attribute "points"`},
	} {
		if _, errs, code := typed(append([]string{"attributes"}, c.args...)...); code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("%v: code %d, %s", c.args, code, errs)
		}
	}
	out, errs, code = typed("attributes", "rename", "city", "town", "--force")
	says(t, out, errs, code, "city is now town: 1 person\n")
	out, errs, code = typed("attributes", "delete", "score")
	says(t, out, errs, code, "deleted score\n")
	out, errs, code = typed("attributes", "list")
	if says(t, out, errs, code, "\ntown  "); strings.Contains(out, "score") || strings.Contains(out, "city") {
		t.Errorf("the list is\n%s", out)
	}
}
