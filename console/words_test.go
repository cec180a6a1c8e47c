package console

import (
	"testing"

	"github.com/blockcast/blockcast/engine"
)

// A time is said on a clock that is named, whichever way it was written.
func TestWhenItStarts(t *testing.T) {
	t.Parallel()
	bot := &engine.Bot{TimeZone: "Asia/Taipei"}
	for want, w := range map[string]engine.When{
		"When somebody starts it":                                                 {},
		"24 Dec 2026, 09:00 in Asia/Taipei":                                       {At: "2026-12-24T09:00"},
		"24 Dec 2026, 09:00:30 in Asia/Taipei":                                    {At: "2026-12-24T09:00:30"},
		"24 Dec 2026, 09:00 in Europe/Berlin":                                     {At: "2026-12-24T09:00", TimeZone: "Europe/Berlin"},
		"24 Dec 2026, 08:00 in Asia/Taipei":                                       {At: "2026-12-24T00:00:00Z"},
		"24 Dec 2026, 22:00 in Asia/Taipei":                                       {At: "2026-12-24T09:00:00-05:00"},
		"24 Dec 2026, 16:00 in Asia/Taipei":                                       {At: "2026-12-24T09:00:00+01:00", TimeZone: "Europe/Berlin"},
		"24 Dec 2026, 09:00 on each person's own clock":                           {At: "2026-12-24T09:00", Local: true},
		"24 Dec 2026, 09:00 in Asia/Taipei, every day":                            {At: "2026-12-24T09:00", Repeat: &engine.Repeat{EveryDays: 1}},
		"24 Dec 2026, 09:00 in Asia/Taipei, again every mon, thu, 3 times in all": {At: "2026-12-24T09:00", Repeat: &engine.Repeat{Weekdays: []string{"mon", "thu"}, Times: 3}},
	} {
		if got := when(bot, &engine.Broadcast{Plan: engine.Plan{When: w}}); got != want {
			t.Errorf("%+v: %q, want %q", w, got, want)
		}
	}
}
