package expression

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// TestDynamic computes with values whose types only show when they are there.
func TestDynamic(t *testing.T) {
	t.Parallel()
	s := shop(t).With(map[string]any{"d": nil})
	d := map[string]any{"d": map[string]any{
		"i": 7, "i64": int64(8), "u": uint64(9), "f32": float32(0.5), "n": json.Number("1.5"), "big": json.Number("12345678901234567890"), "num": "12.5",
		"s": "abc", "yes": "có", "empty": "", "day": "2024-03-10", "at": time.Date(2024, 3, 8, 1, 0, 5, 0, time.UTC), "len": 90 * time.Minute,
		"strings": []string{"a", "b"}, "floats": []float64{1, 2}, "maps": []map[string]any{{"k": 1}}, "texts": map[string]string{"k": "v"}, "none": map[string]any{},
	}}
	for _, c := range []struct{ text, want string }{
		{"{{ d.i + d.i64 + d.u }} {{ d.f32 * 2 }} {{ d.n + 1 }} {{ d.big }}", "24 1 2.5 12345678901234567890"},
		{"{{ d.num + 1 }} {{ d.num * 2 }} {{ d.num - d.i }} {{ d.s + d.i }} {{ d.i + d.none }}", "12.51 25 5.5 abc7 7"},
		{"{{ d.i < d.num }} {{ d.s < 'b' }} {{ d.s >= d.empty }} {{ d.i == 7 }} {{ d.num == 12.5 }} {{ d.missing < 1 }}", "true true true true false true"},
		{"{{ d.yes ? 1 : 2 }} {{ d.empty ? 1 : 2 }} {{ d.missing ? 1 : 2 }} {{ d.none ? 1 : 2 }} {{ not d.missing }}", "1 2 2 2 true"},
		{"{{ d.day > today }} {{ due == d.day }} {{ d.day == due }} {{ due == d.s }} {{ date(d.day, 'D/M') }} {{ due - d.day }}", "true true true false 10/3 0s"},
		{"{{ d.at }} {{ d.at == today }} {{ today == d.at }} {{ d.at - d.len }} {{ d.len + d.len }} {{ d.missing - d.len }}", "2024-03-08 01:00:05 true true 2024-03-07 23:30:05 3h "},
		{"{{ d.len > duration('1h') }} {{ d.len < '2h' }} {{ d.len == duration('90m') }} {{ now + d.len }} {{ d.len + now }}", "true true true 2024-03-08 11:00 2024-03-08 11:00"},
		{"{{ d.strings }} {{ d.floats }} {{ d.maps[0].k }} {{ d.texts.k }} {{ 'a' in d.strings }} {{ d.strings contains 'b' }}", "a, b 1, 2 1 v true true"},
		{"{{ 'k' in d.texts }} {{ 'b' in d.s }} {{ d.s contains 'c' }} {{ 'x' in d.missing }} {{ 'x' in d.none }} {{ d.missing contains 'x' }}", "true true true false false false"},
		{"{{ d.s[d.missing] }} {{ d.strings[d.i - 6] }} {{ d.strings['a'] }} {{ d[d.s] }} {{ d['s'] }} {{ d.strings[0.5] }}", " b   abc "},
		{"{{ d.strings[1:] }} {{ d.s[-2:] }} {{ d.missing[1:] }} {{ len(d.missing) }} {{ len(d.texts) }} {{ keys(d.texts) }} {{ values(d.none) }}", "b bc  0 1 k "},
		{"{{ bot[d.s] }}{{ send['order' + '_id'] }} {{ answer['to' + 'tal'] }} {{ attr[d.s] }}", "S1 12 "},
		{"{{ int(true) }} {{ float('１２') }} {{ min(d.floats) }} {{ max(d.i, d.num, '3') }} {{ sum(d.missing) }}", "1 12 1 12.5 0"},
		{"{{ json(d.len) }} {{ json(d.at) }} {{ d.maps }} {{ [nil] }}", `"1h30m" "2024-03-08T01:00:05Z" [{"k":1}] [null]`},
		{"{{ 'a' + d.missing }} {{ nil == d.missing }} {{ d.none == nil }} {{ d.missing == 0 }} {{ d.missing == '' }} {{ d.s == nil }}", "a true true true true false"},
	} {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			if got := render(t, s, full(), c.text, d); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
	for text, want := range map[string]string{
		"d.s * 2":               `needs a number but got the text "abc"`,
		"d.s < 5":               `"<" needs a number`,
		"d.strings * 2":         "but got a list",
		"d.s and true":          "needs a boolean (true or false)",
		"map(d.s, #)":           "map needs a list",
		"d.i[1:]":               "only lists and texts can be cut, not the number 7",
		"len(d.i)":              "only texts, lists and objects have a length",
		"keys(d.i)":             "needs a JSON value but got the number 7",
		"d.i in d.i":            `"in" needs a list`,
		"due < d.i":             "needs a date or time but got the number 7",
		"now + d.i":             "needs a duration but got the number 7",
		"sort(tags, d.s)":       `the order is "asc" or "desc"`,
		"sort([1, {a: 2}])":     "but got a JSON object",
		"weekday(now, d.s)":     `unknown language "abc"`,
		"open(d.s)":             "hours are written as",
		"round(1.5, d.i64 * 2)": "decimals are a whole number",
		"random(d.i, 1)":        "no whole number in that range",
	} {
		p, problems := s.Expression(text, Any)
		if p == nil {
			t.Errorf("%s: %v", text, problems)
			continue
		}
		if got, err := p.Eval(s.Env(full()), d); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s gives %v, %v, want the error %s", text, got, err, want)
		}
	}
}

func TestFacts(t *testing.T) {
	t.Parallel()
	s := shop(t)
	writable := ""
	for _, f := range Facts() {
		if f.Doc == "" || !f.Type.Declarable() {
			t.Errorf("%s is not documented", f.Name)
		}
		if _, problems := s.Template("{{ " + f.Name + " }}"); problems != nil {
			t.Errorf("%s cannot be read: %v", f.Name, problems)
		}
		if found, ok := FactNamed(strings.ReplaceAll(f.Name, "_", " ")); !ok || found != f {
			t.Errorf("FactNamed does not find %s", f.Name)
		}
		if f.Writable {
			writable += f.Name + " "
		}
	}
	if want := "first_name last_name name gender birthday locale language time_zone profile_pic phone email external_id "; writable != want {
		t.Errorf("writable are %s", writable)
	}
	if _, ok := FactNamed("order_id"); ok {
		t.Error("order_id is no fact")
	}
}

func TestProgramSays(t *testing.T) {
	t.Parallel()
	s := shop(t)
	for text, want := range map[string]Type{"total": Number, "due ?? now": DateTime, "days(1)": Any, "nil": Any, "orders": JSON, "vip ? 1 : 'a'": Any} {
		p, _ := s.Expression(text, Any)
		tpl, _ := s.Template("{{" + text + "}}")
		if p.Type() != want || tpl.Type() != want || p.Source() != text {
			t.Errorf("%s is %s and %s, want %s", p.Source(), p.Type(), tpl.Type(), want)
		}
	}
	if tpl, _ := s.Template("{{ total }}!"); tpl.Type() != Text {
		t.Error(tpl.Type())
	}
	if p := (&Problem{Message: "a", Hint: "b"}); p.Error() != "a (b)" || (&Problem{Message: "a"}).Error() != "a" {
		t.Error(p)
	}
}
