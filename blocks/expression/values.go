package expression

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Inside an expression a value is one of: nil, string, float64, bool, day,
// time.Time (in the turn's zone), time.Duration, []any, map[string]any, and
// json.Number for a number that float64 cannot hold exactly.

// day is a date: midnight in the turn's zone.
type day struct{ time.Time }

// MarshalJSON writes a date as it is kept, not as the instant it begins.
func (d day) MarshalJSON() ([]byte, error) { return json.Marshal(keptTime(d)) }

func dayOf(t time.Time) day {
	y, m, d := t.Date()
	return day{time.Date(y, m, d, 0, 0, 0, 0, t.Location())}
}

// plain makes of a value from outside one of the kinds above. Lists are cut at
// MaxItems; what is inside lists and maps is made plain when it is reached.
func plain(given any) any {
	// What is plain already goes back as it came: in another box it would be
	// allocated anew.
	switch v := given.(type) {
	case nil, string, bool, day, time.Time, time.Duration, map[string]any:
		return given
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
		return given
	case []any:
		if len(v) > MaxItems {
			return cut(v)
		}
		return given
	case json.Number:
		if f, exact := exactFloat(v.String()); exact {
			return f
		}
		return given
	case int:
		return float64(v)
	case int64:
		return float64(v)
	case int32:
		return float64(v)
	case uint64:
		return float64(v)
	case float32:
		return plain(float64(v))
	case []string:
		return listOf(v)
	case []float64:
		return listOf(v)
	case []map[string]any:
		return listOf(v)
	case map[string]string:
		m := make(map[string]any, len(v))
		for k, s := range v {
			m[k] = s
		}
		return m
	case fmt.Stringer:
		return v.String()
	}
	return fmt.Sprint(given)
}

func listOf[T any](items []T) []any {
	items = items[:min(len(items), MaxItems)]
	list := make([]any, len(items))
	for i, item := range items {
		list[i] = item
	}
	return list
}

// isEmpty reports whether the value counts as unset for ?? and has.
func isEmpty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	case time.Time:
		return v.IsZero()
	}
	return false
}

// kindOf names what a value is, for messages.
func kindOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "nothing"
	case string:
		return "the text " + quote(v)
	case float64:
		return "the number " + string(appendNumber(nil, v))
	case json.Number:
		return "the number " + v.String()
	case bool:
		return strconv.FormatBool(v)
	case day:
		return "a date"
	case time.Time:
		return "a date and time"
	case time.Duration:
		return "a duration"
	case []any:
		return "a list"
	}
	return "a JSON object"
}

func mismatch(want Type, v any) error {
	return fmt.Errorf("needs %s but got %s", want.phrase(), kindOf(v))
}

// asNumber reads a value as a number. What is missing is 0, and a text that is
// a number counts: foreign JSON often writes them so.
func asNumber(v any) (float64, error) {
	switch v := v.(type) {
	case float64:
		return v, nil
	case nil:
		return 0, nil
	case json.Number:
		return v.Float64()
	case string:
		if f, ok := parseNumber(v); ok {
			return f, nil
		}
		if strings.TrimSpace(v) == "" {
			return 0, nil
		}
	case map[string]any:
		if len(v) == 0 {
			return 0, nil
		}
	}
	return 0, mismatch(Number, v)
}

// maxNumber is the longest text that can be a number, in bytes.
const maxNumber = 400

// parseNumber reads decimal notation only: no hexadecimal, infinity or
// underscores.
func parseNumber(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > maxNumber || strings.Trim(s, "0123456789+-.eE") != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}

func asBoolean(v any) (bool, error) {
	switch v := v.(type) {
	case bool:
		return v, nil
	case nil:
		return false, nil
	case string:
		if v == "" {
			return false, nil
		}
		if b, ok := readBoolean(v); ok {
			return b, nil
		}
	case map[string]any:
		if len(v) == 0 {
			return false, nil
		}
	}
	return false, mismatch(Boolean, v)
}

func asList(v any) ([]any, error) {
	switch v := v.(type) {
	case []any:
		return cut(v), nil
	case nil:
		return nil, nil
	case string:
		if v == "" {
			return nil, nil
		}
	case map[string]any:
		if len(v) == 0 { // an unset JSON attribute
			return nil, nil
		}
	}
	return nil, mismatch(List, v)
}

// asMoment reads a value as a day or time.Time, nil when it is missing.
func (e *Env) asMoment(v any) (any, error) {
	switch v := v.(type) {
	case day, time.Time, nil:
		return v, nil
	case string:
		if strings.TrimSpace(v) == "" {
			return nil, nil
		}
		return e.parseMoment(v)
	case map[string]any:
		if len(v) == 0 {
			return nil, nil
		}
	}
	return nil, mismatch(moment, v)
}

// parseMoment reads a date or a date and time in a text, in the bot's order of
// day and month.
func (e *Env) parseMoment(s string) (any, error) {
	l := Locale{Zone: e.values.Zone, MonthDay: e.values.MonthDay}
	p, err := parseMoment(s, l)
	if err != nil && e.either {
		l.MonthDay = !l.MonthDay
		p, err = parseMoment(s, l)
	}
	if err != nil {
		return nil, err
	}
	if !p.timed {
		return day{p.at}, nil
	}
	return p.at.In(e.values.Zone), nil
}

// timeOf returns the instant of a moment, false for nil.
func timeOf(v any) (time.Time, bool) {
	switch v := v.(type) {
	case day:
		return v.Time, true
	case time.Time:
		return v, true
	}
	return time.Time{}, false
}

// asText prints a value.
func (e *Env) asText(v any) (string, error) {
	if s, ok := v.(string); ok {
		return s, nil
	}
	b, err := appendValue(nil, v)
	if err != nil {
		return "", err
	}
	return string(b), nil
}

// as makes a value of a dynamic type one of the wanted type.
func (e *Env) as(want Type, v any) (any, error) {
	switch want {
	case Number:
		f, err := asNumber(v)
		return f, err
	case Boolean:
		b, err := asBoolean(v)
		return b, err
	case Text:
		s, err := e.asText(v)
		return s, err
	case List:
		l, err := asList(v)
		return l, err
	case moment:
		return e.asMoment(v)
	case Date:
		return e.asDate(v)
	case DateTime:
		m, err := e.asMoment(v)
		if at, ok := timeOf(m); ok {
			return at, nil
		}
		return nil, err
	case duration:
		return asDuration(v)
	}
	return v, nil
}

func (e *Env) asDate(v any) (any, error) {
	m, err := e.asMoment(v)
	if at, ok := m.(time.Time); ok {
		return dayOf(at), nil
	}
	return m, err
}

func asDuration(v any) (any, error) {
	switch v := v.(type) {
	case time.Duration:
		return v, nil
	case nil:
		return time.Duration(0), nil
	case string:
		return ParseDuration(v)
	}
	return nil, mismatch(duration, v)
}
