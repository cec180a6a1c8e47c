package expression

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzTemplate checks and runs any text, in an empty turn and in one whose
// values are as large as they can be: it must not panic, its work must end at
// MaxSteps and its text at MaxText, and its problems must point into it.
func FuzzTemplate(f *testing.F) {
	s, large := heavy(f)
	s = s.With(map[string]any{"o": map[string]any{"a": 1.0}}).WithSecrets()
	f.Fuzz(func(t *testing.T, text string) {
		tpl, problems := s.Template(text)
		checkProblems(t, text, problems)
		if (tpl == nil) != failed(problems) {
			t.Fatalf("a template with problems, or none without: %v", problems)
		}
		if tpl == nil {
			return
		}
		for _, v := range []Values{{}, large} {
			e := s.Env(v)
			got, err := tpl.Text(e, map[string]any{"o": large.Attributes["deep"]})
			if err != nil && got != "" || len(got) > MaxText || e.steps > mostSteps {
				t.Fatalf("%d bytes in %d steps, %v", len(got), e.steps, err)
			}
			if again, err2 := tpl.Text(s.Env(v), map[string]any{"o": large.Attributes["deep"]}); again != got || (err == nil) != (err2 == nil) {
				t.Fatalf("the same turn gives %q and %q", got, again)
			}
		}
	})
}

// FuzzExpression does the same for expressions of any wanted type, whose values
// must be of the type and of bounded size.
func FuzzExpression(f *testing.F) {
	s, large := heavy(f)
	wants := append(Types(), Any)
	f.Fuzz(func(t *testing.T, text string, kind uint8) {
		want := wants[int(kind)%len(wants)]
		p, problems := s.Expression(text, want)
		checkProblems(t, text, problems)
		if (p == nil) != failed(problems) {
			t.Fatalf("a program with problems, or none without: %v", problems)
		}
		if p == nil {
			return
		}
		for _, v := range []Values{{}, large} {
			e := s.Env(v)
			got, err := p.Eval(e, nil)
			if e.steps > mostSteps {
				t.Fatalf("%d steps", e.steps)
			}
			if err != nil {
				continue
			}
			if !isOf(want, got) {
				t.Fatalf("%s gives %#v", want, got)
			}
			c := copier{}
			if _, err := c.copy(got, 0); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func checkProblems(t *testing.T, text string, problems []*Problem) {
	t.Helper()
	for _, p := range problems {
		if p.Offset < 0 || p.Offset > len(text) || p.Code == "" || p.Message == "" {
			t.Fatalf("%#v does not point into %q", p, text)
		}
	}
}

// isOf reports whether Eval may return the value for the wanted type.
func isOf(want Type, v any) bool {
	ok := true
	switch want {
	case Text:
		_, ok = v.(string)
	case Number:
		_, ok = v.(float64)
	case Boolean:
		_, ok = v.(bool)
	case List:
		_, ok = v.([]any)
	case Date:
		_, ok = v.(day)
		ok = ok || v == nil
	case DateTime:
		_, ok = v.(time.Time)
		ok = ok || v == nil
	}
	return ok
}

// FuzzConvert converts any text, and any JSON, to every type: what is kept must
// convert to itself and read back as the same.
func FuzzConvert(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string, monthDay bool) {
		l := Locale{Zone: saigon, MonthDay: monthDay}
		values := []any{text}
		if v, err := readJSON(text); err == nil {
			values = append(values, v)
		}
		for _, to := range Types() {
			for _, v := range values {
				kept, err := Convert(to, v, l)
				if err != nil {
					continue
				}
				if s, ok := kept.(string); ok && to == JSON {
					b, err := json.Marshal(s)
					if err != nil {
						t.Fatal(err)
					}
					kept = string(b) // or it would be read as JSON again
				}
				again, err := Convert(to, kept, l)
				if to == JSON && err == nil {
					kept, _ = Convert(to, kept, l)
				}
				if err != nil || !reflect.DeepEqual(again, kept) {
					t.Fatalf("%s %#v is kept as %#v and then as %#v, %v", to, v, kept, again, err)
				}
			}
		}
	})
}

// FuzzNames joins the words of any text: nothing moves, and what is quoted
// stays as it is.
func FuzzNames(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string) {
		got := joinWords(text)
		if len(got) != len(text) || utf8.ValidString(got) != utf8.ValidString(text) {
			t.Fatalf("%q becomes %q", text, got)
		}
		strip := strings.NewReplacer(" ", "", "\t", "", "\n", "", "\r", "", "_", "")
		if strip.Replace(got) != strip.Replace(text) {
			t.Fatalf("%q becomes %q", text, got)
		}
	})
}

// FuzzDuration reads any text as a duration: what is read is written and read
// again to the second.
func FuzzDuration(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDuration(text)
		if err != nil {
			return
		}
		if d < 0 || d > MaxDuration {
			t.Fatalf("%q is %v", text, d)
		}
		if again, err := ParseDuration(FormatDuration(d)); err != nil || again != d.Round(time.Second) {
			t.Fatalf("%v is written %q and read %v, %v", d, FormatDuration(d), again, err)
		}
	})
}

// FuzzRows writes any rows of a form as an expression: what cannot be written
// names its row, and no field and no value may say more than what it stands for.
// One row is one condition, and of a group each.
func FuzzRows(f *testing.F) {
	p := somePeople(f)
	for _, s := range []string{
		`{"field":"city","operator":"is","value":"Taipei\" or city != \""}`, `{"field":"city\"] or attr[\"","operator":"known"}`,
		`{"all":[{"field":"points","operator":"at_least","value":-0.5},{"any":[{"field":"received","operator":"is_not","value":"Tet"},{"field":"tags","operator":"contains","value":"vip"}]}]}`,
		`{"field":"hobbies","operator":"one_of","value":["a",[1e300,true]]}`, `{"field":"due","operator":"within_last","value":"30d"}`,
		`{"field":"Hạng thẻ","operator":"starts_with","value":"\u2028\ud800"}`, `{"all":[{"all":[{"all":[{"all":[{"all":[{"all":[{}]}]}]}]}]}]}`, `{"any":[{}],"field":"a"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, given []byte) {
		var r Row
		if json.Unmarshal(given, &r) != nil {
			return
		}
		text, err := p.Text(r)
		if wrong := (*RowError)(nil); err != nil && (!errors.As(err, &wrong) || wrong.Message == "" || text != "") {
			t.Fatalf("%q, %v", text, err)
		}
		if err != nil {
			return
		}
		q, problems := p.Question(text)
		checkProblems(t, text, problems)
		if (q == nil) != failed(problems) {
			t.Fatalf("a question with problems, or none without: %v", problems)
		}
		if q == nil {
			return
		}
		checkFilter(t, &q.Filter)
		if n, want := len(q.Conditions()), conditionsOf(r); n != want {
			t.Fatalf("%d conditions of %d rows: %s", n, want, text)
		}
	})
}

// conditionsOf counts what must hold all at once.
func conditionsOf(r Row) int {
	switch {
	case len(r.All) == 0 && len(r.Any) == 0, len(r.Any) > 1:
		return 1
	}
	n := 0
	for _, each := range slices.Concat(r.All, r.Any) {
		n += conditionsOf(each)
	}
	return n
}
