package inbox

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// Drain does all there is to do for a contact: its unanswered interactions,
// its sessions whose wait is over, its due deliveries, in that order. Whoever
// finds the contact held by another leaves it to them and rings again for when
// their lease ends.
func (in *Inbox) Drain(ctx context.Context, contactID int64) error {
	now := in.Deps.Now()
	l, until, err := in.Store.TakeLease(ctx, contactID, in.Owner+"/"+in.Deps.NewID(), now, now.Add(leaseFor))
	if err != nil {
		return fmt.Errorf("lease contact %d: %w", contactID, err)
	}
	if l == nil {
		in.Bells.RingContact(contactID, until)
		return nil
	}
	seen, err := in.drain(ctx, l)
	if errors.Is(err, outbox.ErrLost) {
		return nil // whoever has the contact now goes on
	}
	if release := in.release(ctx, l); err == nil {
		err = release
	}
	if ctx.Err() != nil {
		in.Bells.RingContact(contactID, time.Time{}) // this process stops: another goes on
	}
	if err != nil {
		return fmt.Errorf("drain contact %d: %w", contactID, err)
	}
	return in.lookOnceMore(ctx, contactID, seen)
}

// drain returns the newest delivery it has looked at.
func (in *Inbox) drain(ctx context.Context, l *outbox.Lease) (seen int64, err error) {
	for range drainTurns {
		worked, err := in.step(ctx, l)
		if err != nil {
			return 0, err
		}
		if !worked {
			return in.Outbox.DrainContact(ctx, l)
		}
		if err := in.renewOld(ctx, l); err != nil {
			return 0, err
		}
		// Most people have said one thing: one question tells that, instead of
		// one for each kind of work.
		more, err := in.Store.Waits(ctx, l.ContactID, 0, in.Deps.Now())
		if err != nil || !more {
			return 0, err
		}
	}
	in.Bells.RingContact(l.ContactID, time.Time{}) // others have their turn between
	return math.MaxInt64, nil
}

// step runs one turn, if one is due.
func (in *Inbox) step(ctx context.Context, l *outbox.Lease) (worked bool, err error) {
	it, err := in.Store.NextInteraction(ctx, l.ContactID)
	if err != nil {
		return false, err
	}
	if it != nil {
		return true, in.answer(ctx, l, it)
	}
	now := in.Deps.Now()
	identity, err := in.Store.DueSession(ctx, l.ContactID, now)
	if err != nil {
		return false, err
	}
	if identity != 0 {
		return true, in.fire(ctx, l, identity, now)
	}
	t, err := in.Store.DueTimer(ctx, l.ContactID, now)
	if err != nil || t == nil {
		return false, err
	}
	return true, in.send(ctx, l, t)
}

// renewOld renews a lease of which half is gone. Most visits end long before,
// and the renewal of a new one is a commit for nothing.
func (in *Inbox) renewOld(ctx context.Context, l *outbox.Lease) error {
	if l.Until.Sub(in.Deps.Now()) > leaseFor/2 {
		return nil
	}
	return in.renew(ctx, l)
}

func (in *Inbox) renew(ctx context.Context, l *outbox.Lease) error {
	until := in.Deps.Now().Add(leaseFor)
	if err := in.Store.RenewLease(ctx, l, until); err != nil {
		return err
	}
	l.Until = until
	return nil
}

// release gives the contact free even when ctx has ended: a stopping process
// leaves nothing leased.
func (in *Inbox) release(ctx context.Context, l *outbox.Lease) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return in.Store.ReleaseLease(ctx, l)
}

// lookOnceMore rings for what came in between the last look and the release:
// its own bell found the contact held, and rings again only when the lease
// would have ended.
func (in *Inbox) lookOnceMore(ctx context.Context, contactID, seen int64) error {
	more, err := in.Store.Waits(ctx, contactID, seen, in.Deps.Now())
	if err != nil {
		return fmt.Errorf("look once more at contact %d: %w", contactID, err)
	}
	if more {
		in.Bells.RingContact(contactID, time.Time{})
	}
	return nil
}

// Reconcile rings for contacts whose bell was lost, ends handovers whose time
// is over and applies the platforms' receipts. It returns how many contacts it
// had to ring for: in health none.
func (in *Inbox) Reconcile(ctx context.Context) (rung int, err error) {
	now := in.Deps.Now()
	if _, err := in.Store.EndHandovers(ctx, now, reconcileBatch); err != nil {
		return 0, err
	}
	return in.ring(ctx, now.Add(-outbox.Overdue))
}

// Recover rings at once for every contact with something due: a queue that
// lived in the last process has forgotten its bells.
func (in *Inbox) Recover(ctx context.Context) error {
	_, err := in.ring(ctx, in.Deps.Now())
	return err
}

// ring rings for contacts with something that was due before a time.
func (in *Inbox) ring(ctx context.Context, before time.Time) (int, error) {
	ids, err := in.Store.DueContacts(ctx, before, reconcileBatch)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		in.Bells.RingContact(id, time.Time{})
	}
	return len(ids), nil
}

// ApplyReceipts applies what platforms have said about our messages.
func (in *Inbox) ApplyReceipts(ctx context.Context) error {
	for {
		n, err := in.Store.ApplyReceipts(ctx, in.Deps.Now(), reconcileBatch)
		if err != nil || n < reconcileBatch {
			return err
		}
	}
}

// reconcileBatch is how many rows one look of the reconciler takes.
const reconcileBatch = 1000

// fire resumes a session whose wait is over.
func (in *Inbox) fire(ctx context.Context, l *outbox.Lease, identityID int64, now time.Time) error {
	botID, err := in.Store.BotOfIdentity(ctx, identityID)
	if err != nil {
		return err
	}
	return in.run(ctx, l, &engine.Interaction{BotID: botID, IdentityID: identityID, ContactID: l.ContactID,
		Kind: engine.DidTimer, OccurredAt: now, ReceivedAt: now})
}
