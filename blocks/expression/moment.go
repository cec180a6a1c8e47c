package expression

import (
	"fmt"
	"strings"
	"time"
)

// moments are the ways a date or time is understood, for messages.
const moments = "a date such as 30/12/2023 or 2023-12-30, with a time if you like"

// maxMoment is the longest text that can be a date and time, in bytes.
const maxMoment = 64

// parsedMoment is a date, at midnight, or a date with its time.
type parsedMoment struct {
	at    time.Time
	timed bool
}

// parseMoment reads 30/12/2023, 2023-12-30, either with 12:00 or 12:00:00 after
// a space or a T, and with Z or an offset. Slashes, dashes and dots are alike.
func parseMoment(s string, l Locale) (parsedMoment, error) {
	wrong := fmt.Errorf("needs %s, not %s", moments, quote(s))
	if len(s) > maxMoment {
		return parsedMoment{}, wrong
	}
	r := reader{rest: strings.TrimSpace(folded(s))}
	year, month, d, ok := r.date(l.MonthDay)
	if !ok {
		return parsedMoment{}, wrong
	}
	zone := l.Zone
	if zone == nil {
		zone = time.UTC
	}
	p := parsedMoment{timed: r.accept("Tt ")}
	var hour, minute, second, nano int
	if p.timed {
		r.rest = strings.TrimLeft(r.rest, " ")
		if hour, minute, second, nano, ok = r.clock(); !ok {
			return parsedMoment{}, wrong
		}
		if zone, ok = r.zone(zone); !ok {
			return parsedMoment{}, wrong
		}
	}
	p.at = time.Date(year, time.Month(month), d, hour, minute, second, nano, zone)
	if r.rest != "" || month < 1 || month > 12 || d < 1 || d > daysIn(year, month) || year < 1 {
		return parsedMoment{}, wrong
	}
	return p, nil
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// reader takes pieces off the front of a text.
type reader struct{ rest string }

// accept takes one of the bytes.
func (r *reader) accept(set string) bool {
	if r.rest == "" || strings.IndexByte(set, r.rest[0]) < 0 {
		return false
	}
	r.rest = r.rest[1:]
	return true
}

// digits takes all digits and returns their value and how many there were, at
// most nine.
func (r *reader) digits() (value, n int) {
	for n < len(r.rest) && n < 9 && r.rest[n] >= '0' && r.rest[n] <= '9' {
		value = value*10 + int(r.rest[n]-'0')
		n++
	}
	r.rest = r.rest[n:]
	return value, n
}

func (r *reader) date(monthDay bool) (year, month, d int, ok bool) {
	a, la := r.digits()
	if !r.accept("/-.") {
		return 0, 0, 0, false
	}
	b, lb := r.digits()
	if !r.accept("/-.") {
		return 0, 0, 0, false
	}
	c, lc := r.digits()
	switch {
	case la == 4 && lb >= 1 && lb <= 2 && lc >= 1 && lc <= 2:
		return a, b, c, true
	case lc != 4 || la < 1 || la > 2 || lb < 1 || lb > 2:
		return 0, 0, 0, false
	case monthDay:
		return c, a, b, true
	}
	return c, b, a, true
}

func (r *reader) clock() (hour, minute, second, nano int, ok bool) {
	hour, n := r.digits()
	if n < 1 || n > 2 || !r.accept(":") {
		return 0, 0, 0, 0, false
	}
	if minute, n = r.digits(); n != 2 {
		return 0, 0, 0, 0, false
	}
	if r.accept(":") {
		if second, n = r.digits(); n != 2 {
			return 0, 0, 0, 0, false
		}
		if r.accept(".,") {
			if nano, n = r.digits(); n == 0 {
				return 0, 0, 0, 0, false
			}
			for ; n < 9; n++ {
				nano *= 10
			}
		}
	}
	return hour, minute, second, nano, hour < 24 && minute < 60 && second < 60
}

// zone takes Z or an offset such as +08:00, +0800 or +08.
func (r *reader) zone(otherwise *time.Location) (*time.Location, bool) {
	r.rest = strings.TrimLeft(r.rest, " ")
	if r.rest == "" {
		return otherwise, true
	}
	if r.accept("Zz") {
		return time.UTC, true
	}
	sign := 1
	if r.rest[0] == '-' {
		sign = -1
	}
	if !r.accept("+-") {
		return nil, false
	}
	value, n := r.digits()
	hours, minutes := value, 0
	switch n {
	case 4:
		hours, minutes = value/100, value%100
	case 2:
		if r.accept(":") {
			if minutes, n = r.digits(); n != 2 {
				return nil, false
			}
		}
	default:
		return nil, false
	}
	if hours > 18 || minutes > 59 {
		return nil, false
	}
	return time.FixedZone("", sign*(hours*3600+minutes*60)), true
}
