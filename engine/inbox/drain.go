package inbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// Drain does all there is to do for a contact: its unanswered interactions,
// its sessions whose wait is over, its due deliveries, in that order. Each
// visit does one of them and gives the contact free again; others have their
// turn after a few.
func (in *Inbox) Drain(ctx context.Context, contactID int64) error {
	for range drainTurns {
		more, err := in.visit(ctx, contactID)
		if err != nil || !more {
			return err
		}
	}
	in.Bells.RingContact(contactID, time.Time{})
	return nil
}

// visit does what is due first and reports whether there is more. Whoever finds
// the contact held by another leaves it to them and rings again for when their
// lease ends.
func (in *Inbox) visit(ctx context.Context, contactID int64) (more bool, err error) {
	now := in.Deps.Now()
	l, it, until, err := in.Store.Visit(ctx, contactID, in.Owner+"/"+in.Deps.NewID(), now, now.Add(leaseFor))
	if err != nil {
		return false, err
	}
	if l == nil {
		if until.After(now) { // else the bot is paused, or the contact was let go this moment by who looks once more
			in.Bells.RingContact(contactID, until)
		}
		return false, nil
	}
	seen, err := in.step(ctx, l, it)
	if errors.Is(err, outbox.ErrLost) {
		return false, nil // whoever has the contact now goes on
	}
	if release := in.release(ctx, l); err == nil {
		err = release
	}
	if ctx.Err() != nil {
		in.Bells.RingContact(contactID, time.Time{}) // this process stops: another goes on
	}
	if err != nil {
		return false, fmt.Errorf("visit contact %d: %w", contactID, err)
	}
	return in.lookOnceMore(ctx, contactID, seen)
}

// step runs one turn, if one is due, else the contact's due deliveries, and
// returns the newest delivery that needs no further look.
func (in *Inbox) step(ctx context.Context, l *outbox.Lease, it *engine.Interaction) (seen int64, err error) {
	if it != nil {
		return 0, in.answer(ctx, l, it)
	}
	now := in.Deps.Now()
	identity, err := in.Store.DueSession(ctx, l.ContactID, now)
	if err != nil {
		return 0, err
	}
	if identity != 0 {
		return 0, in.fire(ctx, l, identity, now)
	}
	t, err := in.Store.DueTimer(ctx, l.ContactID, now)
	if err != nil {
		return 0, err
	}
	if t != nil {
		return 0, in.send(ctx, l, t)
	}
	return in.Outbox.DrainContact(ctx, l)
}

// renew moves the end of a lease, before a call that may take long.
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

// lookOnceMore finds what came in between the last look and the release: its
// own bell found the contact held, and rings again only when the lease would
// have ended.
func (in *Inbox) lookOnceMore(ctx context.Context, contactID, seen int64) (bool, error) {
	more, err := in.Store.Waits(ctx, contactID, seen, in.Deps.Now())
	if err != nil {
		return false, fmt.Errorf("look once more at contact %d: %w", contactID, err)
	}
	return more, nil
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

// ring rings for contacts with something that was due before a time. A backlog
// takes several looks, each of which goes on where the last one ended.
func (in *Inbox) ring(ctx context.Context, before time.Time) (rung int, err error) {
	after := in.looked.Load()
	for range reconcilePages {
		ids, err := in.Store.DueContacts(ctx, before, after, reconcileBatch)
		if err != nil {
			return rung, err
		}
		for _, id := range ids {
			in.Bells.RingContact(id, time.Time{})
			after = id
		}
		rung += len(ids)
		if len(ids) < reconcileBatch {
			after = 0
			break
		}
	}
	in.looked.Store(after)
	return rung, nil
}

// LookAhead rings for contacts whose time comes within a span; see
// outbox.LookAhead.
func (in *Inbox) LookAhead(ctx context.Context, span time.Duration) error {
	now := in.Deps.Now()
	list, err := in.Store.ComingContacts(ctx, now, now.Add(span), reconcileBatch*reconcilePages)
	if err != nil {
		return err
	}
	for _, c := range list {
		in.Bells.RingContact(c.ID, c.At)
	}
	return nil
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

// How many rows the reconciler reads at once, and how often in one look: what
// is beyond, the next look begins with.
const (
	reconcileBatch = 1000
	reconcilePages = 10
)

// fire resumes a session whose wait is over.
func (in *Inbox) fire(ctx context.Context, l *outbox.Lease, identityID int64, now time.Time) error {
	botID, err := in.Store.BotOfIdentity(ctx, identityID)
	if err != nil {
		return err
	}
	return in.run(ctx, l, &engine.Interaction{BotID: botID, IdentityID: identityID, ContactID: l.ContactID,
		Kind: engine.DidTimer, OccurredAt: now, ReceivedAt: now})
}
