package broadcast

import (
	"context"
	"errors"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// WorkRange works the next batch of a range off and rings for the one after
// it. It is what a range's bell asks for.
func (b *Broadcasts) WorkRange(ctx context.Context, id int64) error {
	now := b.Deps.Now()
	r, run, err := b.Store.TakeRange(ctx, id, now, now.Add(batchLease))
	if err != nil || r == nil {
		return err
	}
	rows, err := b.Store.NextRows(ctx, r, now, batchRows)
	if err != nil {
		return errors.Join(err, b.leave(ctx, r, false))
	}
	worked, wait, err := b.Sender.DeliverMany(ctx, rows, effects(&run.Plan))
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
	return b.goOn(ctx, run)
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
