package expression

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestConvert(t *testing.T) {
	t.Parallel()
	vn := Locale{Zone: saigon}
	us := Locale{Zone: saigon, MonthDay: true}
	n := func(s string) json.Number { return json.Number(s) }
	for _, c := range []struct {
		to   Type
		from any
		l    Locale
		want any
	}{
		{Text, "Mai", vn, "Mai"},
		{Text, "", vn, ""},
		{Text, nil, vn, nil},
		{Text, n("12345678901234567890"), vn, "12345678901234567890"},
		{Text, n("0.10"), vn, "0.10"},
		{Text, n("1.5e3"), vn, "1500"},
		{Text, n("-12e-4"), vn, "-0.0012"},
		{Text, n("0e5"), vn, "0"},
		{Text, n("1e999"), vn, "1e999"},
		{Text, 1280000.0, vn, "1280000"},
		{Text, true, vn, "true"},
		{Text, time.Date(2024, 3, 8, 8, 0, 0, 0, saigon), vn, "2024-03-08T01:00:00Z"},

		{Number, n("1280000"), vn, 1280000.0},
		{Number, n("-0.5"), vn, -0.5},
		{Number, n("9007199254740992"), vn, 9007199254740992.0},
		{Number, " 12.50 ", vn, 12.5},
		{Number, "１２", vn, 12.0},
		{Number, int64(7), vn, 7.0},
		{Number, n("-0"), vn, 0.0},

		{Boolean, true, vn, true},
		{Boolean, "Yes", vn, true},
		{Boolean, "CÓ", vn, true},
		{Boolean, "co\u0301", vn, true},
		{Boolean, "không", vn, false},
		{Boolean, "是", vn, true},
		{Boolean, "否", vn, false},
		{Boolean, n("0"), vn, false},
		{Boolean, "1", vn, true},

		{Date, "30/12/2023", vn, "2023-12-30"},
		{Date, "30/12/2023 12:00:00", vn, "2023-12-30"},
		{Date, "12/30/2023", us, "2023-12-30"},
		{Date, "3-4-2024", vn, "2024-04-03"},
		{Date, "3.4.2024", us, "2024-03-04"},
		{Date, "2023-12-30", us, "2023-12-30"},
		{Date, "2023/1/2", vn, "2023-01-02"},
		{Date, "2023-12-30T20:00:00Z", vn, "2023-12-31"},
		{Date, "２０２４/０２/２９", vn, "2024-02-29"},
		{Date, time.Date(2024, 3, 8, 23, 0, 0, 0, saigon), Locale{}, "2024-03-08"},

		{DateTime, "30/12/2023 12:00:00", vn, "2023-12-30T05:00:00Z"},
		{DateTime, "30/12/2023 7:05", vn, "2023-12-30T00:05:00Z"},
		{DateTime, "30/12/2023", vn, "2023-12-29T17:00:00Z"},
		{DateTime, "2023-12-30T12:00:00+08:00", vn, "2023-12-30T04:00:00Z"},
		{DateTime, "2023-12-30T12:00:00.1234567Z", vn, "2023-12-30T12:00:00.123456Z"},
		{DateTime, "2023-12-30 12:00:00 -0530", Locale{}, "2023-12-30T17:30:00Z"},
		{DateTime, "2023-12-30T12:00", Locale{}, "2023-12-30T12:00:00Z"},
		{DateTime, time.Date(2024, 3, 8, 8, 0, 0, 1500, saigon), vn, "2024-03-08T01:00:00.000001Z"},

		{List, []any{n("1"), "a"}, vn, []any{1.0, "a"}},
		{List, `["a", 12345678901234567890]`, vn, []any{"a", n("12345678901234567890")}},
		{List, []string{"a"}, vn, []any{"a"}},
		{JSON, `{"a": [1, 2.5, 1e2]}`, vn, map[string]any{"a": []any{1.0, 2.5, 100.0}}},
		{JSON, n("0.12345678901234567890123"), vn, n("0.12345678901234567890123")},
		{JSON, map[string]any{"id": n("9007199254740993")}, vn, map[string]any{"id": n("9007199254740993")}},
		{JSON, `"text"`, vn, "text"},
		{JSON, true, vn, true},
	} {
		got, err := Convert(c.to, c.from, c.l)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("Convert(%s, %#v) = %#v, %v, want %#v", c.to, c.from, got, err, c.want)
		}
	}
}

func TestConvertRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		to   Type
		from any
		want string
	}{
		{Text, []any{"a"}, "needs text but got a list"},
		{Text, strings.Repeat("a", MaxText+1), "is longer than 64 KB"},
		{Number, "abc", `needs a number but got the text "abc"`},
		{Number, "", `needs a number but got the text ""`},
		{Number, "1,280,000", `needs a number`},
		{Number, "0x10", `needs a number`},
		{Number, "NaN", `needs a number`},
		{Number, true, "needs a number but got true"},
		{Number, json.Number("1e400"), "needs a number"},
		{Number, json.Number("9007199254740993"), `is "9007199254740993", but a number is kept exactly only up to 9007199254740992: declare it as text`},
		{Number, json.Number("12345678901234567890"), "declare it as text"},
		{Boolean, "maybe", `needs a boolean (true or false) but got the text "maybe"`},
		{Boolean, json.Number("2"), "but got the number 2"},
		{Date, "30/13/2023", `needs a date such as 30/12/2023 or 2023-12-30, with a time if you like, not "30/13/2023"`},
		{Date, "29/02/2023", "needs a date"},
		{Date, "1/2/24", "needs a date"},
		{Date, "30/12/2023 25:00", "needs a date"},
		{Date, "30/12/2023 x", "needs a date"},
		{Date, json.Number("5"), "needs a date but got the number 5"},
		{DateTime, "2023-12-30T12:00:00+99:00", "needs a date"},
		{DateTime, "", "needs a date"},
		{List, "a, b", `needs a list but got the text "a, b"`},
		{List, `{"a": 1}`, "needs a list but got a JSON object"},
		{List, make([]any, MaxItems+1), "is a list of 1001 items, of at most 1000"},
		{JSON, `{"a": `, "needs JSON but"},
		{JSON, `1 2`, `"1 2" is more than one value`},
		{JSON, strings.Repeat("[", 200) + strings.Repeat("]", 200), "is nested more than 100 deep"},
		{"colour", "red", `has the unknown type "colour"`},
	} {
		got, err := Convert(c.to, c.from, Locale{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Convert(%s, %#v) = %#v, %v, want the error %s", c.to, c.from, got, err, c.want)
		}
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"30m": 30 * time.Minute, "1.5h": 90 * time.Minute, "1d 12h": 36 * time.Hour, "2w": 14 * 24 * time.Hour, " 10s ": 10 * time.Second, "0s": 0,
	} {
		got, err := ParseDuration(text)
		if err != nil || got != want {
			t.Errorf("ParseDuration(%q) = %v, %v, want %v", text, got, err, want)
		}
		if again, err := ParseDuration(FormatDuration(got)); err != nil || again != got {
			t.Errorf("%v is written %q and read %v, %v", got, FormatDuration(got), again, err)
		}
	}
	for _, text := range []string{"", "5", "m", "5 minutes", "-5m", "1y", "99999w", "1..5h", "٣m"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("ParseDuration(%q) = %v", text, got)
		}
	}
	if got := FormatDuration(-90 * time.Minute); got != "-1h30m" {
		t.Error(got)
	}
}
