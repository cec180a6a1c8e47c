package expression

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// appendValue prints a value as it reads in a text: numbers without exponent,
// dates as 2024-03-08, times as 2024-03-08 09:30, lists of plain values joined
// by commas, everything else as JSON. It stops once the text is longer than
// MaxText.
func appendValue(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case string:
		dst = append(dst, v...)
	case float64:
		dst = appendNumber(dst, v)
	case nil:
	case bool:
		dst = strconv.AppendBool(dst, v)
	case day:
		dst = v.AppendFormat(dst, time.DateOnly)
	case time.Time:
		dst = appendTime(dst, v)
	case time.Duration:
		dst = append(dst, FormatDuration(v)...)
	case json.Number:
		dst = append(dst, v...)
	case []any:
		if allScalar(v) {
			return appendJoined(dst, v, ", ")
		}
		return appendJSON(dst, v, 0)
	default:
		return appendJSON(dst, v, 0)
	}
	if len(dst) > MaxText {
		return dst, errText
	}
	return dst, nil
}

func allScalar(list []any) bool {
	for _, item := range list {
		switch plain(item).(type) {
		case []any, map[string]any, nil:
			return false
		}
	}
	return true
}

func appendJoined(dst []byte, list []any, glue string) ([]byte, error) {
	var err error
	for i, item := range list {
		if i > 0 {
			dst = append(dst, glue...)
		}
		if dst, err = appendValue(dst, plain(item)); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// appendTime prints minutes, and seconds only when there are some.
func appendTime(dst []byte, t time.Time) []byte {
	if t.Second() == 0 {
		return t.AppendFormat(dst, "2006-01-02 15:04")
	}
	return t.AppendFormat(dst, time.DateTime)
}

// appendNumber prints whole numbers in full and others as short as they can be
// read back, with an exponent only below a millionth.
func appendNumber(dst []byte, f float64) []byte {
	const exact = 1 << 53
	if f == math.Trunc(f) && f > -exact && f < exact {
		return strconv.AppendInt(dst, int64(f), 10)
	}
	if math.Abs(f) < 1e-6 {
		return strconv.AppendFloat(dst, f, 'g', -1, 64)
	}
	return strconv.AppendFloat(dst, f, 'f', -1, 64)
}

// appendJSON prints a value as compact JSON with sorted keys. Dates and times
// are written as they are kept.
func appendJSON(dst []byte, v any, depth int) ([]byte, error) {
	if depth > MaxDepth {
		return dst, errDepth
	}
	if len(dst) > MaxText {
		return dst, errText
	}
	var err error
	switch v := plain(v).(type) {
	case nil:
		dst = append(dst, "null"...)
	case string:
		dst = appendQuoted(dst, v)
	case []any:
		dst = append(dst, '[')
		for i, item := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, err = appendJSON(dst, item, depth+1); err != nil {
				return dst, err
			}
		}
		dst = append(dst, ']')
	case map[string]any:
		dst = append(dst, '{')
		for i, key := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendQuoted(dst, key), ':')
			if dst, err = appendJSON(dst, v[key], depth+1); err != nil {
				return dst, err
			}
		}
		dst = append(dst, '}')
	case float64, bool, json.Number:
		return appendValue(dst, v)
	default:
		dst = appendQuoted(dst, keptTime(v))
	}
	if len(dst) > MaxText {
		return dst, errText
	}
	return dst, nil
}

// keptTime writes a date, time or duration in its kept form.
func keptTime(v any) string {
	switch v := v.(type) {
	case day:
		return v.Format(time.DateOnly)
	case time.Time:
		return keepInstant(v)
	case time.Duration:
		return FormatDuration(v)
	}
	return ""
}

// appendQuoted writes a JSON string that is also safe inside JavaScript.
// Invalid UTF-8 becomes the replacement character.
func appendQuoted(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\t':
			dst = append(dst, `\t`...)
		case r == '\r':
			dst = append(dst, `\r`...)
		case r < 0x20:
			dst = append(dst, `\u00`...)
			dst = append(dst, hex[r>>4], hex[r&15])
		case r == 0x2028 || r == 0x2029:
			dst = append(dst, `\u202`...)
			dst = append(dst, hex[r&15])
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}
