package outbox

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
)

// Row is one of a broadcast's, as far as the order of work needs it.
type Row struct {
	ID        int64
	AccountID string
}

// manyAtOnce is how many rows of one batch are worked side by side, where the
// channel lets so many calls be under way.
const manyAtOnce = 32

// DeliverMany works a broadcast's rows off, side by side, beginning in their
// order. It returns how many it came to: all, or fewer when the bulk's share of
// an account's rate is used up, and then how long it is. effects is put on the
// contacts of those the platform has taken.
func (o *Outbox) DeliverMany(ctx context.Context, rows []Row, effects *engine.Deltas) (worked int, wait time.Duration, err error) {
	var (
		running sync.WaitGroup
		mu      sync.Mutex
		errs    []error
		slots   = make(chan struct{}, manyAtOnce)
	)
	defer running.Wait()
	for _, row := range rows {
		if ctx.Err() != nil {
			break
		}
		if wait = o.ofRate(ctx, row.AccountID); wait > 0 {
			break
		}
		worked++
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			if err := o.deliver(ctx, row.ID, &attempt{o: o, effects: effects, paced: true}); err != nil {
				mu.Lock()
				errs = append(errs, err)
				mu.Unlock()
			}
		})
	}
	running.Wait()
	return worked, wait, errors.Join(errs...)
}

// ofRate takes a call of the bulk's share of an account's rate, or says how
// long there is none.
func (o *Outbox) ofRate(ctx context.Context, accountID string) time.Duration {
	a, err := o.Directory.Account(ctx, accountID)
	if err != nil {
		return 0 // the row itself says what is wrong
	}
	return o.take(ctx, a, channels.RoutePush, ShareBulk)
}

// leaseMany is how long a broadcast holds a contact whom its block asks
// something.
const leaseMany = time.Minute

// holdMany takes the contact's lease for a row of a broadcast whose block asks;
// wait is true when somebody else has it and the row was given back.
func (a *attempt) holdMany(ctx context.Context) (wait bool, err error) {
	now := a.o.Deps.Now()
	l, until, err := a.o.Leases.TakeLease(ctx, a.d.ContactID, "run/"+a.d.AttemptID, now, now.Add(leaseMany))
	if err != nil {
		return false, err
	}
	if l == nil {
		return true, a.release(ctx, Release{NotBefore: until, Uncounted: true})
	}
	a.lease, a.ownLease = l, true
	return false, nil
}

// freeLease gives up a lease that the attempt took itself.
func (a *attempt) freeLease(ctx context.Context) error {
	if !a.ownLease {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), letGoTimeout)
	defer cancel()
	err := a.o.Leases.ReleaseLease(ctx, a.lease)
	a.o.Bells.RingContact(a.d.ContactID, time.Time{}) // what came in meanwhile found it held
	return err
}
