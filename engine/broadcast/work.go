package broadcast

import (
	"context"
	"errors"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// WorkRange works the next batch of a range off and rings for the one after
// it. It is what a range's bell asks for.
func (b *Broadcasts) WorkRange(ctx context.Context, id int64) error {
	now := b.Deps.Now()
	r, run, err := b.Store.TakeRange(ctx, id, now, now.Add(batchLease))
	if err != nil || r == nil {
		return err
	}
	if err := b.canTrack(ctx, run); err != nil {
		return errors.Join(err, b.leave(ctx, r, false))
	}
	if err := b.hush(ctx, run, r.NextID, r.LastID); err != nil {
		return errors.Join(err, b.leave(ctx, r, false))
	}
	bot, err := b.Directory.Bot(ctx, run.BotID)
	if err != nil {
		return errors.Join(err, b.leave(ctx, r, false))
	}
	worked, err := b.Sender.DeliverMany(ctx, outbox.Batch{RunID: run.ID, First: r.NextID, Last: r.LastID, Limit: batchRows, Effects: effects(&run.Plan),
		Track: run.Plan.Track, Caps: capsOf(bot, &run.Plan, now), Started: run.StartedAt, Expires: letGoUntil(run)})
	r.NextID = worked.Next
	done := err == nil && worked.Done
	if err = errors.Join(err, b.leave(ctx, r, done)); err != nil {
		return err
	}
	if stopped, err := b.judge(ctx, run, r, worked); stopped || err != nil {
		return err
	}
	if !done {
		at := time.Time{}
		if worked.Wait > 0 {
			at = b.Deps.Now().Add(worked.Wait)
		}
		b.Bells.RingRange(id, at)
		return nil
	}
	return b.goOn(ctx, run)
}

// letGoUntil is when rows expire that a pre-flight of a run has held, the zero
// time when none has.
func letGoUntil(r *engine.Run) time.Time {
	if r.Checking != engine.CheckOnly || r.StartedAt.IsZero() {
		return time.Time{}
	}
	return r.StartedAt.Add(DefaultExpiry)
}

// effects is what a plan puts on those reached, nil when nothing.
func effects(p *engine.Plan) *engine.Deltas {
	if len(p.Tags)+len(p.Attributes) == 0 {
		return nil
	}
	return &engine.Deltas{AddTags: p.Tags, Set: p.Attributes}
}

// leave writes a range's place down, also when ctx has ended: a stopping
// process leaves nothing held.
func (b *Broadcasts) leave(ctx context.Context, r *engine.Range, done bool) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return b.Store.LeaveRange(ctx, r, done, b.Deps.Now())
}
