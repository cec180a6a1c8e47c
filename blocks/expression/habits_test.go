package expression

import (
	"strings"
	"testing"
)

// What people bring from other languages, forms and word processors is told with
// its place and with what is written here, over people as in flows.
func TestHabitsAreToldWhatToWrite(t *testing.T) {
	t.Parallel()
	people := somePeople(t)
	flow, problems := NewScope(Options{Attributes: people.options.Attributes[:5]})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, c := range []struct{ text, at, message, hint string }{
		{`city == 3`, "==", "text is never equal to a number", `write "3"`},
		{`3 == city`, "==", "a number is never equal to text", `write "3"`},
		{`points == "3"`, "==", "a number is never equal to text", "write 3"},
		{`points > "3"`, ">", `">" cannot compare a number with text`, "write 3"},
		{`due > 5`, ">", "cannot compare a date with a number", "write a date"},
		{`vip == "true"`, "==", "is never equal to text", "write vip"},
		{`vip == 0`, "==", "is never equal to a number", "write not vip"},
		{`vip != 1`, "!=", "is never equal to a number", "write not vip"},
		{`tags == "vip"`, "==", "a list is never equal to text", `write "vip" in tags`},
		{`hobbies != "tea"`, "!=", "a list is never equal to text", `write "tea" not in hobbies`},
		{`tag == "vip"`, "tag", `unknown name "tag"`, `write "vip" in tags`},
		{`tag("vip")`, "tag", `unknown function "tag"`, `write "vip" in tags`},
		{`citty == "Hue"`, "citty", `unknown name "citty"`, "did you mean city?"},
		{`city == Taipei`, "Taipei", `unknown name "Taipei"`, `write "Taipei"`},
		{`city == Ha Noi`, "Ha Noi", `unknown name "Ha_Noi"`, `write "Ha Noi"`},
		{`city == “Hue”`, "“Hue”", "“ is no quotation mark here", "straight"},
		{`points = 3`, "=", "= is no comparison", "write =="},
		{`points === 3`, "===", "=== is no comparison", "write =="},
		{`points <> 3`, "<>", "<> is no comparison", "write !="},
		{`points => 3`, "=>", "=> is no comparison", "write >="},
		{`points =< 3`, "=<", "=< is no comparison", "write <="},
		{`vip AND points > 3`, "AND", `"AND" is no operator`, "write and"},
		{`city == "Hue" OR vip`, "OR", `"OR" is no operator`, "write or"},
		{`NOT vip`, "NOT", `"NOT" is no operator`, "write not"},
		{`vip & points > 3`, "&", "& is no operator", "write and"},
		{`city is "Hue"`, "is", `"is" is no operator`, "write =="},
		{`points is not 3`, "is not", `"is not" is no operator`, "write !="},
		{`city like "H%"`, "like", `"like" is no operator`, "write contains"},
		{`points between 1 and 3`, "between", `"between" is no operator`, ">= and <="},
		{`city in ("Hue", "Taipei")`, ",", "not expected", `["a", "b"]`},
		{`city == null`, "null", `unknown name "null"`, "write nil"},
		{`vip == TRUE`, "TRUE", `unknown name "TRUE"`, "write true"},
		{`number(city) == 3`, "number", `unknown function "number"`, "write float"},
		{`last_seen_at > now - 30d`, "30d", `"30d" is no number`, `write duration("30d")`},
	} {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			_, asked := people.Question(c.text)
			_, flows := flow.Expression(c.text, Boolean)
			for of, problems := range map[string][]*Problem{"people": asked, "flows": flows} {
				if len(problems) == 0 {
					t.Errorf("of %s it is right", of)
					continue
				}
				p := problems[0]
				if p.Warning || !strings.Contains(p.Message, c.message) || !strings.Contains(p.Hint, c.hint) {
					t.Errorf("of %s it says %q (%s)\nwant %q (%s)", of, p.Message, p.Hint, c.message, c.hint)
				}
				if !strings.HasPrefix(c.text[p.Offset:], c.at) {
					t.Errorf("of %s it is at %d, want the place of %q", of, p.Offset, c.at)
				}
			}
		})
	}
}

// A name that nobody has declared is one, whatever words it is made of.
func TestWordsOfNamesAreNoOperators(t *testing.T) {
	t.Parallel()
	for text, name := range map[string]string{
		"is_vip": "is_vip", "has_children == true": "has_children", "like_count > 3": "like_count", "customer_has_paid": "customer_has_paid",
		"has children": "has_children", "city == In_store": "In_store",
	} {
		_, problems := somePeople(t).Question(text)
		if len(problems) != 1 || problems[0].Code != CodeUnknownName || !strings.Contains(problems[0].Message, `"`+name+`"`) {
			t.Errorf("%s: %v, want an unknown name", text, problems)
		}
	}
	for text, at := range map[string]string{"customer  is vip": "is", "vip \n is not_there": "is", "points between": "between"} {
		_, problems := somePeople(t).Question(text)
		if len(problems) != 1 || !strings.Contains(problems[0].Message, `"`+at+`" is no operator`) || !strings.HasPrefix(text[problems[0].Offset:], at) {
			t.Errorf("%s: %v, want its place of %q", text, problems, at)
		}
	}
}

// What no database converts is not hinted at over people.
func TestHintsOverPeopleCanBeAsked(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`city == 3`: `write "3"`, `city > 3`: "declare city as a number to compare it so", `birthday_month == "March"`: "write a number, such as 3",
		`"vip" in tag`: "did you mean tags?", `len(tags) > "2"`: "write 2",
	} {
		if _, problems := somePeople(t).Question(text); len(problems) != 1 || problems[0].Hint != want {
			t.Errorf("%s: %v, want the hint %q", text, problems, want)
		}
	}
}
