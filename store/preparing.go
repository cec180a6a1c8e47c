package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/blockcast/blockcast/engine/outbox"
)

// Prepare writes what a send of a block became, once.
func (d *DB) Prepare(ctx context.Context, p outbox.Prepared) error {
	row := p.Delivery
	if p.Turn != nil && p.Turn.Touched && p.Lease == nil {
		return fmt.Errorf("prepare delivery %d: %w", row.ID, errors.New("a session was touched without the contact's lease"))
	}
	guard := new(script)
	held := int64(0)
	if p.Lease != nil {
		d.holds(guard, p.Lease)
		held = p.Lease.ContactID
	}
	if err := markPrepared(guard, p); err != nil {
		return err
	}
	var err error
	var told int64
	if p.Turn != nil && common(&p.Turn.Deltas) {
		err = d.commitAlone(ctx, guard, func(t transaction, s *script) error { return d.writePrepared(ctx, t, s, p, &told) })
	} else {
		err = d.together(ctx, func() (order, error) {
			body := new(script)
			return order{guard: guard, body: body, contact: held}, d.writePrepared(ctx, nil, body, p, &told)
		})
	}
	if err != nil {
		return wrapUnlessLost(fmt.Sprintf("prepare delivery %d", row.ID), err)
	}
	d.noticed(told)
	return nil
}

func markPrepared(s *script, p outbox.Prepared) error {
	row, render := p.Delivery, ""
	warnings, err := toJSON(orEmpty(row.Warnings))
	if err != nil {
		return err
	}
	if p.Render != nil {
		render = p.Render.ID
	}
	ours, args := "", []any{render, p.Now, warnings, row.VersionID, row.ID, row.AttemptID}
	if l := p.Lease; l != nil {
		ours, args = " AND "+leased, append(args, l.ContactID, l.Epoch, l.Owner)
	}
	s.exec(`UPDATE deliveries SET render_id = ?, prepared_at = ?, warnings = ?, version_id = ?
		WHERE id = ? AND attempt_id = ? AND status IN ('queued', 'sending') AND prepared_at IS NULL`+ours, args...).must(outbox.ErrLost)
	return nil
}

func one[T any](v T) []T { return []T{v} }

func (d *DB) writePrepared(ctx context.Context, t transaction, s *script, p outbox.Prepared, told *int64) error {
	row := p.Delivery
	if p.Render != nil {
		saveRenders(s, one(*p.Render), p.Now)
	}
	if p.Turn == nil {
		return nil
	}
	of := eventOf{row.BotID, row.ContactID, row.IdentityID, 0, row.ID, p.Now}
	if err := saveEvents(s, p.Turn.Events, of); err != nil {
		return err
	}
	if err := saveTimers(s, p.Turn, of); err != nil {
		return err
	}
	if err := d.announce(s, told, ofTurn(p.Turn, row.BotID, p.Now)...); err != nil {
		return err
	}
	if p.Turn.Touched {
		if err := saveSession(s, row.IdentityID, p.Turn.Session, p.Now); err != nil {
			return err
		}
	}
	return d.apply(ctx, t, s, []change{{row.BotID, row.ContactID, row.IdentityID, &p.Turn.Deltas}}, p.Now)
}
