package store

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine/outbox"
)

// free is the lease_until of a lease nobody holds.
var free = time.Unix(0, 0).UTC()

// TakeLease takes the right to write a contact's sessions and raises its
// epoch. nil means somebody else holds it until the returned time.
func (d *DB) TakeLease(ctx context.Context, contactID int64, owner string, now, until time.Time) (*outbox.Lease, time.Time, error) {
	l := outbox.Lease{ContactID: contactID, Owner: owner, Until: until}
	var held time.Time
	err := d.together(ctx, func() (order, error) {
		s := new(script)
		takeLease(s, &l, now, &held)
		return order{body: s, contact: contactID}, nil
	})
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("take lease of contact %d: %w", contactID, err)
	}
	if l.Epoch == 0 {
		return nil, held, nil
	}
	return &l, time.Time{}, nil
}

// takeLease adds the taking of a lease whose epoch stays 0 while somebody else
// holds it, until held, or while its bot or the instance is paused.
func takeLease(s *script, l *outbox.Lease, now time.Time, held *time.Time) {
	l.Epoch = 0
	s.query(`INSERT INTO contact_leases (contact_id, owner, epoch, until) SELECT ?, ?, 1, ? WHERE NOT `+stopped+`
		ON CONFLICT (contact_id) DO UPDATE SET owner = excluded.owner, epoch = contact_leases.epoch + 1, until = excluded.until
		WHERE contact_leases.until <= ? OR contact_leases.owner = ''
		RETURNING epoch`, l.ContactID, l.Owner, l.Until, l.ContactID, now).one(&l.Epoch)
	s.query(`SELECT until FROM contact_leases WHERE contact_id = ?`, l.ContactID).one(moment(held))
}

// fence makes a turn of the contact that is under way come to nothing: it holds
// an epoch that is over.
func fence(s *script, contactID int64) {
	s.exec(`UPDATE contact_leases SET owner = '', epoch = epoch + 1, until = ? WHERE contact_id = ?`, free, contactID)
}

// RenewLease moves the lease's end, ErrLost when another has it.
func (d *DB) RenewLease(ctx context.Context, l *outbox.Lease, until time.Time) error {
	if err := d.changeLease(ctx, l, l.Owner, until); err != nil {
		return err
	}
	l.Until = until
	return nil
}

// ReleaseLease lets others have the contact. One that is lost is no error:
// there is nothing left to release.
func (d *DB) ReleaseLease(ctx context.Context, l *outbox.Lease) error {
	if err := d.changeLease(ctx, l, "", free); err != nil && err != outbox.ErrLost {
		return err
	}
	return nil
}

// FreeLeases ends every lease on contacts, deliveries, broadcasts and what is
// posted to webhooks. It is for a process that has the database to itself and
// starts: whoever held them is dead.
func (d *DB) FreeLeases(ctx context.Context) error {
	s := new(script)
	s.exec(`UPDATE contact_leases SET owner = '', until = ? WHERE owner <> ''`, free)
	s.exec(`UPDATE deliveries SET lease_until = NULL WHERE waiting AND lease_until IS NOT NULL`)
	s.exec(`UPDATE deliveries SET lease_until = NULL WHERE run_id IN (SELECT id FROM broadcast_runs WHERE closed_at IS NULL) AND run_id > ''
		AND closed_at IS NULL AND lease_until IS NOT NULL`)
	s.exec(`UPDATE run_ranges SET lease_until = NULL WHERE done_at IS NULL AND lease_until IS NOT NULL`)
	s.exec(`UPDATE broadcast_runs SET lease_until = NULL WHERE closed_at IS NULL AND lease_until IS NOT NULL`)
	s.exec(`UPDATE webhook_postings SET status = 'queued', next_at = ? WHERE closed_at IS NULL AND status = 'sending'`, d.now())
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("free the leases of the last process: %w", err)
	}
	return nil
}

func (d *DB) changeLease(ctx context.Context, l *outbox.Lease, owner string, until time.Time) error {
	var n int64
	s := new(script)
	s.exec(`UPDATE contact_leases SET owner = ?, until = ? WHERE contact_id = ? AND epoch = ? AND owner = ?`,
		owner, until, l.ContactID, l.Epoch, l.Owner).affected(&n)
	if err := d.together(ctx, func() (order, error) { return order{body: s, contact: l.ContactID}, nil }); err != nil {
		return fmt.Errorf("change lease of contact %d: %w", l.ContactID, err)
	}
	if n == 0 {
		return outbox.ErrLost
	}
	return nil
}

// holds adds the check that fences a commit: the lease's row is locked until
// the transaction ends, so nobody takes it in between.
func (d *DB) holds(s *script, l *outbox.Lease) {
	var held int
	s.query(`SELECT 1 FROM contact_leases WHERE contact_id = ? AND epoch = ? AND owner = ?`+d.forUpdate(),
		l.ContactID, l.Epoch, l.Owner).one(&held).must(outbox.ErrLost)
}

// leased holds while a lease is ours. It takes the contact, the epoch and the
// owner.
const leased = `EXISTS (SELECT 1 FROM contact_leases l WHERE l.contact_id = ? AND l.epoch = ? AND l.owner = ?)`

// forUpdate locks the rows a SELECT returns. SQLite has one writer and needs none.
func (d *DB) forUpdate() string {
	if d.postgres {
		return " FOR NO KEY UPDATE"
	}
	return ""
}

// lock takes the row locks of a table in one order, so that transactions over
// many rows never wait for each other in a circle.
func (d *DB) lock(s *script, table string, ids []int64) {
	if !d.postgres || len(ids) == 0 {
		return
	}
	s.query(`SELECT 1 FROM `+table+` WHERE id = ANY(?) ORDER BY id FOR NO KEY UPDATE`, ids)
}
