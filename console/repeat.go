package console

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/engine"
)

// How a broadcast repeats, as the form's choices name it.
const (
	everyDays  = "days"
	onWeekdays = "weekdays"
)

// repeatForm is the form's part about repeating.
type repeatForm struct {
	How   string // "": once
	Days  string // a number
	On    []string
	Until string // a day
	Times string // a number
}

// weekday is a day of the week with what plans call it.
type weekday struct{ Key, Name string }

// Weekdays are those to choose from.
func (repeatForm) Weekdays() []weekday {
	return []weekday{{"mon", "Mon"}, {"tue", "Tue"}, {"wed", "Wed"}, {"thu", "Thu"}, {"fri", "Fri"}, {"sat", "Sat"}, {"sun", "Sun"}}
}

func repeatOf(r *engine.Repeat) repeatForm {
	if r == nil {
		return repeatForm{}
	}
	f := repeatForm{How: onWeekdays, On: r.Weekdays, Until: r.Until}
	if r.EveryDays > 0 {
		f.How, f.Days = everyDays, strconv.Itoa(r.EveryDays)
	}
	if r.Times > 0 {
		f.Times = strconv.Itoa(r.Times)
	}
	return f
}

func readRepeat(c *fiber.Ctx) repeatForm {
	text := func(name string) string { return strings.TrimSpace(c.FormValue(name)) }
	return repeatForm{How: text("repeat"), Days: text("repeat_days"), On: many(c, "repeat_on"), Until: text("repeat_until"), Times: text("repeat_times")}
}

// plan is what a plan says of repeating.
func (f repeatForm) plan() (*engine.Repeat, error) {
	if f.How == "" {
		return nil, nil
	}
	r := &engine.Repeat{Until: f.Until}
	var err error
	if r.Times, err = number("when.repeat.times", f.Times); err != nil {
		return nil, err
	}
	if f.How == onWeekdays {
		r.Weekdays = f.On
		if len(f.On) == 0 {
			return nil, invalid("when.repeat.weekdays", "Choose the days of the week on which it goes out again.")
		}
		return r, nil
	}
	if r.EveryDays, err = number("when.repeat.every_days", f.Days); err == nil && r.EveryDays == 0 {
		r.EveryDays = 1
	}
	return r, err
}

// number reads a count that may be left out: 0.
func number(field, text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, invalid(field, "%q is no number above 0.", text)
	}
	return n, nil
}
