package broadcast

import (
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine"
)

// Layouts of a time without a zone.
const (
	wallClock  = "2006-01-02T15:04"
	wallSecond = "2006-01-02T15:04:05"
)

// wall is a time as a clock on a wall shows it: a date and a time of day,
// carried in UTC.
type wall time.Time

func (w wall) String() string { return time.Time(w).Format(wallSecond) }

// on is the moment a clock of a zone shows the time: the first where it shows
// it twice, and where it never does, skipped, the first it shows after it.
func (w wall) on(zone *time.Location) (at time.Time, skipped bool) {
	u := time.Time(w)
	at = time.Date(u.Year(), u.Month(), u.Day(), u.Hour(), u.Minute(), u.Second(), 0, zone)
	start, end := at.ZoneBounds()
	shown := at.Format(wallSecond)
	switch want := w.String(); {
	case shown > want:
		return start.UTC(), true
	case shown < want:
		return end.UTC(), true
	}
	if start.IsZero() {
		return at.UTC(), false
	}
	_, before := start.Add(-1).Zone()
	_, after := at.Zone()
	if first := at.Add(-time.Duration(before-after) * time.Second); before > after && first.Before(start) {
		return first.UTC(), false
	}
	return at.UTC(), false
}

// readWall reads a time without a zone; false when it is none.
func readWall(s string) (wall, bool) {
	for _, layout := range [...]string{wallClock, wallSecond} {
		if t, err := time.Parse(layout, s); err == nil {
			return wall(t), true
		}
	}
	return wall{}, false
}

// clock is the zone of a plan's wall-clock time: the named one, else the bot's.
func clock(bot *engine.Bot, w engine.When) (*time.Location, error) {
	name := w.TimeZone
	if name == "" {
		name = bot.TimeZone
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, invalid("when.time_zone", "%q is no time zone, such as Asia/Taipei", name)
	}
	return zone, nil
}

// moment is the instant a plan's time means: as it stands, or on the clock of
// the named zone, which is the bot's when none is named. A time that this clock
// skips is refused, and the first is meant of one it shows twice. Of a time on
// each person's own clock it is the one on that zone's.
func moment(bot *engine.Bot, w engine.When) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, w.At); err == nil {
		if w.Local || w.Repeat != nil {
			return time.Time{}, invalid("when.at", "a time on each person's own clock, and one that repeats, has no zone of its own: write it as %s", t.Format(wallClock))
		}
		return t.UTC(), nil
	}
	zone, err := clock(bot, w)
	if err != nil {
		return time.Time{}, err
	}
	at, ok := readWall(w.At)
	if !ok {
		return time.Time{}, invalid("when.at", "%q is no time: write it as 2026-12-24T09:00 for a clock on the wall, or as 2026-12-24T09:00:00+08:00", w.At)
	}
	t, skipped := at.on(zone)
	if skipped && !w.Local {
		return time.Time{}, invalid("when.at", "the clocks of %s skip %s on that day: choose a time before or after it", zone, w.At)
	}
	return t, nil
}

// checkWhen says what is wrong with a plan's time as it is written.
func checkWhen(bot *engine.Bot, w engine.When) error {
	if w.MaxLateness != "" {
		switch d, err := expression.ParseDuration(w.MaxLateness); {
		case err != nil:
			return invalid("when.max_lateness", "%q is no duration, such as 30m or 1h", w.MaxLateness)
		case d <= 0:
			return invalid("when.max_lateness", "it is more than 0, such as 5m: a start is some moments late at best")
		}
	}
	if w.At == "" {
		if w.Local || w.Repeat != nil {
			return invalid("when.at", "say at what time: on each person's own clock, and again and again, it needs one")
		}
		return nil
	}
	if err := checkRepeat(w); err != nil {
		return err
	}
	_, err := moment(bot, w)
	return err
}

// lateness is how late a plan may start.
func lateness(w engine.When) time.Duration {
	if d, err := expression.ParseDuration(w.MaxLateness); err == nil && d > 0 {
		return d
	}
	return DefaultLateness
}
