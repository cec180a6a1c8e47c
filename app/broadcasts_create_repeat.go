package app

import (
	"strings"
)

// repeatFlags say on which days it is sent again.
type repeatFlags struct {
	Weekdays  []string `placeholder:"DAYS" help:"Send it again on these days, as in mon,thu."`
	EveryDays *int     `name:"every-days" placeholder:"NUMBER" help:"Send it again every so many days; 1 is daily."`
	Until     string   `placeholder:"DAY" help:"The last day it may be sent again, as in 2026-12-31."`
	Times     *int     `placeholder:"NUMBER" help:"Send it at most so often in all."`
}

// repeat puts when it is sent again into a plan's when. Days take the place of
// the file's; the bounds may change by themselves.
func (f *repeatFlags) repeat(when map[string]any) error {
	again := object(when, "repeat")
	switch {
	case len(f.Weekdays) > 0 && f.EveryDays != nil:
		return exitWith(exitUsage, "--weekdays and --every-days are two ways to repeat: give one of them")
	case f.EveryDays != nil && *f.EveryDays < 1:
		return exitWith(exitUsage, "--every-days counts days: give 1 or more, not %d", *f.EveryDays)
	case f.Times != nil && *f.Times < 1:
		return exitWith(exitUsage, "--times counts how often in all: give 1 or more, not %d", *f.Times)
	case len(f.Weekdays) > 0:
		var days []string
		for _, day := range f.Weekdays {
			days = append(days, strings.ToLower(strings.TrimSpace(day)))
		}
		delete(again, "every_days")
		again["weekdays"] = days
	case f.EveryDays != nil:
		delete(again, "weekdays")
		again["every_days"] = *f.EveryDays
	case len(again) == 0 && (f.Until != "" || f.Times != nil):
		return exitWith(exitUsage, "--until and --times bound what is sent again: say on which days, with --weekdays or --every-days")
	}
	if f.Until != "" {
		again["until"] = f.Until
	}
	if f.Times != nil {
		again["times"] = *f.Times
	}
	if len(again) == 0 {
		return nil
	}
	if at, _ := when["at"].(string); at == "" {
		return exitWith(exitUsage, "what is sent again needs a time of day: say when it is sent first with --at, as in 2026-12-24T09:00")
	}
	when["repeat"] = again
	return nil
}
