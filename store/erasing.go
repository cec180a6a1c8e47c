package store

import (
	"context"
	"fmt"
)

// EraseContact removes a contact and everything that tells about it: it walks
// every table that names people. Renders go where nobody else was told the
// same; the rows of a run that is still counting lose this person.
func (d *DB) EraseContact(ctx context.Context, botID string, id int64) error {
	if _, err := d.ownIdentities(ctx, botID, id); err != nil {
		return err
	}
	renders, err := d.ownRenders(ctx, id)
	if err != nil {
		return err
	}
	const (
		identities = `(SELECT id FROM identities WHERE contact_id = ?)`
		deliveries = `(SELECT id FROM deliveries WHERE contact_id = ?)`
	)
	err = d.transact(ctx, func(t transaction) error {
		counts := map[int64]int64{}
		var sends []string
		s := new(script)
		s.query(`DELETE FROM contact_leases WHERE contact_id = ? RETURNING 1`, id) // fences a turn that is under way
		s.query(`SELECT DISTINCT send_id FROM deliveries WHERE contact_id = ? AND send_id <> ''`, id).each(into(&sends))
		s.query(`DELETE FROM contact_tags WHERE contact_id = ? RETURNING tag_id`, id).each(func(r scanner) error {
			var tag int64
			err := r.Scan(&tag)
			counts[tag]--
			return err
		})
		if err := t.run(ctx, s); err != nil {
			return err
		}
		s = new(script)
		for _, table := range []string{"taps", "attempts", "delivery_messages"} {
			s.exec(`DELETE FROM `+table+` WHERE delivery_id IN `+deliveries, id)
		}
		s.exec(`DELETE FROM links WHERE contact_id = ?`, id)
		s.exec(`DELETE FROM receipts WHERE EXISTS (SELECT 1 FROM identities i
			WHERE i.contact_id = ? AND i.account_id = receipts.account_id AND i.external_id = receipts.recipient)`, id)
		s.exec(`DELETE FROM deliveries WHERE contact_id = ?`, id)
		s.exec(`DELETE FROM events WHERE contact_id = ?`, id)
		s.exec(`DELETE FROM webhook_postings WHERE contact_id = ?`, id)
		s.exec(`DELETE FROM list_people WHERE contact_id = ?`, id)
		s.exec(`DELETE FROM interactions WHERE contact_id = ?`, id)
		s.exec(`UPDATE media SET state = ?, state_at = ?, contact_id = 0, name = '' WHERE contact_id = ?`, mediaGone, d.now(), id) // its bytes go with the next sweep
		s.exec(`DELETE FROM sessions WHERE identity_id IN `+identities, id)
		s.exec(`DELETE FROM timers WHERE identity_id IN `+identities, id)
		s.exec(`DELETE FROM aliases WHERE bot_id = ? AND (kind = 'contact' AND our_id = ?
			OR kind = 'identity' AND our_id IN (SELECT CAST(id AS text) FROM identities WHERE contact_id = ?))`, botID, fmt.Sprint(id), id)
		s.exec(`DELETE FROM identities WHERE contact_id = ?`, id)
		s.exec(`DELETE FROM contact_phones WHERE contact_id = ?`, id)
		s.exec(`DELETE FROM contacts WHERE id = ? AND bot_id = ?`, id, botID)
		eraseByID(s, "sends", sends, "")
		eraseByID(s, "renders", renders, " AND "+unneeded("renders.id"))
		d.countTags(s, counts)
		return t.commit(ctx, s)
	})
	if err != nil {
		return fmt.Errorf("erase contact %d: %w", id, err)
	}
	return nil
}

// ownRenders returns what this contact alone was told. It reads the whole
// ledger, which has no index by render, and so before the transaction.
func (d *DB) ownRenders(ctx context.Context, contactID int64) ([]string, error) {
	var own []string
	s := new(script)
	s.query(`SELECT DISTINCT render_id FROM deliveries WHERE contact_id = ? AND render_id <> ''
		AND render_id NOT IN (SELECT render_id FROM deliveries WHERE contact_id <> ?
			AND render_id IN (SELECT render_id FROM deliveries WHERE contact_id = ?))`, contactID, contactID, contactID).each(into(&own))
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read renders of contact %d: %w", contactID, err)
	}
	return own, nil
}

func eraseByID(s *script, table string, ids []string, unless string) {
	if len(ids) == 0 {
		return
	}
	in := newInput("id text")
	for _, id := range ids {
		in.add(id)
	}
	s.with(in, `DELETE FROM `+table+` WHERE id IN (SELECT id FROM v)`+unless)
}
