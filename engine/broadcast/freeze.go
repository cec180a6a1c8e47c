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
	case engine.RunRunning:
		return b.goOn(ctx, r)
	case engine.RunCanceled:
		return b.clear(ctx, r)
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
	if done {
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
	f := &Freezing{Run: r, Filter: filter, Accounts: accounts, Each: r.Plan.Audience.EveryIdentity, Size: freezeSize,
		Status: engine.Queued, Expires: r.StartedAt.Add(DefaultExpiry), Now: now}
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
	ids, err := b.Store.FreeRanges(ctx, r.ID, now, lanes)
	if err != nil {
		return err
	}
	for _, id := range ids {
		b.Bells.RingRange(id, time.Time{})
	}
	if len(ids) > 0 {
		return nil
	}
	left, err := b.Store.NextRound(ctx, r.ID, now)
	switch {
	case err != nil:
		return err
	case left.Range != 0:
		b.Bells.RingRange(left.Range, time.Time{})
	case !left.Open:
		_, err = b.Store.MoveRun(ctx, r, []engine.RunState{engine.RunRunning}, engine.RunFinished, "", now)
	}
	return err
}

// clear closes what a canceled run leaves open, in parts.
func (b *Broadcasts) clear(ctx context.Context, r *engine.Run) error {
	n, err := b.Store.CancelRows(ctx, r.ID, b.Deps.Now(), cancelRows)
	if err == nil && n == cancelRows {
		b.Bells.RingRun(r.Number, time.Time{})
	}
	return err
}

// WorkRange works the next batch of a range off and rings for the one after
// it. It is what a range's bell asks for.
func (b *Broadcasts) WorkRange(ctx context.Context, id int64) error {
	now := b.Deps.Now()
	r, err := b.Store.TakeRange(ctx, id, now, now.Add(batchLease))
	if err != nil || r == nil {
		return err
	}
	rows, err := b.Store.NextRows(ctx, r, now, batchRows)
	if err != nil {
		return errors.Join(err, b.leave(ctx, r, false))
	}
	worked, wait, err := b.Sender.DeliverMany(ctx, rows)
	if worked > 0 {
		r.NextID = rows[worked-1].ID + 1
	}
	done := err == nil && worked == len(rows) && len(rows) < batchRows
	if err = errors.Join(err, b.leave(ctx, r, done)); err != nil {
		return err
	}
	if !done {
		b.Bells.RingRange(id, b.Deps.Now().Add(wait))
		return nil
	}
	return b.next(ctx, r)
}

// leave writes a range's place down, also when ctx has ended: a stopping
// process leaves nothing held.
func (b *Broadcasts) leave(ctx context.Context, r *engine.Range, done bool) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return b.Store.LeaveRange(ctx, r, done, b.Deps.Now())
}

// next looks after the run whose range has ended.
func (b *Broadcasts) next(ctx context.Context, of *engine.Range) error {
	r, err := b.Store.RunOf(ctx, of.RunID)
	if err != nil || r == nil || r.State != engine.RunRunning {
		return err
	}
	return b.goOn(ctx, r)
}
