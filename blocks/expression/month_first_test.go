package expression

import "testing"

// TestMonthFirst holds that a date in a text is read in the bot's order of day
// and month wherever an expression meets one, and that the check, which does
// not know the order, refuses neither.
func TestMonthFirst(t *testing.T) {
	t.Parallel()
	scope, problems := NewScope(Options{Attributes: []Declaration{{Name: "visit", Type: Date}, {Name: "note", Type: Text}}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	values := Values{Attributes: map[string]any{"visit": "2026-03-04", "note": "3/4/2026"}}
	for source, want := range map[string][2]string{ // day first, month first
		`date("3/4/2026", "YYYY-MM-DD")`:           {"2026-04-03", "2026-03-04"},
		`date(note, "DD.MM.")`:                     {"03.04.", "04.03."},
		`visit == "3/4/2026"`:                      {"false", "true"},
		`visit < "3/4/2026"`:                       {"true", "false"},
		`days_between("3/4/2026", visit)`:          {"-30", "0"},
		`string(visit - date("2/3/2026"))`:         {"2d", "29d"},
		`weekday("03/04/2026 18:00", "en")`:        {"Friday", "Wednesday"},
		`date("2026-03-04", "D/M") + " " + "none"`: {"4/3 none", "4/3 none"},
	} {
		for i, monthDay := range []bool{false, true} {
			values.MonthDay = monthDay
			if got := render(t, scope, values, "{{ "+source+" }}", nil); got != want[i] {
				t.Errorf("%s, month first %t: %s, want %s", source, monthDay, got, want[i])
			}
		}
	}
	for _, source := range []string{`date("12/30/2026")`, `date("30/12/2026")`} {
		if _, problems := scope.Expression(source, Date); len(problems) > 0 {
			t.Errorf("%s is refused before anybody knows the order: %v", source, problems[0])
		}
	}
	if _, problems := scope.Expression(`date("30/30/2026")`, Date); len(problems) == 0 {
		t.Error("30/30/2026 is taken for a date")
	}
}
