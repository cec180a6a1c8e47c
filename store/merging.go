package store

import (
	"context"
	"fmt"

	"github.com/blockcast/blockcast/engine"
)

// aliasContact is the kind of alias of a contact's id.
const aliasContact = "contact"

// MergeContacts makes one contact of two: all that tells about the other is
// the first one's from then on, and the other's id means it. What is known of it
// stays; what is known of the other alone is added. Do not contact holds when it
// held for either. Whoever writes to one of them meanwhile waits, or is waited
// for: nothing they wrote is lost to what was read before.
func (d *DB) MergeContacts(ctx context.Context, botID string, id, other int64) error {
	if id == other {
		return invalid("other", "a contact cannot be merged with itself")
	}
	err := d.Tx(ctx, func(ctx context.Context) error {
		if err := d.lockPair(ctx, id, other); err != nil {
			return err
		}
		kept, err := d.ownContact(ctx, botID, id)
		if err != nil {
			return err
		}
		gone, err := d.ownContact(ctx, botID, other)
		if err != nil {
			return err
		}
		return d.transact(ctx, func(t transaction) error { return d.mergeInto(ctx, t, kept, gone) })
	})
	d.aliases.forget(aliasKey{botID, aliasContact, fmt.Sprint(other)})
	if err != nil {
		return fmt.Errorf("merge contact %d into %d: %w", other, id, err)
	}
	return nil
}

// lockPair keeps everybody else from two contacts, in the order in which turns
// and patches take their rows: leases, tags, the contacts themselves.
func (d *DB) lockPair(ctx context.Context, id, other int64) error {
	if !d.postgres {
		return nil // SQLite has one writer, and that is us
	}
	pair := []int64{id, other}
	s := new(script)
	s.query(`SELECT 1 FROM contact_leases WHERE contact_id = ANY(?) ORDER BY contact_id FOR NO KEY UPDATE`, pair)
	s.query(`SELECT 1 FROM contact_tags WHERE contact_id = ANY(?) ORDER BY contact_id, tag_id FOR NO KEY UPDATE`, pair)
	d.lock(s, "contacts", pair)
	return d.read(ctx, s)
}

// ownContact is a contact that the bot must have.
func (d *DB) ownContact(ctx context.Context, botID string, id int64) (*engine.Contact, error) {
	c, err := d.Contact(ctx, botID, id)
	if err == nil && c == nil {
		err = unknown("contact", fmt.Sprint(id))
	}
	return c, err
}

// mergeInto moves all that tells about gone to kept.
func (d *DB) mergeInto(ctx context.Context, t transaction, kept, gone *engine.Contact) error {
	id, other := kept.ID, gone.ID
	counts := map[int64]int64{}
	s := new(script)
	fence(s, id)
	s.exec(`DELETE FROM contact_leases WHERE contact_id = ?`, other)
	s.query(`DELETE FROM contact_tags WHERE contact_id = ? RETURNING tag_id`, other).each(func(r scanner) error {
		var tag int64
		err := r.Scan(&tag)
		counts[tag]--
		return err
	})
	for _, table := range []string{"identities", "interactions", "deliveries", "events", "webhook_postings", "media", "links"} {
		s.exec(`UPDATE `+table+` SET contact_id = ? WHERE contact_id = ?`, id, other)
	}
	s.exec(`INSERT INTO list_people (list_id, contact_id) SELECT list_id, ? FROM list_people WHERE contact_id = ? ON CONFLICT (list_id, contact_id) DO NOTHING`, id, other)
	s.exec(`DELETE FROM list_people WHERE contact_id = ?`, other)
	s.exec(`DELETE FROM contact_phones WHERE contact_id = ?`, other)
	s.exec(`DELETE FROM contacts WHERE id = ? AND bot_id = ?`, other, gone.BotID)
	s.exec(`UPDATE contacts SET do_not_contact = ?, last_seen_at = ? WHERE id = ? AND bot_id = ?`,
		kept.DoNotContact || gone.DoNotContact, later(kept.LastSeenAt, gone.LastSeenAt), id, kept.BotID)
	s.exec(`UPDATE aliases SET our_id = ? WHERE bot_id = ? AND kind = ? AND our_id = ?`, fmt.Sprint(id), kept.BotID, aliasContact, fmt.Sprint(other))
	s.exec(`INSERT INTO aliases (bot_id, kind, foreign_id, our_id) VALUES (?, ?, ?, ?) ON CONFLICT (bot_id, kind, foreign_id) DO UPDATE SET our_id = excluded.our_id`,
		kept.BotID, aliasContact, fmt.Sprint(other), fmt.Sprint(id))
	if err := t.run(ctx, s); err != nil {
		return err
	}
	s = new(script)
	d.countTags(s, counts)
	if err := d.apply(ctx, t, s, one(change{bot: kept.BotID, contact: id, deltas: missingIn(kept, gone)}), d.now()); err != nil {
		return err
	}
	return t.commit(ctx, s)
}

// missingIn is what is known of a contact and not of the one that is kept.
func missingIn(kept, gone *engine.Contact) *engine.Deltas {
	deltas := deltasOf(*gone)
	have := deltasOf(*kept)
	for name := range have.Facts {
		delete(deltas.Facts, name)
	}
	deltas.Set = map[string]any{}
	for name, v := range gone.Attributes {
		if _, known := kept.Attributes[name]; !known {
			deltas.Set[name] = v
		}
	}
	return deltas
}
