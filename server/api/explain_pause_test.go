package api_test

import (
	"slices"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/api"
)

// What waits because somebody has stopped everything, or the bot, says so.
func TestAPauseIsExplained(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	story := &engine.Story{Delivery: engine.Delivery{ID: 1, Status: engine.Queued, CreatedAt: noon}}
	for _, c := range []struct {
		name   string
		paused []engine.Pause
		want   string
	}{
		{"nothing", nil, "It is due now."},
		{"the bot", []engine.Pause{{BotID: "b", Reason: "a loop", At: noon}}, "The bot is paused since 2026-11-21 12:00:00 UTC (a loop): it waits until that ends."},
		{"everything", []engine.Pause{{Reason: "a price", At: noon}, {BotID: "b", Reason: "a loop", At: noon}}, "Everything is paused since 2026-11-21 12:00:00 UTC (a price): it waits until that ends."},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			lines := api.Explainer{Zone: time.UTC, Now: noon, Paused: c.paused}.Story(story)
			if !slices.Contains(lines, c.want) {
				t.Errorf("%q is not among %q", c.want, lines)
			}
		})
	}
}
