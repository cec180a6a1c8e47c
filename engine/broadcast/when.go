package broadcast

import (
	"time"

	"github.com/blockcast/blockcast/engine"
)

// wallClock is how a time without a zone is written.
const wallClock = "2006-01-02T15:04"

// moment is the instant a plan's time means: as it stands, or on the clock of
// the named zone, which is the bot's when none is named. A time that a clock
// skips or shows twice is refused where it is skipped and the first where it is
// shown twice.
func moment(bot *engine.Bot, w engine.When) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, w.At); err == nil {
		return t.UTC(), nil
	}
	name := w.TimeZone
	if name == "" {
		name = bot.TimeZone
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.Time{}, invalid("when.time_zone", "%q is no time zone, such as Asia/Taipei", name)
	}
	for _, layout := range [...]string{wallClock, wallClock + ":05"} {
		t, err := time.ParseInLocation(layout, w.At, zone)
		if err != nil {
			continue
		}
		if t.Format(layout) != w.At {
			return time.Time{}, invalid("when.at", "the clocks of %s skip %s on that day: choose a time before or after it", name, w.At)
		}
		return first(t, layout, w.At).UTC(), nil
	}
	return time.Time{}, invalid("when.at", "%q is no time: write it as 2026-12-24T09:00 for a clock on the wall, or as 2026-12-24T09:00:00+08:00", w.At)
}

// first is the earlier of two moments that a clock shows alike, when it is put
// back.
func first(t time.Time, layout, shown string) time.Time {
	for _, back := range [...]time.Duration{time.Hour, 30 * time.Minute} {
		if earlier := t.Add(-back); earlier.Format(layout) == shown {
			return earlier
		}
	}
	return t
}
