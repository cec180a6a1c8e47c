package expression

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// Locale decides how outside values are read.
type Locale struct {
	Zone     *time.Location // nil: UTC
	MonthDay bool           // 12/30/2023 rather than 30/12/2023
}

// maxExact is the largest whole number up to which float64 holds every one.
const maxExact = 1 << 53

// Convert turns a value from outside (JSON, with numbers as json.Number, or a
// string from a query) into the kept form of the declared type, exactly; an
// error says what was expected and reads well after the attribute's name.
//
// Kept forms are: text string, number float64, boolean bool, date
// "2006-01-02", datetime RFC 3339 in UTC with up to microseconds, list []any,
// json any. Inside lists and JSON a number that float64 cannot hold stays a
// json.Number. Nil stays nil: unset. Values that Eval returned convert too.
func Convert(t Type, v any, l Locale) (any, error) {
	if v == nil {
		return nil, nil
	}
	if l.Zone == nil {
		l.Zone = time.UTC
	}
	switch t {
	case Text:
		return convertText(v)
	case Number:
		return convertNumber(v)
	case Boolean:
		return convertBoolean(v)
	case Date:
		at, err := convertMoment(Date, v, l)
		if err != nil {
			return nil, err
		}
		return at.Format(time.DateOnly), nil
	case DateTime:
		at, err := convertMoment(DateTime, v, l)
		if err != nil {
			return nil, err
		}
		return keepInstant(at), nil
	case List:
		return convertList(v)
	case JSON, Any:
		return convertJSON(v)
	}
	return nil, fmt.Errorf("has the unknown type %q", t)
}

func convertText(v any) (any, error) {
	var s string
	switch v := v.(type) {
	case string:
		s = v
	case json.Number:
		s = wholeNumber(v.String())
	case time.Time:
		s = keepInstant(v)
	default:
		switch v := plain(v).(type) {
		case []any, map[string]any:
			return nil, mismatch(Text, v)
		default:
			b, err := appendValue(nil, v)
			if err != nil {
				return nil, err
			}
			s = string(b)
		}
	}
	if len(s) > MaxText {
		return nil, fmt.Errorf("is longer than %d KB", MaxText>>10)
	}
	return s, nil
}

// wholeNumber writes a JSON number without exponent where that stays short,
// keeping every digit.
func wholeNumber(s string) string {
	const most = 40
	digits, exponent, found := strings.Cut(strings.ToLower(s), "e")
	n, err := strconv.Atoi(exponent)
	if !found || err != nil || n < -most || n > most || len(digits) > most {
		return s
	}
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	all := whole + fraction
	point := len(whole) + n
	if point <= 0 {
		all, point = strings.Repeat("0", 1-point)+all, 1
	}
	if point > len(all) {
		all += strings.Repeat("0", point-len(all))
	}
	whole, fraction = strings.TrimLeft(all[:point-1], "0")+all[point-1:point], strings.TrimRight(all[point:], "0")
	if fraction != "" {
		whole += "." + fraction
	}
	if strings.Trim(whole, "0") == "" {
		return "0"
	}
	return sign + whole
}

func convertNumber(v any) (any, error) {
	switch v := v.(type) {
	case json.Number:
		return readNumber(v.String())
	case string:
		return readNumber(strings.TrimSpace(folded(v)))
	case int64:
		return readNumber(strconv.FormatInt(v, 10))
	case int:
		return readNumber(strconv.Itoa(v))
	case uint64:
		return readNumber(strconv.FormatUint(v, 10))
	case bool:
		return nil, mismatch(Number, v)
	}
	v = plain(v)
	if _, ok := v.(float64); ok {
		return v, nil
	}
	return nil, mismatch(Number, v)
}

func readNumber(s string) (any, error) {
	if digits, whole := wholeDigits(s); whole && digits != "" {
		if n, err := strconv.ParseInt(digits, 10, 64); err != nil || n > maxExact {
			return nil, tooLarge(s)
		}
	}
	f, ok := parseNumber(s)
	if !ok {
		return nil, mismatch(Number, s)
	}
	return f + 0, nil // no negative zero
}

func tooLarge(s string) error {
	return fmt.Errorf("is %s, but a number is kept exactly only up to 9007199254740992: declare it as text", quote(s))
}

// wholeDigits returns the digits of a number written without fraction and
// exponent.
func wholeDigits(s string) (string, bool) {
	s = strings.TrimLeft(strings.TrimLeft(s, "+-"), "0")
	return s, strings.Trim(s, "0123456789") == ""
}

// exactFloat reads a JSON number and reports whether float64 holds it.
func exactFloat(s string) (float64, bool) {
	f, ok := parseNumber(s)
	if !ok {
		return 0, false
	}
	if _, whole := wholeDigits(s); whole {
		return f, math.Abs(f) <= maxExact && strconv.FormatFloat(f, 'f', -1, 64) == strings.TrimPrefix(s, "+")
	}
	digits, _, _ := strings.Cut(strings.ToLower(s), "e")
	digits = strings.TrimLeft(strings.NewReplacer("-", "", ".", "").Replace(digits), "0")
	return f, len(digits) <= 15 || strconv.FormatFloat(f, 'f', -1, 64) == s
}

func convertBoolean(v any) (any, error) {
	switch v := plain(v).(type) {
	case bool:
		return v, nil
	case string:
		if b, ok := readBoolean(v); ok {
			return b, nil
		}
		return nil, mismatch(Boolean, v)
	case float64:
		if v == 0 || v == 1 {
			return v == 1, nil
		}
		return nil, mismatch(Boolean, v)
	default:
		return nil, mismatch(Boolean, v)
	}
}

// readBoolean reads the words people and systems use for yes and no.
func readBoolean(s string) (value, ok bool) {
	if len(s) > 32 {
		return false, false
	}
	switch strings.ToLower(strings.TrimSpace(folded(s))) {
	case "true", "yes", "1", "on", "có", "đúng", "是":
		return true, true
	case "false", "no", "0", "off", "không", "sai", "否":
		return false, true
	}
	return false, false
}

// folded makes full-width digits and decomposed accents plain.
func folded(s string) string {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return norm.NFKC.String(s)
		}
	}
	return s
}

func convertMoment(t Type, v any, l Locale) (time.Time, error) {
	switch v := v.(type) {
	case string:
		p, err := parseMoment(v, l)
		if err != nil {
			return time.Time{}, err
		}
		return p.at.In(l.Zone), nil
	case time.Time:
		if t == Date {
			return v, nil // the day it is where it was computed
		}
		return v.In(l.Zone), nil
	case day:
		return v.Time, nil
	}
	return time.Time{}, mismatch(t, plain(v))
}

// keepInstant writes a datetime in its kept form.
func keepInstant(t time.Time) string {
	return t.UTC().Truncate(time.Microsecond).Format("2006-01-02T15:04:05.999999Z")
}

func convertList(v any) (any, error) {
	if s, ok := v.(string); ok {
		read, err := readJSON(s)
		if err != nil {
			return nil, mismatch(List, s)
		}
		v = read
	}
	switch list := v.(type) {
	case []any:
		if len(list) > MaxItems {
			return nil, fmt.Errorf("is a list of %d items, of at most %d", len(list), MaxItems)
		}
		return exactly(list)
	case []string, []float64, []map[string]any:
		return convertList(plain(v))
	}
	return nil, mismatch(List, plain(v))
}

func convertJSON(v any) (any, error) {
	s, ok := v.(string)
	if !ok {
		return exactly(v)
	}
	read, err := readJSON(s)
	if err != nil {
		return nil, fmt.Errorf("needs JSON but %w", err)
	}
	return exactly(read)
}

// readJSON reads one JSON value, its numbers as written.
func readJSON(s string) (any, error) {
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return nil, fmt.Errorf("%s is not: %v at byte %d", quote(s), syntax, syntax.Offset)
		}
		return nil, fmt.Errorf("%s is not: it ends too early", quote(s))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s is more than one value", quote(s))
	}
	return v, nil
}

// exactly copies a JSON value into kept form.
func exactly(v any) (any, error) {
	c := copier{}
	return c.copy(v, 0)
}

// copier copies values out of expressions and into kept form, counting what it
// copies: a small expression can name the same list many times over.
type copier struct{ parts, bytes int }

func (c *copier) copy(v any, depth int) (any, error) {
	if c.parts++; c.parts > MaxValue {
		return nil, errValue
	}
	if depth > MaxDepth {
		return nil, errDepth
	}
	if _, list := v.([]any); !list { // plain would cut it
		v = plain(v)
	}
	switch v := v.(type) {
	case day, time.Time, time.Duration:
		return keptTime(v), nil
	case string:
		if c.bytes += len(v); c.bytes > maxValueBytes {
			return nil, errValue
		}
		return v, nil
	case []any:
		list := make([]any, len(v))
		for i := range v {
			item, err := c.copy(v[i], depth+1)
			if err != nil {
				return nil, err
			}
			list[i] = item
		}
		return list, nil
	case map[string]any:
		m := make(map[string]any, len(v))
		for key := range v {
			item, err := c.copy(v[key], depth+1)
			if err != nil {
				return nil, err
			}
			c.bytes += len(key)
			m[key] = item
		}
		return m, nil
	default:
		return v, nil
	}
}
