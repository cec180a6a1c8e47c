package clicks

import (
	"context"
	"errors"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// errEnding is why taps are tried no longer.
var errEnding = errors.New("the process ends")

// commit keeps taps, and tries for as long as it may.
func (k *Clicks) commit(ctx context.Context, taps []engine.Click) ([]struct{}, error) {
	for wait := firstRetry; ; wait = min(2*wait, longestWait) {
		err := k.Store.SaveClicks(ctx, taps)
		if err == nil {
			k.Observe(Counted, len(taps))
			return make([]struct{}, len(taps)), nil
		}
		if why := k.pause(ctx, wait); why != nil {
			k.lost(len(taps), errors.Join(err, why))
			return nil, err
		}
	}
}

// pause waits before the next try; an error means that there is none.
func (k *Clicks) pause(ctx context.Context, wait time.Duration) error {
	select {
	case <-k.ending:
		return errEnding
	default:
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
	case <-k.ending: // one more try
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}
