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
// held for either.
func (d *DB) MergeContacts(ctx context.Context, botID string, id, other int64) error {
	if id == other {
		return invalid("other", "a contact cannot be merged with itself")
	}
	kept, err := d.Contact(ctx, botID, id)
	if err == nil && kept == nil {
		err = unknown("contact", fmt.Sprint(id))
	}
	if err != nil {
		return err
	}
	gone, err := d.Contact(ctx, botID, other)
	if err == nil && gone == nil {
		err = unknown("contact", fmt.Sprint(other))
	}
	if err != nil {
		return err
	}
	err = d.transact(ctx, func(t transaction) error {
		var tags []int64
		s := new(script)
		fence(s, id)
		s.exec(`DELETE FROM contact_leases WHERE contact_id = ?`, other)
		s.query(`DELETE FROM contact_tags WHERE contact_id = ? RETURNING tag_id`, other).each(into(&tags))
		if err := t.run(ctx, s); err != nil {
			return err
		}
		counts := map[int64]int64{}
		for _, tag := range tags {
			counts[tag]--
		}
		s = new(script)
		for _, table := range []string{"identities", "interactions", "deliveries", "events", "webhook_postings", "media"} {
			s.exec(`UPDATE `+table+` SET contact_id = ? WHERE contact_id = ?`, id, other)
		}
		s.exec(`INSERT INTO list_people (list_id, contact_id) SELECT list_id, ? FROM list_people WHERE contact_id = ? ON CONFLICT (list_id, contact_id) DO NOTHING`, id, other)
		s.exec(`DELETE FROM list_people WHERE contact_id = ?`, other)
		s.exec(`DELETE FROM contact_phones WHERE contact_id = ?`, other)
		s.exec(`DELETE FROM contacts WHERE id = ? AND bot_id = ?`, other, botID)
		s.exec(`UPDATE contacts SET do_not_contact = ?, last_seen_at = ? WHERE id = ? AND bot_id = ?`,
			kept.DoNotContact || gone.DoNotContact, later(kept.LastSeenAt, gone.LastSeenAt), id, botID)
		s.exec(`UPDATE aliases SET our_id = ? WHERE bot_id = ? AND kind = ? AND our_id = ?`, fmt.Sprint(id), botID, aliasContact, fmt.Sprint(other))
		s.exec(`INSERT INTO aliases (bot_id, kind, foreign_id, our_id) VALUES (?, ?, ?, ?) ON CONFLICT (bot_id, kind, foreign_id) DO UPDATE SET our_id = excluded.our_id`,
			botID, aliasContact, fmt.Sprint(other), fmt.Sprint(id))
		d.countTags(s, counts)
		if err := t.run(ctx, s); err != nil {
			return err
		}
		s = new(script)
		if err := d.apply(ctx, t, s, one(change{bot: botID, contact: id, deltas: missingIn(kept, gone)}), d.now()); err != nil {
			return err
		}
		return t.commit(ctx, s)
	})
	d.aliases.forget(aliasKey{botID, aliasContact, fmt.Sprint(other)})
	if err != nil {
		return fmt.Errorf("merge contact %d into %d: %w", other, id, err)
	}
	return nil
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
