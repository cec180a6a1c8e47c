package expression

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestProgramEval(t *testing.T) {
	t.Parallel()
	s := shop(t)
	midnight := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, saigon) }
	for _, c := range []struct {
		text string
		want Type
		out  any
	}{
		{"total > 5", Boolean, true},
		{"orders[0].paid", Boolean, true},
		{"orders[1].paid", Boolean, false},
		{"total", Number, 1280000.0},
		{"orders[0].total", Number, 1280000.0},
		{"first_name", Text, "Mai"},
		{"orders[0].total", Text, "1280000"},
		{"due", Date, day{midnight(2024, 3, 10)}},
		{"shipped_at", Date, day{midnight(2024, 3, 8)}},
		{"due", DateTime, midnight(2024, 3, 10)},
		{"today + days(1)", Any, day{midnight(2024, 3, 9)}},
		{"orders[0].due", Date, nil},
		{"tags", List, []any{"vip", "new"}},
		{"orders", List, full().Attributes["orders"]},
		{"orders[7].items", List, []any{}},
		{"{a: [due, shipped_at]}", JSON, map[string]any{"a": []any{"2024-03-10", "2024-03-08T01:00:00.25Z"}}},
		{"orders[1].total", Any, json.Number("12345678901234567890")},
		{"nil", Any, nil},
		{"nil", Number, 0.0},
		{"duration('90m')", Any, 90 * time.Minute},
	} {
		t.Run(c.text+" as "+string(c.want), func(t *testing.T) {
			t.Parallel()
			p, problems := s.Expression(c.text, c.want)
			if failed(problems) {
				t.Fatal(problems)
			}
			got, err := p.Eval(s.Env(full()), nil)
			if at, ok := c.out.(time.Time); ok && err == nil && at.Equal(got.(time.Time)) {
				return
			}
			if d, ok := c.out.(day); ok && err == nil && d.Equal(got.(day).Time) {
				return
			}
			if err != nil || !reflect.DeepEqual(got, c.out) {
				t.Errorf("got %#v, %v, want %#v", got, err, c.out)
			}
		})
	}
}

func TestTemplateEvalKeepsType(t *testing.T) {
	t.Parallel()
	s := shop(t)
	for text, want := range map[string]any{
		"{{ total }}":       1280000.0,
		"{{ vip }}":         true,
		"{{ tags }}":        []any{"vip", "new"},
		"{{ total }} ":      "1280000 ",
		"{{ vip }}{{ vip}}": "truetrue",
		"text":              "text",
		"{{ last_name }}":   "",
	} {
		tpl, problems := s.Template(text)
		if problems != nil {
			t.Fatal(problems)
		}
		if got, err := tpl.Eval(s.Env(full()), nil); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q gives %#v, %v, want %#v", text, got, err, want)
		}
	}
}

func TestExpressionWants(t *testing.T) {
	t.Parallel()
	s := shop(t)
	for _, c := range []struct {
		text string
		want Type
		hint string
	}{
		{"phone", Boolean, `has("phone")`},
		{"total", Text, "string(total)"},
		{"first_name", Number, "float(first_name)"},
		{"first_name", Date, "date(first_name)"},
		{"total", DateTime, ""},
		{"total", List, ""},
		{"tags", Number, ""},
		{"orders", Boolean, ""}, // its sample is a list: a warning
	} {
		p, problems := s.Expression(c.text, c.want)
		if len(problems) != 1 || problems[0].Code != CodeType || !strings.Contains(problems[0].Hint, c.hint) || (p != nil) != problems[0].Warning {
			t.Errorf("%s as %s: %v", c.text, c.want, problems)
		}
	}
}

func TestEvalErrors(t *testing.T) {
	t.Parallel()
	s := shop(t).WithSecrets()
	for text, want := range map[string]string{
		"total / len(last_name)":               `{{ total / len(last_name) }}: "/" cannot divide by zero`,
		"orders[0].code * 2":                   `{{ orders[0].code * 2 }}: "*" needs a number but got the text "A1024"`,
		"money(total, orders[0].code)":         `unknown currency "A1024"`,
		"repeat(first_name, total)":            `repeat: makes more than 64 KB of text`,
		"secret.none":                          `secret.none is not set: use blockcast secrets set`,
		"float(secret.shop_key)":               `{{ float(secret.shop_key) }} could not be computed`,
		"sum(orders, .code)":                   `sum needs a number but got the text "A1024"`,
		"e164(orders[0].phone ?? '0912')":      `"0912" is a national number`,
		"date(first_name)":                     `"when" of date needs a date such as`,
		"not orders[0].code":                   `"not" needs a boolean (true or false) but got the text "A1024"`,
		"due + days(total)":                    `a duration is at most 10 years`,
		"date('9999-12-31') + days(len(tags))": `the date is out of range`,
	} {
		p, problems := s.Expression(text, Any)
		if failed(problems) {
			t.Fatal(problems)
		}
		v := full()
		v.Facts["locale"] = ""
		got, err := p.Eval(s.Env(v), nil)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s gives %v, %v, want the error %s", text, got, err, want)
		}
	}
}

func TestEvalResultIsTheCallers(t *testing.T) {
	t.Parallel()
	s := shop(t)
	v := full()
	e := s.Env(v)
	p, _ := s.Expression("orders", Any)
	got, err := p.Eval(e, nil)
	if err != nil {
		t.Fatal(err)
	}
	got.([]any)[0].(map[string]any)["code"] = "changed"
	if again, _ := p.Eval(e, nil); again.([]any)[0].(map[string]any)["code"] != "A1024" {
		t.Error("changing a result changed the turn's values")
	}
}

func TestItem(t *testing.T) {
	t.Parallel()
	s := shop(t)
	p, _ := s.Expression("filter(orders, .total > 0)", List)
	want := map[string]any{"code": "A1024", "status": "shipping", "total": 1280000.0, "note": "gift", "items": []any{map[string]any{"sku": "x"}}}
	if got := p.Item(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if _, problems := s.With(map[string]any{"o": p.Item()}).Template("{{ o.note }} {{ o.nope }}"); len(problems) != 1 || !problems[0].Warning {
		t.Errorf("got %v", problems)
	}
	if p, _ := s.Expression("tags", List); p.Item() != nil {
		t.Errorf("tags have no sample, got %v", p.Item())
	}
}

func TestEnvSet(t *testing.T) {
	t.Parallel()
	s := shop(t)
	v := full()
	e := s.Env(v)
	tpl, _ := s.Template("{{ first_name }} {{ total }} {{ attr['new'] }} {{ due }} {{ shipping_address }}")
	read := func(want string) {
		t.Helper()
		if got, err := tpl.Text(e, nil); err != nil || got != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	read("Mai 1280000  2024-03-10 12 Lê Lợi")
	e.Set("first_name", "Lan")
	e.Set("total", 5.0)
	e.Set("new", "here")
	e.Set("due", nil)
	e.Set("shipping address", "x")
	read("Lan 5 here  x")
	e.Set("total", nil)
	read("Lan 0 here  x")
	if v.Facts["first_name"] != "Mai" || v.Attributes["total"] != 1280000.0 {
		t.Error("Set wrote to the caller's maps")
	}
}

// TestEnvOfAnotherDocument runs a text of one document in the turn of another.
func TestEnvOfAnotherDocument(t *testing.T) {
	t.Parallel()
	one := shop(t)
	two, _ := NewScope(Options{Attributes: []Declaration{{Name: "order_id", Type: Text}, {Name: "z", Type: Number, Default: json.Number("9")}}})
	e := one.Env(full())
	e.Set("order_id", "B1")
	for range 2 {
		for s, text := range map[*Scope]string{one: "{{ order_id }} {{ total }}", two: "{{ order_id }} {{ z }}"} {
			tpl, problems := s.Template(text)
			if problems != nil {
				t.Fatal(problems)
			}
			got, err := tpl.Text(e, nil)
			if want := map[*Scope]string{one: "B1 1280000", two: "B1 9"}[s]; err != nil || got != want {
				t.Errorf("%s gives %q, %v, want %q", text, got, err, want)
			}
		}
	}
}

func TestKeptBeforeDeclared(t *testing.T) {
	t.Parallel()
	s := shop(t)
	v := Values{Attributes: map[string]any{"total": "12", "points": "many", "due": "30/12/2023", "vip": "có", "order_id": json.Number("7")}}
	if got := render(t, s, v, "{{ total + 1 }} {{ points }} {{ due }} {{ vip }} {{ order_id }}", nil); got != "13 5 2023-12-30 true 7" {
		t.Error(got)
	}
}

func TestSeed(t *testing.T) {
	t.Parallel()
	s := shop(t)
	text := "{{ random(1, 1000000) }} {{ pick('a', 'b', 'c', 'd') }} {{ random(1, 1000000) }}"
	v := full()
	first := render(t, s, v, text, nil)
	if again := render(t, s, v, text, nil); again != first {
		t.Errorf("the same seed gives %q and %q", first, again)
	}
	if parts := strings.Fields(first); parts[0] == parts[2] {
		t.Errorf("two throws of one turn are alike: %q", first)
	}
	v.Seed++
	if other := render(t, s, v, text, nil); other == first {
		t.Errorf("another seed gives the same %q", other)
	}
}
