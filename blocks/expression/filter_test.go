package expression

import (
	"strings"
	"testing"
	"time"
)

func somePeople(t testing.TB) *People {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Taipei")
	if err != nil {
		t.Fatal(err)
	}
	return NewPeople(PeopleOptions{Now: time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC), Zone: zone, Fold: strings.ToLower,
		Attributes: []Declaration{{Name: "city", Type: Text}, {Name: "points", Type: Number, Default: 5.0}, {Name: "vip", Type: Boolean},
			{Name: "due", Type: Date}, {Name: "hobbies", Type: List}, {Name: "tags", Type: Text}, {Name: "Hạng thẻ", Type: Text}},
		Broadcast: func(name string) (ids, near []string) {
			if name == "Tet" {
				return []string{"b1"}, nil
			}
			if name == "Weekly" {
				return []string{"b4", "b3", "b2"}, nil
			}
			return nil, []string{"Tet"}
		}})
}

// What cannot be asked says where, and what to do.
func TestQuestionProblems(t *testing.T) {
	t.Parallel()
	p := somePeople(t)
	for _, c := range []struct{ text, code, at, message, hint string }{
		{"", CodeSyntax, "", "an expression is missing", "all"},
		{"citty == 'a'", CodeUnknownName, "citty", `unknown name "citty"`, "did you mean city?"},
		{"points > 'a'", CodeType, ">", "cannot compare a number with text", ""},
		{"points", CodeType, "points", "needs a boolean", "has"},
		{"vip and clickd('Tet')", CodeUnknownFunction, "clickd", "unknown function", "did you mean clicked?"},
		{"received('Tett')", CodeUnknownName, "'Tett'", "no broadcast", "did you mean Tet?"},
		{"received(city)", CodeAudience, "city", "needs a constant text", ""},
		{"upper(city) == 'A'", CodeAudience, "upper", "cannot be asked", "as they are written"},
		{"city matches '^a'", CodeAudience, "matches", "a pattern", "contains"},
		{"last_seen_at + duration('1d') < now", CodeAudience, "+", "cannot be asked", "other side"},
		{"due < last_seen_at", CodeAudience, "<", "kept in different ways", ""},
		{"bot.x == 'a'", CodeUnknownName, "x", "says nothing about a person", ""},
		{"float(city) == 3", CodeAudience, "float", "cannot be asked", "of its own type"},
		{"string(birthday_month) == '3'", CodeAudience, "string", "cannot be asked", "of its own type"},
		{"any(hobbies, # == 'a')", CodeAudience, "any", "cannot be asked", "len(tags)"},
		{"city in hobbies", CodeAudience, "city", "only a constant", ""},
	} {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			q, problems := p.Question(c.text)
			if q != nil || len(problems) == 0 {
				t.Fatalf("got %v, want a problem", q)
			}
			got := problems[0]
			if got.Code != c.code || !strings.Contains(got.Message, c.message) || !strings.Contains(got.Hint, c.hint) {
				t.Errorf("got  %s: %s (%s)\nwant %s: %s (%s)", got.Code, got.Message, got.Hint, c.code, c.message, c.hint)
			}
			if got.Offset > len(c.text) || !strings.HasPrefix(c.text[got.Offset:], c.at) {
				t.Errorf("offset %d, want the place of %q", got.Offset, c.at)
			}
		})
	}
}

// A subject that several broadcasts have means any of them, and says so once.
func TestQuestionAboutBroadcastsOfOneSubject(t *testing.T) {
	t.Parallel()
	p := somePeople(t)
	q, problems := p.Question(`vip and not received("Weekly")`)
	if q == nil || len(problems) != 1 {
		t.Fatalf("the problems are %v, want a warning", problems)
	}
	got := problems[0]
	if !got.Warning || got.Code != CodeAmbiguous || got.Offset != len(`vip and not received(`) || !strings.Contains(got.Message, `3 broadcasts have the subject "Weekly"`) || !strings.Contains(got.Hint, `"b4"`) {
		t.Errorf("the warning is %+v", got)
	}
	for id, want := range map[string]bool{"b1": true, "b2": false, "b4": false} {
		who := &Person{Attributes: map[string]any{"vip": true}, Outcomes: map[string][]string{"received": {id}}}
		if holds, err := q.Holds(who); err != nil || holds != want {
			t.Errorf("of who received %s it holds %t, %v", id, holds, err)
		}
	}
}

// What an attribute hides behind a fact's name is read by attr.
func TestQuestionReadsHiddenAttributes(t *testing.T) {
	t.Parallel()
	q, problems := somePeople(t).Question(`attr["tags"] == "x" and "VIP" in tags and attr["Hạng thẻ"] != ""`)
	if q == nil {
		t.Fatal(problems)
	}
	who := &Person{Attributes: map[string]any{"tags": "x", "Hạng thẻ": "Vàng"}, Tags: map[string]time.Time{"vip": {}}}
	if holds, err := q.Holds(who); err != nil || !holds {
		t.Errorf("holds %t, %v", holds, err)
	}
	if n := len(q.Conditions()); n != 3 {
		t.Errorf("%d conditions, want 3", n)
	}
}

func TestRows(t *testing.T) {
	t.Parallel()
	p := somePeople(t)
	got, err := p.Text(Row{All: []Row{{Field: "city", Operator: "is", Value: `a "b"`}, {Any: []Row{{Field: "points", Operator: "at_least", Value: 3.0}, {Field: "received", Operator: "is_not", Value: "Tet"}}},
		{Field: "last_seen_at", Operator: "within_last", Value: "30d"}, {Field: "Hạng thẻ", Operator: "known"}}})
	want := `city == "a \"b\"" and (points >= 3 or not received("Tet")) and last_seen_at > now - duration("30d") and has(Hạng_thẻ)`
	if err != nil || got != want {
		t.Fatalf("got %s, %v\nwant %s", got, err, want)
	}
	if q, problems := p.Question(got); q == nil {
		t.Error(problems)
	}
	_, err = p.Text(Row{All: []Row{{Field: "city", Operator: "is", Value: "a"}, {Field: "city", Operator: "was", Value: "a"}}})
	if err == nil || !strings.Contains(err.Error(), "all[1].operator") {
		t.Errorf("got %v, want the place of the row", err)
	}
}

// FuzzQuestion reads any text: it must not panic, its problems must point into
// it, and what it makes must be asked of somebody of whom nothing is known.
func FuzzQuestion(f *testing.F) {
	p := somePeople(f)
	for _, s := range []string{`"vip" in tags and city == "Taipei"`, `not (due < today) or points in [1, nil]`, `vip ? has("city") : received("Tet")`, `tagged_at("x") == nil`, `1 in hobbies`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, problems := p.Question(text)
		checkProblems(t, text, problems)
		if (q == nil) != failed(problems) {
			t.Fatalf("a question with problems, or none without: %v", problems)
		}
		if q != nil {
			_, _ = q.Holds(&Person{})
			checkFilter(t, &q.Filter)
		}
	})
}

// checkFilter holds that every node is one a database is asked.
func checkFilter(t *testing.T, f *Filter) {
	t.Helper()
	switch f.Op {
	case And, Or, Not:
		if f.Op == Not && len(f.Args) != 1 || len(f.Args) == 0 {
			t.Fatalf("%s of %d", f.Op, len(f.Args))
		}
		for i := range f.Args {
			checkFilter(t, &f.Args[i])
		}
	case Equal, Less, AtMost, Contains, StartsWith, EndsWith:
		if f.Left.Constant() && f.Right.Constant() {
			t.Fatalf("%s asks nothing of the person", f.Op)
		}
	case Has, Blank, OneOf, Includes:
		if f.Left.Constant() {
			t.Fatalf("%s of a constant", f.Op)
		}
	case Everyone, Tagged, Outcome:
	default:
		t.Fatalf("an unknown node %q", f.Op)
	}
}
