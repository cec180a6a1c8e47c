package outbox

import (
	"context"
	"math"
	"time"
)

// How many rows the reconciler reads at once, and how often in one look: what
// is beyond, the next look begins with.
const (
	reconcileBatch = 1000
	reconcilePages = 10
)

// Overdue is how long a row may wait for its bell before the reconciler rings.
const Overdue = 5 * time.Second

// Reconcile rings for rows whose bell was lost and closes those that are too
// late. It returns how many it had to ring: in health none.
func (o *Outbox) Reconcile(ctx context.Context) (rung int, err error) {
	now := o.Deps.Now()
	for {
		n, err := o.Ledger.Expire(ctx, now, reconcileBatch)
		if err != nil {
			return 0, err
		}
		if n < reconcileBatch {
			break
		}
	}
	return o.ring(ctx, now.Add(-Overdue))
}

// Recover rings at once for all that is due: a queue that lived in the last
// process has forgotten its bells.
func (o *Outbox) Recover(ctx context.Context) error {
	_, err := o.ring(ctx, o.Deps.Now())
	return err
}

// resumeAfter is how long after an account's resumption its rows are rung for:
// until then other processes may know it as it was, see Directory, and would
// try the credentials it was paused for.
const resumeAfter = 1200 * time.Millisecond

// Resume rings for what has waited while an account was paused. What is more
// than one batch the reconciler rings for.
func (o *Outbox) Resume(ctx context.Context, accountID string) error {
	now := o.Deps.Now()
	ids, err := o.Ledger.DueOfAccount(ctx, accountID, now, reconcileBatch)
	if err != nil {
		return err
	}
	for _, id := range ids {
		o.Bells.RingDelivery(id, now.Add(resumeAfter))
	}
	return nil
}

// ring rings for rows that were due before a time. A backlog takes several
// looks, each of which goes on where the last one ended.
func (o *Outbox) ring(ctx context.Context, before time.Time) (rung int, err error) {
	after := o.looked.Load()
	for range reconcilePages {
		rows, err := o.Ledger.Due(ctx, before, after, reconcileBatch)
		if err != nil {
			return rung, err
		}
		for _, r := range rows {
			o.Bells.RingDelivery(r.ID, time.Time{})
			after = r.ID
		}
		rung += len(rows)
		if len(rows) < reconcileBatch {
			after = 0
			break
		}
	}
	o.looked.Store(after)
	return rung, nil
}

// LookAhead rings for rows whose time comes within a span. It is for a queue
// that lives in this process: what the last one knew by heart is rung for just
// in time, and not when the reconciler finds it late.
func (o *Outbox) LookAhead(ctx context.Context, span time.Duration) error {
	now := o.Deps.Now()
	rows, err := o.Ledger.Coming(ctx, now, now.Add(span), reconcileBatch*reconcilePages)
	if err != nil {
		return err
	}
	for _, r := range rows {
		o.Bells.RingDelivery(r.ID, r.At)
	}
	return nil
}

// DrainContact works off a contact's due deliveries under the lease, earliest
// first. seen is the newest it has looked at: what comes later is news.
func (o *Outbox) DrainContact(ctx context.Context, l *Lease) (seen int64, err error) {
	ids, err := o.Ledger.DueOf(ctx, l.ContactID, o.Deps.Now(), drainBatch)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if err := o.Deliver(ctx, id, l); err != nil {
			return 0, err
		}
		seen = id
	}
	if len(ids) == drainBatch {
		seen = math.MaxInt64 // those that follow are rung for by those that go out
	}
	return seen, nil
}

// drainBatch bounds what one visit to a contact sends.
const drainBatch = 20
