package broadcast

import (
	"context"
	"errors"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// Names.
const (
	nameAge   = 24 * time.Hour // after which a name is asked for again
	renewRows = 500            // of a run in one tick: as many calls, at most
)

// renew asks for names of a frozen audience that are old, some at each tick and
// beside the sending, which waits for none: where the platform has not told
// yet, or tells nothing, the name that is known serves.
func (b *Broadcasts) renew(ctx context.Context, r *engine.Run, now time.Time) error {
	if r.FrozenAt.IsZero() || r.State != engine.RunRunning && r.State != engine.RunPreparing {
		return nil
	}
	ids, err := b.Store.StaleNames(ctx, r, now.Add(-nameAge), renewRows)
	if errors.Is(err, outbox.ErrLost) {
		return nil
	}
	for _, id := range ids {
		b.Bells.RingProfile(id)
	}
	return err
}
