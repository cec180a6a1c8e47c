package broadcast

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/policy"
)

// retryRows is how many rows one transaction queues again.
const retryRows = 5_000

// Retry queues what of a run failed for a while: throttled, out of quota,
// platform down, credentials refused, or expired before its turn. What the
// platform refused for good, and what nobody knows, stays. It returns how many
// rows are tried again; a finished run goes on with them.
func (b *Broadcasts) Retry(ctx context.Context, botID, id, runID string) (*engine.Run, int, error) {
	r, err := b.begun(ctx, botID, id, runID)
	if err != nil {
		return nil, 0, err
	}
	switch r.State {
	case engine.RunRunning, engine.RunPaused, engine.RunFinished:
	default:
		return nil, 0, &engine.Error{Code: engine.Conflict, Field: "state", Message: fmt.Sprintf("the run is %s: only what was sent can be retried", r.State)}
	}
	now, total := b.Deps.Now(), 0
	for {
		n, err := b.Store.RetryRows(ctx, r, now, now.Add(DefaultExpiry), retryRows)
		total += n
		if err != nil {
			return nil, total, err
		}
		if n < retryRows {
			break
		}
	}
	if total > 0 {
		b.Bells.RingRun(r.Number, time.Time{})
	}
	r, err = b.Store.Run(ctx, botID, r.ID)
	return r, total, err
}

// List keeps the people of a run whom a filter takes as a list, which
// audiences name by its id.
func (b *Broadcasts) List(ctx context.Context, botID, id, runID string, f Filter, name string) (list string, people int64, err error) {
	r, err := b.begun(ctx, botID, id, runID)
	if err != nil {
		return "", 0, err
	}
	list = b.Deps.NewID()
	people, err = b.Store.KeepList(ctx, r, f, list, name, b.Deps.Now())
	return list, people, err
}

// Again makes a draft that says the same to those of a run whom a filter
// takes, such as those it did not reach. None of them is Conflict. Who was held
// out is among them only when asked for by that reason: to write to them after
// all would leave nobody to compare with.
func (b *Broadcasts) Again(ctx context.Context, botID, id, runID string, f Filter) (*engine.Broadcast, int64, error) {
	r, err := b.begun(ctx, botID, id, runID)
	if err != nil {
		return nil, 0, err
	}
	f.Meant = f.Reason != policy.HeldOut && f.Variant != HeldOut
	list, people, err := b.List(ctx, botID, id, r.ID, f, r.Plan.Subject+": "+string(f.Outcome))
	if err != nil {
		return nil, 0, err
	}
	if people == 0 {
		return nil, 0, &engine.Error{Code: engine.Conflict, Field: "outcome", Message: "there is nobody of this outcome"}
	}
	p := r.Plan
	p.Audience = engine.Audience{List: list, Accounts: p.Audience.Accounts, EveryIdentity: p.Audience.EveryIdentity}
	p.When = engine.When{}
	out, err := b.create(ctx, botID, p)
	return out, people, err
}

// Delete removes a draft that never ran.
func (b *Broadcasts) Delete(ctx context.Context, botID, id string) error {
	return b.Store.DeleteBroadcast(ctx, botID, id)
}

// Retriable reports whether Retry tries again what failed for a class, or was
// skipped for a reason.
func Retriable(why string) bool {
	switch why {
	case "throttled", "quota", "auth", "restricted", "down", policy.Expired:
		return true
	}
	return false
}
