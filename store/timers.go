package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/inbox"
	"github.com/blockcast/blockcast/engine/outbox"
)

// saveTimers writes what a turn has planned and taken back. Beyond
// engine.MaxTimers an identity gets no new ones, and an event says so.
func saveTimers(s *script, turn *engine.Turn, of eventOf) error {
	for _, key := range turn.Canceled {
		s.exec(`DELETE FROM timers WHERE identity_id = ? AND key = ?`, of.identity, key)
	}
	for i := range turn.Timers {
		t := &turn.Timers[i]
		definition, err := toJSON(t)
		if err != nil {
			return fmt.Errorf("timer %s: %w", t.Key, err)
		}
		const full = `(SELECT COUNT(*) FROM timers WHERE identity_id = ? AND key <> ?) >= ?`
		s.exec(`INSERT INTO events (bot_id, contact_id, identity_id, interaction_id, delivery_id, at, level, code, text)
			SELECT ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE `+full, of.bot, of.contact, of.identity, of.interaction, of.delivery, of.at,
			engine.LevelFailure, engine.EventLimitStored, fmt.Sprintf("nothing more is planned: the person has %d blocks planned already", engine.MaxTimers),
			of.identity, t.Key, engine.MaxTimers)
		s.exec(`INSERT INTO timers (identity_id, key, block_id, due_at, definition) SELECT ?, ?, ?, ?, ? WHERE NOT `+full+`
			ON CONFLICT (identity_id, key) DO UPDATE SET block_id = excluded.block_id, due_at = excluded.due_at, definition = excluded.definition`,
			of.identity, t.Key, t.Block, t.DueAt, definition, of.identity, t.Key, engine.MaxTimers)
	}
	return nil
}

// DueTimer returns what was planned for one of a contact's identities and is
// due first, nil when nothing is.
func (d *DB) DueTimer(ctx context.Context, contactID int64, now time.Time) (*engine.Timer, error) {
	var found *engine.Timer
	s := new(script)
	s.query(`SELECT t.id, a.bot_id, t.identity_id, t.key, t.block_id, t.due_at, t.definition
		FROM identities i JOIN timers t ON t.identity_id = i.id JOIN accounts a ON a.id = i.account_id
		WHERE i.contact_id = ? AND t.due_at <= ? ORDER BY t.due_at, t.id LIMIT 1`, contactID, now).each(func(r scanner) error {
		t := new(engine.Timer)
		found = t
		return r.Scan(&t.ID, &t.BotID, &t.IdentityID, &t.Key, &t.Block, moment(&t.DueAt), fromJSON(t))
	})
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read due timer of contact %d: %w", contactID, err)
	}
	return found, nil
}

// errReplaced ends the transaction of a timer that is not what it was.
var errReplaced = errors.New("the timer was replaced or taken back")

// EndTimer ends a timer that rang, or puts it off, and writes what follows.
func (d *DB) EndTimer(ctx context.Context, l *outbox.Lease, e inbox.Rung) (int64, error) {
	t, ids := e.Timer, []int64(nil)
	err := d.transact(ctx, func(tx transaction) error {
		s := new(script)
		d.holds(s, l)
		if e.Postpone.IsZero() {
			s.exec(`DELETE FROM timers WHERE id = ? AND identity_id = ? AND due_at = ?`, t.ID, t.IdentityID, t.DueAt).must(errReplaced)
		} else {
			s.exec(`UPDATE timers SET due_at = ? WHERE id = ? AND identity_id = ? AND due_at = ?`, e.Postpone, t.ID, t.IdentityID, t.DueAt).must(errReplaced)
		}
		if err := tx.run(ctx, s); err != nil {
			return err
		}
		s = new(script)
		if err := saveEvents(s, e.Events, eventOf{t.BotID, l.ContactID, t.IdentityID, 0, 0, e.Now}); err != nil {
			return err
		}
		if row := e.Delivery; row != nil {
			s.exec(`INSERT INTO sends (id, bot_id, source, created_at, expires_at) VALUES (?, ?, ?, ?, ?)`,
				e.Send.ID, e.Send.BotID, e.Send.Source, e.Send.CreatedAt, e.Send.ExpiresAt)
			if err := insertDeliveries(s, []*engine.Delivery{row}, &ids); err != nil {
				return err
			}
		}
		return tx.commit(ctx, s)
	})
	switch {
	case errors.Is(err, errReplaced):
		return 0, nil
	case err != nil:
		return 0, wrapUnlessLost(fmt.Sprintf("end timer %d", t.ID), err)
	case len(ids) > 0:
		return ids[0], nil
	}
	return 0, nil
}
