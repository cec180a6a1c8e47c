package expression

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// hours is a part of a day, in minutes after midnight. It passes midnight when
// it ends before it begins.
type hours struct{ from, to int }

// maxHours is how many parts of a day can be listed.
const maxHours = 20

// parseHours reads "09:00-18:00,19:00-21:00".
func parseHours(s string) ([]hours, error) {
	parts := strings.Split(s, ",")
	if len(parts) > maxHours {
		return nil, fmt.Errorf("at most %d hours can be listed", maxHours)
	}
	list := make([]hours, len(parts))
	for i, part := range parts {
		from, to, _ := strings.Cut(part, "-")
		a, ok := parseClock(from)
		b, also := parseClock(to)
		if !ok || !also || a == b || a == 24*60 {
			return nil, fmt.Errorf("hours are written as 09:00-18:00, not %s", quote(s))
		}
		list[i] = hours{a, b}
	}
	return list, nil
}

// parseClock reads 9:00, 09:00 or 24:00.
func parseClock(s string) (minutes int, ok bool) {
	h, m, found := strings.Cut(strings.TrimSpace(s), ":")
	hour, err := strconv.ParseUint(h, 10, 8)
	minute, failure := strconv.ParseUint(m, 10, 8)
	if !found || err != nil || failure != nil || len(m) != 2 || minute > 59 {
		return 0, false
	}
	minutes = int(hour*60 + minute)
	return minutes, minutes <= 24*60
}

// parseDays reads "mon-fri", "1-5,7" or "sat,sun" into a set indexed by
// time.Weekday.
func parseDays(s string) ([7]bool, error) {
	var set [7]bool
	for part := range strings.SplitSeq(s, ",") {
		from, to, ranged := strings.Cut(part, "-")
		a, ok := parseDay(from)
		b := a
		if ranged {
			var also bool
			b, also = parseDay(to)
			ok = ok && also
		}
		if !ok {
			return set, fmt.Errorf(`days are written as "mon-fri" or "1-5,7", not %s`, quote(s))
		}
		for d := a; ; d = (d + 1) % 7 {
			set[d] = true
			if d == b {
				break
			}
		}
	}
	return set, nil
}

func parseDay(s string) (time.Weekday, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if n, err := strconv.ParseUint(s, 10, 8); err == nil {
		return time.Weekday(n % 7), n >= 1 && n <= 7
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		if name := strings.ToLower(d.String()); len(s) >= 3 && strings.HasPrefix(name, s) {
			return d, true
		}
	}
	return 0, false
}

func checkHours(_ *Env, v any) error {
	_, err := parseHours(v.(string))
	return err
}

func checkDays(_ *Env, v any) error {
	_, err := parseDays(v.(string))
	return err
}

// openNow tells whether now is in one of the hours of a day that is listed. The
// hours after midnight belong to the day before.
func openNow(e *Env, a []any) (any, error) {
	list, err := parseHours(a[0].(string))
	if err != nil {
		return nil, err
	}
	days := [7]bool{true, true, true, true, true, true, true}
	if len(a) == 2 {
		if days, err = parseDays(a[1].(string)); err != nil {
			return nil, err
		}
	}
	minute := e.now.Hour()*60 + e.now.Minute()
	today := e.now.Weekday()
	yesterday := (today + 6) % 7
	for _, h := range list {
		switch {
		case h.from < h.to && days[today] && minute >= h.from && minute < h.to,
			h.from > h.to && days[today] && minute >= h.from,
			h.from > h.to && days[yesterday] && minute < h.to:
			return true, nil
		}
	}
	return false, nil
}

// Hours are the parts of every day in which something may happen, by the clock
// of whoever it is for. The zero value is the whole day.
type Hours struct{ parts []hours }

// ParseHours reads "09:00-18:00,19:00-21:00".
func ParseHours(s string) (Hours, error) {
	parts, err := parseHours(s)
	return Hours{parts}, err
}

// Equal reports whether both are the same parts in the same order.
func (h Hours) Equal(o Hours) bool { return slices.Equal(h.parts, o.parts) }

// Next returns the first moment from t on that is within the hours, by the
// clock of t's location.
func (h Hours) Next(t time.Time) time.Time {
	if len(h.parts) == 0 || within(h.parts, t.Hour()*60+t.Minute()) {
		return t
	}
	next := t.AddDate(0, 0, 2)
	for _, p := range h.parts {
		for day := range 2 {
			at := time.Date(t.Year(), t.Month(), t.Day()+day, 0, p.from, 0, 0, t.Location())
			if at.After(t) && at.Before(next) {
				next = at
			}
		}
	}
	return next
}

// within reports whether a minute of the day is in one of the parts.
func within(parts []hours, minute int) bool {
	for _, h := range parts {
		if h.from < h.to && minute >= h.from && minute < h.to || h.from > h.to && (minute >= h.from || minute < h.to) {
			return true
		}
	}
	return false
}

// MarshalText implements encoding.TextMarshaler; the whole day is empty.
func (h Hours) MarshalText() ([]byte, error) {
	var b []byte
	for i, p := range h.parts {
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, "%02d:%02d-%02d:%02d", p.from/60, p.from%60, p.to/60, p.to%60)
	}
	return b, nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (h *Hours) UnmarshalText(text []byte) error {
	h.parts = nil
	if len(text) == 0 {
		return nil
	}
	var err error
	h.parts, err = parseHours(string(text))
	return err
}
