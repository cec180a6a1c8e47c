package broadcast

import (
	"context"
	"errors"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// Work does what is next for a run: its audience is written down, its ranges
// are rung for, what is left of it is tried again, or it ends. It is what a
// run's bell asks for.
func (b *Broadcasts) Work(ctx context.Context, number int64) error {
	r, err := b.Store.RunNumbered(ctx, number)
	if err != nil || r == nil {
		return err
	}
	switch r.State {
	case engine.RunFreezing:
		return b.freeze(ctx, r)
	case engine.RunPreparing:
		return b.make(ctx, r)
	case engine.RunHeld:
		return b.ready(ctx, r)
	case engine.RunRunning:
		return b.goOn(ctx, r)
	case engine.RunCanceled:
		return b.clear(ctx, r)
	case engine.RunVoided:
		return b.drop(ctx, r)
	}
	return nil
}

// freeze writes the next part of the audience down and rings for the rest, so
// that others have their turn between.
func (b *Broadcasts) freeze(ctx context.Context, r *engine.Run) error {
	now := b.Deps.Now()
	f, err := b.freezing(ctx, r, now)
	var refused *engine.Error
	if errors.As(err, &refused) && refused.Code != engine.Unavailable {
		// What the plan names was deleted or disconnected meanwhile.
		_, err = b.Store.MoveRun(ctx, r, []engine.RunState{engine.RunFreezing}, engine.RunCanceled, refused.Message, now)
		if err == nil {
			b.log.Error("broadcast canceled", "broadcast_id", r.BroadcastID, "run_id", r.ID, "error", refused.Message)
		}
		return err
	}
	if err != nil {
		return err
	}
	done, err := b.Store.Freeze(ctx, *f)
	if errors.Is(err, outbox.ErrLost) {
		return nil // somebody else freezes it
	}
	if err != nil {
		return err
	}
	if done && r.Checking == "" {
		r.State = engine.RunRunning
		return b.goOn(ctx, r)
	}
	b.Bells.RingRun(r.Number, time.Time{})
	return nil
}

func (b *Broadcasts) freezing(ctx context.Context, r *engine.Run, now time.Time) (*Freezing, error) {
	bot, err := b.Directory.Bot(ctx, r.BotID)
	if err != nil {
		return nil, err
	}
	filter, err := b.filter(ctx, r.BotID, &r.Plan.Audience)
	if err != nil {
		return nil, err
	}
	accounts, err := b.reach(ctx, bot, &r.Plan, now)
	if err != nil {
		return nil, err
	}
	ways, zoned, err := b.timed(ctx, bot, r, accounts, now)
	if err != nil {
		return nil, err
	}
	_, total := portions(&r.Plan)
	f := &Freezing{Run: r, Filter: filter, Accounts: ways, Spread: spread(r.BroadcastID, total), Zoned: zoned, Caps: capsOf(bot, &r.Plan, now),
		Each: r.Plan.Audience.EveryIdentity, Size: freezeSize, Status: engine.Queued, Expires: now.Add(DefaultExpiry), Now: now}
	if r.Checking != "" {
		f.Status = engine.Held
	}
	if first := r.Plan.Audience.First; first > 0 {
		c, err := b.Store.Count(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		f.Left = first
		for status, n := range c.ByStatus {
			if status != engine.Skipped {
				f.Left -= int(n)
			}
		}
		if f.Left <= 0 {
			f.Accounts, f.Left = nil, 1 // nobody more, and the freezing ends
		}
	}
	return f, nil
}

// goOn rings for ranges, or sees to what is left when there are none.
func (b *Broadcasts) goOn(ctx context.Context, r *engine.Run) error {
	now := b.Deps.Now()
	ids, open, err := b.Store.FreeRanges(ctx, r.ID, now, lanes)
	if err != nil {
		return err
	}
	for _, id := range ids {
		b.Bells.RingRange(id, time.Time{})
	}
	if open {
		return nil // what the last of them leaves is seen to when it ends
	}
	n, err := b.Store.SkipDisconnected(ctx, r.ID, now, cancelRows)
	if err != nil {
		return err
	}
	if n == cancelRows {
		b.Bells.RingRun(r.Number, time.Time{})
		return nil
	}
	left, err := b.Store.NextRound(ctx, r.ID, now)
	switch {
	case err != nil:
		return err
	case left.Range != 0:
		b.Bells.RingRange(left.Range, time.Time{})
	case !left.Open:
		err = b.finish(ctx, r, now)
	}
	return err
}

// clear closes what a canceled run leaves open, in parts: what has not gone out
// does not, and of calls whose answer was lost nobody will know.
func (b *Broadcasts) clear(ctx context.Context, r *engine.Run) error {
	now := b.Deps.Now()
	n, err := b.Store.CancelRows(ctx, r.ID, now, cancelRows)
	if err != nil {
		return err
	}
	lost, err := b.Store.GiveUp(ctx, r.ID, now, cancelRows)
	if err != nil {
		return err
	}
	if n == cancelRows || lost == cancelRows {
		b.Bells.RingRun(r.Number, time.Time{})
		return nil
	}
	return b.Store.CloseRun(ctx, r.ID, now)
}
