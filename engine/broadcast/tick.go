package broadcast

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// checkLife is how long a pre-flight may be started.
const checkLife = 7 * 24 * time.Hour

// Tick starts what is due, rings for every run of which something is to be
// done, and asks for old names: a bell that was lost costs no more than the
// time between two ticks.
func (b *Broadcasts) Tick(ctx context.Context) error {
	now := b.Deps.Now()
	err := b.startDue(ctx)
	_, old := b.Store.VoidChecks(ctx, now.Add(-checkLife), "it is too old to be started")
	runs, open := b.Store.OpenRuns(ctx, now, openRuns)
	errs := []error{err, old, open}
	for i := range runs {
		b.Bells.RingRun(runs[i].Number, time.Time{})
		errs = append(errs, b.renew(ctx, &runs[i], now))
	}
	return errors.Join(errs...)
}

// startDue starts scheduled broadcasts whose time has come, and marks those as
// missed that would come too late.
func (b *Broadcasts) startDue(ctx context.Context) error {
	now := b.Deps.Now()
	due, err := b.Store.DueBroadcasts(ctx, now, dueBroadcasts)
	if err != nil {
		return err
	}
	for i := range due {
		if err := b.startOne(ctx, &due[i], now); err != nil {
			return err
		}
	}
	return nil
}

func (b *Broadcasts) startOne(ctx context.Context, of *engine.Broadcast, now time.Time) error {
	if late := now.Sub(of.DueAt); late > lateness(of.Plan.When) {
		bot, err := b.Directory.Bot(ctx, of.BotID)
		if err != nil {
			return err
		}
		return b.miss(ctx, of, fmt.Sprintf("it was due at %s and could not start for %s: start it, or choose another time", onClock(bot, of.DueAt), late.Round(time.Second)), now)
	}
	err := b.startAsChecked(ctx, of)
	var refused *engine.Error
	if !errors.As(err, &refused) || refused.Code == engine.Unavailable {
		return err
	}
	if refused.Code == engine.Conflict && refused.Field == "state" {
		return nil // another process started it
	}
	return b.miss(ctx, of, refused.Message, now)
}

// startAsChecked starts a scheduled broadcast: what its pre-flight found, where
// that is meant; where it had a pre-flight all is made again and compared; else
// at once.
func (b *Broadcasts) startAsChecked(ctx context.Context, of *engine.Broadcast) error {
	if of.Plan.Frozen {
		held, err := b.heldCheck(ctx, of)
		if err == nil {
			_, err = b.startCheck(ctx, of, held)
		}
		return err
	}
	last, err := b.lastCheck(ctx, of)
	switch {
	case err != nil:
		return err
	case last == nil:
		_, err = b.open(ctx, of, 0)
		return err
	}
	return b.checkAgain(ctx, of, last)
}

func (b *Broadcasts) miss(ctx context.Context, of *engine.Broadcast, why string, now time.Time) error {
	b.log.Error("broadcast missed", "broadcast_id", of.ID, "bot_id", of.BotID, "error", why)
	return b.Store.MissBroadcast(ctx, of, why, now)
}
