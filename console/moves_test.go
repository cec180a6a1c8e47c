package console

import (
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// The page looks again until all it shows has come to rest: also where the run
// was seen ended and the broadcast was read before.
func TestWhatMoves(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		broadcast engine.BroadcastState
		run       engine.RunState
		ended     bool
		want      bool
	}{
		"it is running":                      {engine.BroadcastRunning, engine.RunRunning, false, true},
		"the run ended in between":           {engine.BroadcastRunning, engine.RunFinished, true, true},
		"both have ended":                    {engine.BroadcastFinished, engine.RunFinished, true, false},
		"it is paused":                       {engine.BroadcastPaused, engine.RunPaused, false, false},
		"the run was paused in between":      {engine.BroadcastRunning, engine.RunPaused, false, true},
		"it is canceled, and something open": {engine.BroadcastCanceled, engine.RunCanceled, false, true},
	} {
		r := &engine.Run{State: c.run}
		if c.ended {
			r.ClosedAt = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
		}
		if got := moves(&engine.Broadcast{State: c.broadcast}, r); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
