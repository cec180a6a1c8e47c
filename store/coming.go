package store

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine/outbox"
)

// comingDeliveries reads what is open, as dueDeliveries does.
const comingDeliveries = `SELECT id, not_before FROM deliveries
	WHERE account_id IN (SELECT a.id FROM accounts a WHERE ` + working + `) AND waiting AND run_id = '' AND status IN ('queued', 'sending')
	AND not_before > ? AND not_before <= ? ORDER BY id + 0 LIMIT ?`

// Coming returns open rows of active accounts whose time comes after now, but
// not after until.
func (d *DB) Coming(ctx context.Context, now, until time.Time, limit int) ([]outbox.Coming, error) {
	var out []outbox.Coming
	s := new(script)
	s.query(comingDeliveries, now, until, limit).each(intoComing(&out))
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read coming deliveries: %w", err)
	}
	return out, nil
}

// ComingContacts returns contacts for whom a wait ends, or something planned
// comes, after now, but not after until.
func (d *DB) ComingContacts(ctx context.Context, now, until time.Time, limit int) ([]outbox.Coming, error) {
	var out []outbox.Coming
	s := new(script)
	s.query(`SELECT i.contact_id, s.resume_at FROM sessions s JOIN identities i ON i.id = s.identity_id
		WHERE s.resume_at > ? AND s.resume_at <= ? ORDER BY s.resume_at LIMIT ?`, now, until, limit).each(intoComing(&out))
	s.query(`SELECT i.contact_id, t.due_at FROM timers t JOIN identities i ON i.id = t.identity_id
		WHERE t.due_at > ? AND t.due_at <= ? ORDER BY t.due_at LIMIT ?`, now, until, limit).each(intoComing(&out))
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read coming contacts: %w", err)
	}
	return out, nil
}

func intoComing(out *[]outbox.Coming) func(scanner) error {
	return func(r scanner) error {
		var c outbox.Coming
		err := r.Scan(&c.ID, moment(&c.At))
		*out = append(*out, c)
		return err
	}
}
