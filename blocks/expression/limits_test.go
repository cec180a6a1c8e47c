package expression

import (
	"strings"
	"testing"
)

// heavy is a turn whose values are as large as they can be.
func heavy(t testing.TB) (*Scope, Values) {
	t.Helper()
	s, problems := NewScope(Options{Attributes: []Declaration{
		{Name: "long", Type: Text}, {Name: "many", Type: List}, {Name: "deep", Type: JSON}, {Name: "n", Type: Number}, {Name: "due", Type: Date},
	}})
	if problems != nil {
		t.Fatal(problems)
	}
	many := make([]any, 2*MaxItems)
	for i := range many {
		many[i] = map[string]any{"i": float64(i), "s": strings.Repeat("đơn ", 20)}
	}
	var deep any = "end"
	for range MaxDepth - 2 {
		deep = []any{deep}
	}
	return s, Values{Attributes: map[string]any{
		"long": strings.Repeat("đơn hàng ", MaxText/12), "many": many, "deep": deep, "n": 1000.0, "due": "2024-03-10",
	}}
}

// TestWorkIsBounded runs what would take long, or make much, without limits.
func TestWorkIsBounded(t *testing.T) {
	t.Parallel()
	s, v := heavy(t)
	for _, c := range []struct{ text, want string }{
		{"map(many, replace(long, 'đ', 'd'))", "too many steps"},
		{"map(many, indexOf(long, 'x'))", "too many steps"},
		{"map(many, long matches '(a|b|c|đ)*x')", "too many steps"},
		{"map(many, long[1:2])", "too many steps"},
		{"map(many, many == many)", "too many steps"},
		{"map(many, title_case(long))", "too many steps"},
		{"uniq(map(many, .i))", "too many steps"},
		{"let a = map(1..1000, n - #); map(many, sort(a))", "too many steps"},
		{"map(many, json(many))", "more than 64 KB"},
		{"long + long", "more than 64 KB"},
		{"replace(long, 'đ', long)", "more than 64 KB"},
		{"repeat(long, n)", "more than 64 KB"},
		{"join(map(many, .s), long)", "more than 64 KB"},
		{"json(many)", "more than 64 KB"},
		{"string(many)", "more than 64 KB"},
		{"let a = 1..1000; let b = map(a, a); let c = map(a, b); c", "more than 100000 parts"},
		{"let a = 1..1000; let b = map(a, a); let c = map(a, b); json(c)", "more than 64 KB"},
		{"let a = 1..1000; let b = map(a, a); let c = map(a, b); c == map(a, b)", "too many steps"},
		{"let a = 1..1000; let b = map(a, a); b == b", "too many steps"},
		{"[[[deep]]]", "nested more than 100 deep"},
		{"json([[[deep]]])", "nested more than 100 deep"},
		{"2.5 ** n ** n", "too large"},
		{"due + duration('10w') * n", "at most 10 years"},
	} {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			p, problems := s.Expression(c.text, Any)
			if p == nil {
				t.Fatal(problems)
			}
			e := s.Env(v)
			got, err := p.Eval(e, nil)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %.100v, %v, want the error %s", got, err, c.want)
			}
			if e.steps > mostSteps {
				t.Errorf("took %d steps", e.steps)
			}
		})
	}
}

// mostSteps is where an evaluation has ended: the step that goes over the limit
// is the last one, and the dearest reads a whole text with a large pattern.
const mostSteps = MaxSteps + MaxText*MaxPattern/stepBytes

func TestListsAreCut(t *testing.T) {
	t.Parallel()
	s, v := heavy(t)
	if got := render(t, s, v, "{{ len(many) }} {{ len(push(many[1:], 1)) }} {{ len(concat(many, many)) }} {{ len(map(many, .i)) }} {{ len(split(long, ' ')) }}", nil); got != "1000 1000 1000 1000 1000" {
		t.Error(got)
	}
}

// TestCheckIsBounded checks texts that are too large to be checked.
func TestCheckIsBounded(t *testing.T) {
	t.Parallel()
	s, _ := heavy(t)
	for name, c := range map[string]struct{ text, code string }{
		"template":    {strings.Repeat("a", MaxTemplate+1), CodeLimit},
		"expressions": {strings.Repeat("{{n}}", MaxExpressions+1), CodeLimit},
		"expression":  {"{{ '" + strings.Repeat("a", MaxExpression) + "' }}", CodeLimit},
		"parts":       {"{{ " + strings.Repeat("n+", MaxNodes) + "n }}", CodeLimit},
		"shared":      {"{{ " + strings.Repeat("(", 30) + "has('n')" + strings.Repeat("?:true)", 30) + " }}", CodeLimit},
		"constants":   {"{{ [" + strings.Repeat("repeat('a', 60000),", 100) + "] }}", CodeArgument},
		"pattern":     {"{{ long matches '(a{30}){50}' }}", CodeArgument},
		"deep":        {"{{ " + strings.Repeat("(", 2000) + "n" + strings.Repeat(")", 2000) + " + }}", CodeSyntax},
		"lists":       {"{{ " + strings.Repeat("[", 1200) + strings.Repeat("]", 1200) + " }}", CodeLimit},
	} {
		tpl, problems := s.Template(c.text)
		if tpl != nil || len(problems) == 0 || problems[0].Code != c.code {
			t.Errorf("%s: %v", name, problems)
		}
	}
}
