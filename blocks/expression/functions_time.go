package expression

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// Functions of dates answer "", 0 or nothing for a date that is not set.
var timeFunctions = []function{
	{
		Function: Function{Name: "now", Doc: "The date and time where the contact is; also without parentheses.", Example: `now()`, Result: "2024-03-08 09:30"},
		gives:    DateTime, varies: true,
		run: func(e *Env, _ []any) (any, error) { return e.now, nil },
	},
	{
		Function: Function{Name: "today", Doc: "The date where the contact is; also without parentheses.", Example: `today() + days(1)`, Result: "2024-03-09"},
		gives:    Date, varies: true,
		run: func(e *Env, _ []any) (any, error) { return dayOf(e.now), nil },
	},
	{
		Function: Function{Name: "date", Doc: "The day of a time, or the date written in a text. With a format of YYYY MM DD HH mm ss A and words in [brackets]: its text.", Example: `date("2024-03-08", "DD/MM/YYYY")`, Result: "08/03/2024"},
		params:   []parameter{{name: "when", typ: moment}, {name: "format", typ: Text, optional: true, check: checkFormat}}, gives: Date, varies: true,
		givesFor: func(args []node) Type {
			if len(args) == 2 {
				return Text
			}
			return Date
		},
		run: func(e *Env, a []any) (any, error) {
			if len(a) == 1 {
				return e.asDate(a[0])
			}
			return formatted(a[0], a[1].(string))
		},
	},
	{
		Function: Function{Name: "time", Doc: "The time of day, as HH:mm or in the given format.", Example: `time("2024-03-08 09:30")`, Result: "09:30"},
		params:   []parameter{{name: "when", typ: moment}, {name: "format", typ: Text, optional: true, check: checkFormat}}, gives: Text, varies: true,
		run: func(_ *Env, a []any) (any, error) {
			if len(a) == 1 {
				return formatted(a[0], "HH:mm")
			}
			return formatted(a[0], a[1].(string))
		},
	},
	{
		Function: Function{Name: "hour", Doc: "The hour of the day, of now when left out.", Example: `hour("2024-03-08 09:30")`, Result: "9"},
		params:   []parameter{{name: "when", typ: moment, optional: true}}, gives: Number, varies: true,
		run: func(e *Env, a []any) (any, error) {
			at, ok := e.given(a)
			if !ok {
				return 0.0, nil
			}
			return float64(at.Hour()), nil
		},
	},
	{
		Function: Function{Name: "weekday", Doc: "The day of the week from 1 for Monday to 7, of today when left out; with a language (en vi zh ja th id) its name.", Example: `weekday("2024-03-08", "vi")`, Result: "Thứ Sáu"},
		params:   []parameter{{name: "when", typ: moment, optional: true}, {name: "language", typ: Text, optional: true, check: checkLanguage}}, gives: Number, varies: true,
		givesFor: func(args []node) Type {
			if len(args) == 2 {
				return Text
			}
			return Number
		},
		run: weekday,
	},
	{
		Function: Function{Name: "open", Doc: `Whether now is within the hours, on the days when given. Several hours are separated by commas, and may pass midnight.`, Example: `open("08:00-12:00,13:30-17:00", "mon-fri")`, Result: "true"},
		params:   []parameter{{name: "hours", typ: Text, check: checkHours}, {name: "days", typ: Text, optional: true, check: checkDays}}, gives: Boolean, varies: true,
		run: openNow,
	},
	{
		Function: Function{Name: "days_between", Doc: "How many days it is from one date to another; negative when the other is earlier.", Example: `days_between("2024-02-28", "2024-03-01")`, Result: "2"},
		params:   []parameter{{name: "from", typ: moment}, {name: "to", typ: moment}}, gives: Number, varies: true,
		run: daysBetween,
	},
	{
		Function: Function{Name: "days", Doc: "So many days, to add to a date or take away.", Example: `date("2024-02-28") + days(2)`, Result: "2024-03-01"},
		params:   []parameter{{name: "number", typ: Number}}, gives: duration,
		run: func(_ *Env, a []any) (any, error) { return boundDuration(a[0].(float64) * float64(24*time.Hour)) },
	},
	{
		Function: Function{Name: "duration", Doc: "A length of time, to add to a date or compare with one: s m h d w.", Example: `duration("36h")`, Result: "1d12h"},
		params:   []parameter{{name: "length", typ: duration}}, gives: duration,
		run: func(_ *Env, a []any) (any, error) { return a[0], nil },
	},
}

// given is the time an optional first argument names, now when it is left out.
func (e *Env) given(a []any) (time.Time, bool) {
	if len(a) == 0 {
		return e.now, true
	}
	return timeOf(a[0])
}

func daysBetween(e *Env, a []any) (any, error) {
	from, ok := timeOf(a[0])
	to, also := timeOf(a[1])
	if !ok || !also {
		return 0.0, nil
	}
	return math.Round(utcDay(to).Sub(utcDay(from)).Hours() / 24), nil
}

// utcDay is the date of a time in a calendar whose days are all 24 hours long.
func utcDay(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// weekdays are the names of Monday to Sunday.
var weekdays = map[string][7]string{
	"en": {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"},
	"vi": {"Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật"},
	"zh": {"星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"},
	"ja": {"月曜日", "火曜日", "水曜日", "木曜日", "金曜日", "土曜日", "日曜日"},
	"th": {"วันจันทร์", "วันอังคาร", "วันพุธ", "วันพฤหัสบดี", "วันศุกร์", "วันเสาร์", "วันอาทิตย์"},
	"id": {"Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"},
}

func weekdayNames(language string) ([7]string, error) {
	base, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(language, "_", "-")), "-")
	names, ok := weekdays[base]
	if !ok {
		return names, fmt.Errorf("unknown language %s: use en, vi, zh, ja, th or id", quote(language))
	}
	return names, nil
}

func checkLanguage(_ *Env, v any) error {
	_, err := weekdayNames(v.(string))
	return err
}

func weekday(e *Env, a []any) (any, error) {
	at, ok := e.given(a)
	number := (int(at.Weekday())+6)%7 + 1
	switch {
	case len(a) < 2 && !ok:
		return 0.0, nil
	case len(a) < 2:
		return float64(number), nil
	}
	names, err := weekdayNames(a[1].(string))
	if err != nil || !ok {
		return "", err
	}
	return names[number-1], nil
}

func checkFormat(_ *Env, v any) error {
	_, err := appendFormatted(nil, time.Time{}, v.(string))
	return err
}

func formatted(when any, format string) (any, error) {
	at, ok := timeOf(when)
	if !ok {
		return "", checkFormat(nil, format)
	}
	b, err := appendFormatted(make([]byte, 0, len(format)+8), at, format)
	return string(b), err
}

// appendFormatted writes a time by a format of letters. Small mm are minutes
// beside hours or seconds and months elsewhere, because both dd/mm/yyyy and
// HH:mm are what people write. Without an A for AM or PM hh counts to 23.
func appendFormatted(b []byte, t time.Time, format string) ([]byte, error) {
	half := strings.ContainsAny(withoutBrackets(format), "Aa")
	afterHour := false
	for i := 0; i < len(format); {
		letter := format[i]
		if letter == '[' {
			end := strings.IndexByte(format[i:], ']')
			if end < 0 {
				return b, errors.New("the date format has a [ without ]")
			}
			b = append(b, format[i+1:i+end]...)
			i += end + 1
			continue
		}
		if !isLetter(letter) {
			b = append(b, letter)
			i++
			continue
		}
		n := 1
		for i+n < len(format) && format[i+n] == letter {
			n++
		}
		if letter == 'm' && !afterHour && !secondsFollow(format[i+n:]) {
			letter = 'M'
		}
		layout := layoutOf(letter, n, half)
		if layout == "" {
			return b, fmt.Errorf("the date format has the unknown %q: use YYYY MM DD HH mm ss A, and put words in [brackets]", format[i:i+n])
		}
		if layout == hourWithoutZero {
			b = fmt.Append(b, t.Hour())
		} else {
			b = t.AppendFormat(b, layout)
		}
		afterHour = letter == 'H' || letter == 'h'
		i += n
	}
	return b, nil
}

// hourWithoutZero has no layout in package time.
const hourWithoutZero = "H"

// layoutOf is package time's layout of a run of letters, "" when it means
// nothing.
func layoutOf(letter byte, n int, half bool) string {
	short := n == 1
	if n > 2 && letter != 'Y' && letter != 'y' {
		return ""
	}
	pick := func(one, two string) string {
		if short {
			return one
		}
		return two
	}
	switch letter {
	case 'Y', 'y':
		switch n {
		case 4:
			return "2006"
		case 2:
			return "06"
		}
	case 'M':
		return pick("1", "01")
	case 'D', 'd':
		return pick("2", "02")
	case 'm':
		return pick("4", "04")
	case 'S', 's':
		return pick("5", "05")
	case 'A':
		return "PM"
	case 'a':
		return "pm"
	case 'h':
		if half {
			return pick("3", "03")
		}
		return pick(hourWithoutZero, "15")
	case 'H':
		return pick(hourWithoutZero, "15")
	}
	return ""
}

func isLetter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' }

// secondsFollow reports whether the next letter of a format is of seconds.
func secondsFollow(rest string) bool {
	for i := range len(rest) {
		if isLetter(rest[i]) {
			return rest[i] == 's' || rest[i] == 'S'
		}
	}
	return false
}

func withoutBrackets(format string) string {
	for {
		from := strings.IndexByte(format, '[')
		if from < 0 {
			return format
		}
		to := strings.IndexByte(format[from:], ']')
		if to < 0 {
			return format[:from]
		}
		format = format[:from] + format[from+to+1:]
	}
}
