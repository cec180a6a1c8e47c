package outbox

import (
	"context"
	"errors"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// Prepare keeps what a row's block came to until the visit writes it.
func (v *visit) Prepare(_ context.Context, p Prepared) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.prepared[p.Delivery.ID] = &p
	return nil
}

// unwritten takes what was kept by Prepare.
func (v *visit) unwritten() map[int64]*Prepared {
	v.mu.Lock()
	defer v.mu.Unlock()
	out := v.prepared
	v.prepared = map[int64]*Prepared{}
	return out
}

// has reports whether a row was claimed by this visit.
func (v *visit) has(a *attempt) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.claimed[a.d.ID]
}

// have notes which rows a beginning has claimed.
func (v *visit) have(claims []*attempt, ours map[int64]bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, a := range claims {
		if ours[a.d.ID] {
			v.claimed[a.d.ID] = true
			a.d.AttemptID, a.d.LeaseUntil = v.claim.AttemptID, v.claim.LeaseUntil
			a.d.Attempt++
		}
	}
}

// Begin is of a further call for a row, which is written by itself.
func (v *visit) Begin(ctx context.Context, d *engine.Delivery, a engine.Attempt) error {
	return v.o.Ledger.Begin(ctx, d, a)
}

// Progress is written at once: the next call of the row follows.
func (v *visit) Progress(ctx context.Context, d *engine.Delivery, a engine.Attempt, messagesSent int, ids []string) error {
	return v.o.Ledger.Progress(ctx, d, a, messagesSent, ids)
}

// unclaimed is the status of a row that was only read, "" for one of ours. The
// visit is locked.
func (v *visit) unclaimed(d *engine.Delivery) engine.Status {
	if v.claimed[d.ID] {
		return ""
	}
	return d.Status
}

// Finish keeps an outcome until the visit writes it. ErrLost means that the row is
// somebody else's by now, and so is what follows from its end.
func (v *visit) Finish(ctx context.Context, o Outcome) error {
	v.mu.Lock()
	o.Unclaimed = v.unclaimed(o.Delivery)
	if o.EndSession {
		v.mu.Unlock()
		return v.o.Ledger.Finish(ctx, o)
	}
	defer v.mu.Unlock()
	if o.Status == engine.Failed && o.Attempt != nil {
		v.worked.Failed++
	}
	v.outcomes = append(v.outcomes, o)
	return nil
}

// Release keeps what is given back until the visit writes it. A row whose
// block has only just run is not given other bytes before those are written:
// the next visit decides about it.
func (v *visit) Release(ctx context.Context, r Release) error {
	v.mu.Lock()
	_, unwritten := v.prepared[r.Delivery.ID]
	if unwritten {
		r.Instead, r.EndSession = nil, false
	}
	r.Unclaimed = v.unclaimed(r.Delivery)
	if r.Instead == nil && !r.EndSession {
		v.releases = append(v.releases, r)
		v.mu.Unlock()
		return nil
	}
	v.mu.Unlock()
	return passedOver(v.o.Ledger.Release(ctx, r))
}

// passedOver lets a visit go on beside a row that is somebody else's by now, as
// it does where many are written.
func passedOver(err error) error {
	if errors.Is(err, ErrLost) {
		return nil
	}
	return err
}

// PauseAccount is asked for by each row whose call was refused for the
// account's sake, and once is enough.
func (v *visit) PauseAccount(ctx context.Context, botID, accountID, reason string) error {
	v.mu.Lock()
	again := v.paused[accountID]
	v.paused[accountID] = true
	v.mu.Unlock()
	if again {
		return nil
	}
	return v.o.Ledger.PauseAccount(ctx, botID, accountID, reason)
}

// end writes what became of the rows, also when ctx has ended: what the
// platform took is known only here.
func (v *visit) end(ctx context.Context) error {
	v.mu.Lock()
	e := Endings{Outcomes: v.outcomes, Releases: v.releases, Now: v.o.Deps.Now()}
	v.outcomes, v.releases = nil, nil
	v.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTimeout)
	defer cancel()
	next, err := v.o.Ledger.EndMany(ctx, e)
	for _, id := range next {
		v.o.Bells.RingDelivery(id, time.Time{})
	}
	return err
}

// letGo gives back what nothing was decided about, when something went wrong
// before the calls.
func (v *visit) letGo(ctx context.Context) error {
	decided := map[int64]bool{}
	for _, o := range v.outcomes {
		decided[o.Delivery.ID] = true
	}
	for _, r := range v.releases {
		decided[r.Delivery.ID] = true
	}
	now := v.o.Deps.Now()
	for _, a := range v.all {
		if v.claimed[a.d.ID] && !decided[a.d.ID] && a.d.Status == engine.Queued {
			v.releases = append(v.releases, Release{Delivery: a.d, Status: engine.Queued, NotBefore: now.Add(v.o.backoff(a.d.Attempt, 0)),
				Class: a.d.Class, Code: a.d.Code, Error: a.d.Error, Now: now})
		}
	}
	return v.end(ctx)
}
