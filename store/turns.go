package store

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/inbox"
	"github.com/blockcast/blockcast/engine/outbox"
)

// CommitTurn writes all a turn made, or, when the lease or the interaction is
// no longer ours, nothing.
func (d *DB) CommitTurn(ctx context.Context, l *outbox.Lease, t inbox.Turn) (inbox.Committed, error) {
	var out inbox.Committed
	var told int64
	var err error
	guard := func() *script {
		s := new(script)
		d.holds(s, l)
		if t.InteractionID != 0 {
			closeInteraction(s, l, t)
		}
		return s
	}
	if t.Turn != nil && common(&t.Turn.Deltas) {
		err = d.commitAlone(ctx, guard(), func(tx transaction, s *script) error { return d.writeTurn(ctx, tx, s, t, &out, &told) })
	} else {
		err = d.together(ctx, func() (order, error) {
			out = inbox.Committed{}
			body := new(script)
			return order{guard: guard(), body: body, contact: l.ContactID}, d.writeTurn(ctx, nil, body, t, &out, &told)
		})
	}
	if err != nil {
		return inbox.Committed{}, wrapUnlessLost(fmt.Sprintf("commit turn of interaction %d", t.InteractionID), err)
	}
	d.noticed(told)
	return out, nil
}

// commitAlone writes what may not share a transaction, or, as tags do, asks on
// the way.
func (d *DB) commitAlone(ctx context.Context, guard *script, write func(t transaction, s *script) error) error {
	return d.transact(ctx, func(t transaction) error {
		if err := t.run(ctx, guard); err != nil {
			return err
		}
		s := new(script)
		if err := write(t, s); err != nil {
			return err
		}
		return t.commit(ctx, s)
	})
}

// closeInteraction writes how an interaction ended, under the lease; one that
// ended already is somebody else's.
func closeInteraction(s *script, l *outbox.Lease, t inbox.Turn) {
	answered := t.Now
	if !t.Closed {
		answered = time.Time{}
	}
	s.exec(`UPDATE interactions SET answered_at = ?, outcome = ?, error = ? WHERE id = ? AND identity_id = ? AND answered_at IS NULL AND `+leased,
		answered, t.Outcome, t.Error, t.InteractionID, t.IdentityID, l.ContactID, l.Epoch, l.Owner).must(outbox.ErrLost)
}

func (d *DB) writeTurn(ctx context.Context, tx transaction, s *script, t inbox.Turn, out *inbox.Committed, told *int64) error {
	saveRenders(s, t.Renders, t.Now)
	rows := make([]*engine.Delivery, len(t.Deliveries))
	for i := range t.Deliveries {
		row := t.Deliveries[i]
		if i < len(t.Renders) && t.Renders[i].ID != "" {
			row.RenderID = t.Renders[i].ID
			if row.PreparedAt.IsZero() {
				row.PreparedAt = t.Now
			}
		}
		rows[i] = &row
	}
	insert := func() error { return insertDeliveries(s, rows, &out.Deliveries) }
	if t.Take != nil && len(rows) == 1 {
		insert = func() error { return insertTaken(s, rows[0], t, &out.Deliveries, &out.Taken) }
	}
	if err := insert(); err != nil {
		return err
	}
	if t.Tap != nil {
		saveTap(s, t)
	}
	saveReply(s, t)
	if t.Turn == nil {
		return nil
	}
	of := eventOf{t.BotID, t.ContactID, t.IdentityID, t.InteractionID, 0, t.Now}
	if err := saveEvents(s, t.Turn.Events, of); err != nil {
		return err
	}
	if err := saveTimers(s, t.Turn, of); err != nil {
		return err
	}
	if err := d.announce(s, told, ofTurn(t.Turn, t.BotID, t.Now)...); err != nil {
		return err
	}
	if t.Turn.Touched {
		if err := saveSession(s, t.IdentityID, t.Turn.Session, t.Now); err != nil {
			return err
		}
	}
	return d.apply(ctx, tx, s, []change{{t.BotID, t.ContactID, t.IdentityID, &t.Turn.Deltas}}, t.Now)
}

// saveTap records a tap on a button of a delivery of the same person.
func saveTap(s *script, t inbox.Turn) {
	s.exec(`INSERT INTO taps (delivery_id, run_id, render_id, button, place, title, at)
		SELECT id, run_id, ?, ?, ?, ?, ? FROM deliveries WHERE id = ? AND identity_id = ?`,
		t.Tap.RenderID, t.Tap.Button, t.Tap.Place, t.Tap.Title, t.Tap.At, t.Tap.DeliveryID, t.IdentityID)
	s.exec(`UPDATE deliveries SET clicked_at = ? WHERE id = ? AND identity_id = ? AND clicked_at IS NULL`, t.Tap.At, t.Tap.DeliveryID, t.IdentityID)
}

// wrapUnlessLost says what failed; ErrLost stays as it is, for callers compare it.
func wrapUnlessLost(what string, err error) error {
	if err == outbox.ErrLost {
		return err
	}
	return fmt.Errorf("%s: %w", what, err)
}
