package console

import (
	"cmp"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// words are what templates say things with.
func words() template.FuncMap {
	return template.FuncMap{
		"count": count, "people": people, "plain": plain, "who": who, "steps": steps, "add": func(a, b int) int { return a + b },
		"has": func(list []string, v string) bool {
			return strings.Contains("\x00"+strings.Join(list, "\x00")+"\x00", "\x00"+v+"\x00")
		},
	}
}

// choice is a field to choose from what there is.
type choice struct {
	Field, Chosen string
	From          any
	Mark          template.HTMLAttr // where the mistake is in it
}

// count writes a number with thin gaps between thousands.
func count(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "\u202f" + text[i:]
	}
	return text
}

// people writes how many.
func people(n int64) string {
	if n == 1 {
		return "1 person"
	}
	return count(n) + " people"
}

// moment writes a time on a bot's clock.
func moment(bot *engine.Bot, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	zone, err := time.LoadLocation(bot.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	return t.In(zone).Format("2 Jan 2006, 15:04")
}

// who says in words whom an audience means.
func who(a engine.Audience) string {
	var said string
	switch {
	case a.All:
		said = "Everyone"
	case a.Where != "":
		said = "Who is " + a.Where
	case a.Segment != "":
		said = "The segment " + a.Segment
	case a.List != "":
		said = "A list"
	}
	if a.First > 0 {
		said += ", the first " + count(int64(a.First))
	}
	switch x := a.Exclude; {
	case x == nil:
	case x.Where != "":
		said += ", but not who is " + x.Where
	case x.Segment != "":
		said += ", but not the segment " + x.Segment
	case x.List != "":
		said += ", but not who is on a list"
	}
	return said
}

// when says in words when a broadcast starts.
func when(bot *engine.Bot, b *engine.Broadcast) string {
	w := b.Plan.When
	if w.At == "" {
		return "When somebody starts it"
	}
	if t, err := time.Parse(time.RFC3339, w.At); err == nil { // a moment, whatever clock it was written by
		return moment(bot, t) + " in " + bot.TimeZone
	}
	at := strings.Replace(w.At, "T", ", ", 1)
	for written, shown := range map[string]string{"2006-01-02T15:04": "2 Jan 2006, 15:04", "2006-01-02T15:04:05": "2 Jan 2006, 15:04:05"} {
		if t, err := time.Parse(written, w.At); err == nil {
			at = t.Format(shown)
		}
	}
	if w.Local {
		at += " on each person's own clock"
	} else {
		at += " in " + cmp.Or(w.TimeZone, bot.TimeZone)
	}
	return at + repeated(w.Repeat)
}

// repeated says in words how often again.
func repeated(r *engine.Repeat) string {
	if r == nil {
		return ""
	}
	said := ", every day"
	switch {
	case len(r.Weekdays) > 0:
		said = ", again every " + strings.Join(r.Weekdays, ", ")
	case r.EveryDays > 1:
		said = fmt.Sprintf(", again every %d days", r.EveryDays)
	}
	if r.Until != "" {
		said += " until " + r.Until
	}
	if r.Times > 0 {
		said += fmt.Sprintf(", %d times in all", r.Times)
	}
	return said
}

// waypoint is a step of the way a broadcast goes.
type waypoint struct {
	Name    string
	Now     bool
	Reached bool
}

// steps are the way to a step.
func steps(now string) []waypoint {
	reached := true
	var out []waypoint
	for _, name := range [...]string{"Who", "What", "When", "Check", "Report"} {
		out = append(out, waypoint{Name: name, Now: name == now, Reached: reached && name != now})
		if name == now {
			reached = false
		}
	}
	return out
}
