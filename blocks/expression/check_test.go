package expression

import (
	"strings"
	"testing"
)

// TestTemplateProblems checks what an author is told, and where: at is the text
// the offset points to.
func TestTemplateProblems(t *testing.T) {
	t.Parallel()
	s := shop(t).With(map[string]any{"o": map[string]any{"code": "A1", "total": 5.0}, "x": nil})
	for _, c := range []struct{ text, code, at, message, hint string }{
		// What cannot be read.
		{"hi {{ name", CodeSyntax, "{{ name", "{{ is not closed", "close it with }}"},
		{"hi {{ 'name }}", CodeSyntax, "{{ 'name", "{{ is not closed: a quote", "write a quote"},
		{"{{ }}", CodeSyntax, "", "an expression is missing", "first_name"},
		{"đ {{ total + }}", CodeSyntax, "", "the expression ends too early", ""},
		{"đ {{ total ] }}", CodeSyntax, "]", `"]" is not expected here`, ""},
		{"{{ (total }}", CodeSyntax, "", "the expression ends too early", ""},
		{"{{ points ?? 0 + 1 }}", CodeSyntax, "+", "?? beside another operator needs parentheses", "(x ?? 0) + 1"},
		{"{{ 1; 2 }}", CodeSyntax, "1", "an expression gives one value", ""},
		{"{{ name.upper() }}", CodeSyntax, "upper", "values have no functions", "upper(name)"},
		{"{{ b'x' }}", CodeSyntax, "b'x'", "not part of the language", ""},
		{"{{ # }}", CodeSyntax, "#", "", ""},
		{"{{ 9007199254740993 }}", CodeArgument, "9007", "too large to be exact", "in quotes"},
		// Names.
		{"đ{{ first_nam }}", CodeUnknownName, "first_nam", `unknown name "first_nam"`, "did you mean first_name?"},
		{"{{ totl + 1 }}", CodeUnknownName, "totl", `unknown name "totl"`, "did you mean total?"},
		{"{{ something }}", CodeUnknownName, "something", `unknown name "something"`, `attr["something"]`},
		{"{{ has('phon') }}", CodeUnknownName, "'phon'", `unknown name "phon"`, "did you mean phone?"},
		{"{{ answer.totl }}", CodeUnknownName, "totl", "no ask can save", "total"},
		{"{{ secret.key }}", CodeUnknownName, "key", "secret.key cannot be read here", "request"},
		{"{{ bot }}", CodeUnknownName, "bot", "bot needs the name", "bot.x"},
		{"{{ money }}", CodeUnknownName, "money", "money is a function", "money(1280000"},
		{"{{ $env }}", CodeUnknownName, "$env", `unknown name "$env"`, ""},
		{"{{ t('statu', 'x') }}", CodeUnknownName, "'statu'", `no table "statu"`, "status"},
		{"{{ let total = 1; total }}", CodeReserved, "total", `"total" already means something`, ""},
		{"{{ let y = 1; let y = 2; y }}", CodeReserved, "y = 2", `"y" already means something`, ""},
		// Functions.
		{"{{ mony(total, 'VND') }}", CodeUnknownFunction, "mony", `unknown function "mony"`, "did you mean money?"},
		{"{{ reduce(orders, # + 1, 0) }}", CodeUnknownFunction, "reduce", "reduce is not available", "sum"},
		{"{{ first_name() }}", CodeUnknownFunction, "first_name", "unknown function", "without ()"},
		{"{{ money(total) }}", CodeType, "money", "money takes 2 to 3 arguments, not 1", "money(amount number"},
		{"{{ now(1) }}", CodeType, "now", "now takes no arguments, not 1", ""},
		{"{{ money(first_name, 'VND') }}", CodeType, "first_name", `"amount" of money needs a number but got text`, "float(first_name)"},
		{"{{ upper(tags) }}", CodeType, "tags", "upper needs text but got a list", "join(tags"},
		{"{{ filter(tags, 'x') }}", CodeType, "'x'", "the condition of filter needs a boolean", "compare"},
		{"{{ filter(orders, any(tags, # == 'a')) }}", CodeLimit, "any", "any cannot stand inside the condition of filter", "let"},
		// Constants.
		{"{{ money(1, 'XXX') }}", CodeArgument, "'XXX'", `unknown currency "XXX"`, ""},
		{"{{ money(total, 'XXX') }}", CodeArgument, "'XXX'", `unknown currency "XXX"`, ""},
		{"{{ date(now, 'DD/QQ') }}", CodeArgument, "'DD/QQ'", `unknown "QQ"`, ""},
		{"{{ date('31/02/2024') }}", CodeArgument, "'31/02/2024'", "needs a date", ""},
		{"{{ due < 'soon' }}", CodeArgument, "'soon'", "needs a date", ""},
		{"{{ e164('1', 'XX') }}", CodeArgument, "'XX'", `unknown region "XX"`, ""},
		{"{{ open('9-5') }}", CodeArgument, "'9-5'", "hours are written as", ""},
		{"{{ open('09:00-17:00', 'funday') }}", CodeArgument, "'funday'", "days are written as", ""},
		{"{{ duration('2 years') }}", CodeArgument, "'2 years'", "needs a duration", ""},
		{"{{ hash('a', 'crc') }}", CodeArgument, "'crc'", "unknown algorithm", ""},
		{"{{ first_name matches '(' }}", CodeArgument, "'('", "the pattern cannot be read", ""},
		{"{{ 1 / 0 }}", CodeArgument, "/", "cannot divide by zero", ""},
		{"{{ repeat('abc', 100000) }}", CodeArgument, "repeat", "more than 64 KB", ""},
		{"{{ 10 ** 400 }}", CodeArgument, "**", "too large", ""},
		{"{{ fromJSON('{') }}", CodeArgument, "fromJSON", "ends too early", ""},
		// Types.
		{"{{ total contains 'a' }}", CodeType, "total", `"contains" needs text but got a number`, "string(total)"},
		{"{{ total == 'a' }}", CodeType, "==", "a number is never equal to text", "string(total)"},
		{"{{ first_name > 5 }}", CodeType, ">", `">" cannot compare text with a number`, "float(first_name)"},
		{"{{ vip > false }}", CodeType, ">", "has no order", ""},
		{"{{ first_name * 2 }}", CodeType, "first_name", `"*" needs a number but got text`, "float(first_name)"},
		{"{{ due + 1 }}", CodeType, "+", "cannot work on a date and a number", "days("},
		{"{{ due * 2 }}", CodeType, "*", "cannot work on a date", ""},
		{"{{ tags + tags }}", CodeType, "+", "does not join lists", "concat"},
		{"{{ vip + 1 }}", CodeType, "+", "cannot add a boolean", ""},
		{"{{ not phone }}", CodeType, "phone", `"not" needs a boolean (true or false) but got text`, `has("phone")`},
		{"{{ phone ? 1 : 2 }}", CodeType, "phone", "a condition needs a boolean", `has("phone")`},
		{"{{ 'x' in total }}", CodeType, "in", `"in" needs a list but got a number`, ""},
		{"{{ total.x }}", CodeType, "x", "a number has no members", ""},
		{"{{ tags.code }}", CodeType, "code", "a list has items, not members", "tags[0].code"},
		{"{{ now.Year }}", CodeType, "Year", "has no members", ""},
		{"{{ total[1:2] }}", CodeType, "[", "cannot be cut", ""},
		{"{{ first_name matches last_name }}", CodeType, "last_name", "constant text", ""},
	} {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			tpl, problems := s.Template(c.text)
			if tpl != nil || len(problems) != 1 {
				t.Fatalf("want one problem, got %d: %v", len(problems), problems)
			}
			p := problems[0]
			if p.Code != c.code || !strings.Contains(p.Message, c.message) || !strings.Contains(p.Hint, c.hint) || p.Warning {
				t.Errorf("got  %s: %s (%s)\nwant %s: %s (%s)", p.Code, p.Message, p.Hint, c.code, c.message, c.hint)
			}
			if p.Offset > len(c.text) || !strings.HasPrefix(c.text[p.Offset:], c.at) {
				t.Errorf("offset %d, want the place of %q", p.Offset, c.at)
			}
		})
	}
}

func TestTemplateWarnings(t *testing.T) {
	t.Parallel()
	s := shop(t).With(map[string]any{"o": map[string]any{"code": "A1", "total": 5.0, "paid": "maybe"}})
	for _, c := range []struct{ text, at, message, hint string }{
		{"{{ orders[0].cod }}", "cod", `the sample of this value has no "cod"`, "did you mean code?"},
		{"{{ orders.code }}", "code", "the sample of orders is a list", "[0]"},
		{"{{ map(orders, .stat) }}", "stat", `the sample of # has no "stat"`, "it has code, items"},
		{"{{ first(orders).price }}", "price", `has no "price"`, ""},
		{"{{ filter(orders, .total > 1)[0].items[0].nope }}", "nope", `has no "nope"`, "it has sku"},
		{"{{ let f = orders[0]; f.nope }}", "nope", `has no "nope"`, ""},
		{"{{ o.pric }}", "pric", `the sample of o has no "pric"`, "it has code"},
		{"{{ o.paid ? 1 : 2 }}", "paid", "a condition needs a boolean (true or false) but the sample has the text", ""},
	} {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			tpl, problems := s.Template(c.text)
			if tpl == nil || len(problems) != 1 || !problems[0].Warning {
				t.Fatalf("want one warning, got %v", problems)
			}
			p := problems[0]
			if !strings.Contains(p.Message, c.message) || !strings.Contains(p.Hint, c.hint) {
				t.Errorf("got  %s (%s)\nwant %s (%s)", p.Message, p.Hint, c.message, c.hint)
			}
			if !strings.HasPrefix(c.text[p.Offset:], c.at) {
				t.Errorf("offset %d, want the place of %q", p.Offset, c.at)
			}
		})
	}
	for _, text := range []string{"{{ orders[0].code }}", "{{ orders[0].note }}", "{{ profile.anything.at.all }}", "{{ o.code + o.total }}"} {
		if _, problems := s.Template(text); problems != nil {
			t.Errorf("%s: %v", text, problems)
		}
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	_, problems := shop(t).Template("{{ a1 }} {{ b1(2) }} {{ upper(c1, d1) }} {{ total ] }}")
	var codes []string
	for _, p := range problems {
		codes = append(codes, p.Code)
	}
	want := "expression:unknown_name expression:unknown_function expression:type expression:syntax"
	if got := strings.Join(codes, " "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
