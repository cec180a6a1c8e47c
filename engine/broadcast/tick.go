package broadcast

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine"
)

// Tick starts what is due and rings for every run that is not over: a bell
// that was lost costs no more than the time between two ticks.
func (b *Broadcasts) Tick(ctx context.Context) error {
	err := b.startDue(ctx)
	runs, open := b.Store.OpenRuns(ctx, b.Deps.Now(), openRuns)
	for i := range runs {
		if runs[i].State != engine.RunHeld && runs[i].State != engine.RunPaused {
			b.Bells.RingRun(runs[i].Number, time.Time{})
		}
	}
	return errors.Join(err, open)
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
	lateness := DefaultLateness
	if s := of.Plan.When.MaxLateness; s != "" {
		if d, err := expression.ParseDuration(s); err == nil {
			lateness = d
		}
	}
	if late := now.Sub(of.DueAt); late > lateness {
		return b.miss(ctx, of, fmt.Sprintf("it was due at %s and could not start for %s: start it, or choose another time", of.DueAt.Format(time.RFC3339), late.Round(time.Minute)), now)
	}
	_, err := b.open(ctx, of)
	var refused *engine.Error
	if !errors.As(err, &refused) || refused.Code == engine.Unavailable {
		return err
	}
	if refused.Code == engine.Conflict && refused.Field == "state" {
		return nil // another process started it
	}
	return b.miss(ctx, of, refused.Message, now)
}

func (b *Broadcasts) miss(ctx context.Context, of *engine.Broadcast, why string, now time.Time) error {
	b.log.Error("broadcast missed", "broadcast_id", of.ID, "bot_id", of.BotID, "error", why)
	return b.Store.MissBroadcast(ctx, of, why, now)
}
