package inbox

import (
	"context"
	"strconv"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// send gives the person what was planned for now, unless that is called off. It
// is a delivery of its own, which policy judges when it goes out.
func (in *Inbox) send(ctx context.Context, l *outbox.Lease, t *engine.Timer) error {
	s, err := in.Directory.Situation(ctx, t.BotID, t.IdentityID)
	if err != nil {
		return err
	}
	if s.Library, err = in.Libraries.Library(ctx, t.BotID); err != nil {
		return err
	}
	ring, err := in.Engine.Ring(ctx, *s, t)
	if err != nil {
		return err
	}
	now := in.Deps.Now()
	r := Rung{Timer: t, Postpone: ring.Postpone, Events: ring.Events, Now: now}
	if ring.Send {
		r.Send = engine.Send{ID: in.Deps.NewID(), BotID: t.BotID, Source: "later", CreatedAt: now, ExpiresAt: t.DueAt.Add(outbox.DefaultExpiry)}
		r.Delivery = &engine.Delivery{BotID: t.BotID, AccountID: s.Account.ID, SendID: r.Send.ID, OriginID: t.Origin, Seq: t.Seq,
			ContactID: l.ContactID, IdentityID: t.IdentityID, ChosenBecause: chosenFor(t), BlockID: t.Block, Status: engine.Queued,
			Intent: t.Intent, Category: t.Category, InWindowOnly: t.InWindow, Attributes: t.Attributes, NotBefore: now,
			ExpiresAt: r.Send.ExpiresAt, CreatedAt: now}
	}
	if _, err = in.Store.EndTimer(ctx, l, r); err != nil {
		return err
	}
	if !ring.Postpone.IsZero() {
		in.Bells.RingContact(l.ContactID, ring.Postpone)
	}
	return nil // the delivery is the contact's next one, and l is still held
}

func chosenFor(t *engine.Timer) string {
	if t.Origin != 0 {
		return "planned by delivery " + strconv.FormatInt(t.Origin, 10)
	}
	return "planned when they talked on this account"
}
