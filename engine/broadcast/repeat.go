package broadcast

import (
	"fmt"
	"slices"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// Limits of what repeats.
const (
	maxEveryDays = 366
	maxTimes     = 10_000
	maxDaysAhead = 4 * 366 // days looked at for the next one
)

const onlyDate = "2006-01-02"

// weekdays are the names of days, from Sunday as time counts them.
var weekdays = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func checkRepeat(w engine.When) error {
	r := w.Repeat
	switch {
	case r == nil:
		return nil
	case len(r.Weekdays) == 0 && r.EveryDays == 0:
		return invalid("when.repeat", `say on which days: {"weekdays": ["mon", "thu"]} or {"every_days": 7}`)
	case len(r.Weekdays) > 0 && r.EveryDays != 0:
		return invalid("when.repeat", "weekdays and every_days are two ways to repeat: give one of them")
	case r.EveryDays < 0 || r.EveryDays > maxEveryDays:
		return invalid("when.repeat.every_days", "between 1 and %d days, not %d", maxEveryDays, r.EveryDays)
	case r.Times < 0 || r.Times > maxTimes:
		return invalid("when.repeat.times", "between 1 and %d times, or 0 for no bound, not %d", maxTimes, r.Times)
	}
	for i, d := range r.Weekdays {
		if !slices.Contains(weekdays[:], d) {
			return invalid(fmt.Sprintf("when.repeat.weekdays[%d]", i), "%q is no day: mon, tue, wed, thu, fri, sat or sun", d)
		}
	}
	if r.Until != "" {
		until, err := time.Parse(onlyDate, r.Until)
		if err != nil {
			return invalid("when.repeat.until", "%q is no day, such as 2026-12-31", r.Until)
		}
		if at, ok := readWall(w.At); ok && until.Before(time.Time(at).Truncate(24*time.Hour)) {
			return invalid("when.repeat.until", "it ends on %s, before it begins", r.Until)
		}
	}
	return nil
}

// occasions are the times a plan means, in their order, until yield says that
// it is enough. One that does not repeat has one.
func occasions(w engine.When, yield func(wall) bool) {
	first, ok := readWall(w.At)
	if !ok {
		return
	}
	r := w.Repeat
	if r == nil {
		yield(first)
		return
	}
	until, err := time.Parse(onlyDate, r.Until)
	bounded := err == nil
	day := time.Time(first)
	for {
		if bounded && day.Truncate(24*time.Hour).After(until) {
			return
		}
		meant := r.EveryDays > 0 || slices.Contains(r.Weekdays, weekdays[day.Weekday()])
		if meant && !yield(wall(day)) {
			return
		}
		day = day.AddDate(0, 0, max(r.EveryDays, 1))
	}
}

// next is the first time a plan means whose moment, by at, is after a time;
// false when there is none. done is how often it was sent.
func next(w engine.When, done int, after time.Time, at func(wall) time.Time) (found wall, due time.Time, ok bool) {
	if r := w.Repeat; done > 0 && (r == nil || r.Times > 0 && done >= r.Times) {
		return wall{}, time.Time{}, false
	}
	last := after.AddDate(0, 0, maxDaysAhead)
	occasions(w, func(o wall) bool {
		t := at(o)
		switch {
		case t.After(last):
			return false
		case t.After(after):
			found, due, ok = o, t, true
			return false
		}
		return true
	})
	return found, due, ok
}
