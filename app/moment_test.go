package app

import (
	"testing"
	"time"
)

// TestTimesAreTheBots holds that a list of a bot's writes times as the
// explanation of a send does: in the bot's zone, and with its name.
func TestTimesAreTheBots(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 19, 4, 5, 6, time.UTC)
	for zone, want := range map[string][2]string{
		"Asia/Ho_Chi_Minh": {"2026-11-22 02:04:05 +07", "2026-11-22"},
		"Asia/Taipei":      {"2026-11-22 03:04:05 CST", "2026-11-22"},
		"":                 {at.Local().Format(momentForm), at.Local().Format(time.DateOnly)},
		"Nowhere/Here":     {at.Local().Format(momentForm), at.Local().Format(time.DateOnly)},
	} {
		s := &session{zoneName: zone}
		if got := [2]string{s.moment(at), s.day(at)}; got != want {
			t.Errorf("%s: %s, want %s", zone, got, want)
		}
	}
	if s := new(session); s.moment(time.Time{})+s.day(time.Time{}) != "" {
		t.Error("no time is shown as one")
	}
}
