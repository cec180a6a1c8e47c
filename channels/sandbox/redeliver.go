package sandbox

import (
	"context"
	"net/http"
	"time"
)

// Pauses before an event is delivered again. The platforms wait longer; nobody
// looks at a sandbox for that long.
const (
	firstPause   = 100 * time.Millisecond
	longestPause = time.Second
)

// untilTaken delivers an event again while the server says that it cannot take
// it now, as both platforms do, for as long as the configuration has it. err is
// of the first time; the last one's is returned, and its status kept.
func (s *Sandbox) untilTaken(ctx context.Context, account string, e *Event, err error) error {
	waited, pause := time.Duration(0), firstPause
	for e.Status >= http.StatusInternalServerError && waited < s.config.Redeliver {
		wait := time.NewTimer(pause)
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return err
		case <-s.closed:
			wait.Stop()
			return err
		}
		waited, pause = waited+pause, min(2*pause, longestPause)
		var again *Event
		if again, err = s.Redeliver(ctx, account, e.ID); again == nil {
			return err
		}
		e.Status = again.Status
	}
	return err
}
