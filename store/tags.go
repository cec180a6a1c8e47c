package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/blockcast/blockcast/flows"
)

// tagChange is one tag put on a contact or taken off.
type tagChange struct {
	name string
	drop bool
}

// tag folds one tag in. A tag is known by its folded name and spelt as it was
// first.
func (to *contactChange) tag(name string, drop bool) {
	if name = strings.TrimSpace(name); name == "" {
		return
	}
	key := flows.Fold(name)
	if has, again := to.tags[key]; again {
		name = has.name
	}
	to.tags[key] = tagChange{name, drop}
}

// applyTags puts tags on contacts and takes them off, and adds to s the change
// of how many have each: last in the transaction, because everybody who is
// tagged alike waits for that row.
func (d *DB) applyTags(ctx context.Context, t transaction, s *script, changes map[int64]*contactChange, now time.Time) error {
	added := newInput("contact_id bigint", "bot_id text", "name text", "name_key text", "at timestamptz")
	dropped := newInput("contact_id bigint", "bot_id text", "name_key text")
	for _, id := range slices.Sorted(maps.Keys(changes)) {
		c := changes[id]
		for _, key := range slices.Sorted(maps.Keys(c.tags)) {
			if tag := c.tags[key]; tag.drop {
				dropped.add(id, c.bot, key)
			} else {
				added.add(id, c.bot, tag.name, key, now)
			}
		}
	}
	counts := map[int64]int64{}
	count := func(by int64) func(scanner) error {
		return func(r scanner) error {
			var id int64
			err := r.Scan(&id)
			counts[id] += by
			return err
		}
	}
	first := new(script)
	if !dropped.empty() {
		first.with(dropped, `DELETE FROM contact_tags WHERE (contact_id, tag_id) IN
			(SELECT c.id, t.id FROM v JOIN contacts c ON c.id = v.contact_id AND c.bot_id = v.bot_id
				JOIN tags t ON t.bot_id = v.bot_id AND t.name_key = v.name_key)
			RETURNING tag_id`).each(count(-1))
	}
	if !added.empty() {
		first.with(added, `INSERT INTO tags (bot_id, name, name_key, created_at)
			SELECT v.bot_id, MIN(v.name), v.name_key, MIN(v.at) FROM v
			WHERE NOT EXISTS (SELECT 1 FROM tags t WHERE t.bot_id = v.bot_id AND t.name_key = v.name_key)
			GROUP BY v.bot_id, v.name_key ORDER BY v.bot_id, v.name_key
			ON CONFLICT (bot_id, name_key) DO NOTHING`)
		first.with(added, `INSERT INTO contact_tags (contact_id, tag_id, tagged_at)
			SELECT c.id, t.id, v.at FROM v JOIN contacts c ON c.id = v.contact_id AND c.bot_id = v.bot_id
				JOIN tags t ON t.bot_id = v.bot_id AND t.name_key = v.name_key
			WHERE true ORDER BY c.id, t.id
			ON CONFLICT (contact_id, tag_id) DO NOTHING RETURNING tag_id`).each(count(1))
	}
	if len(first.statements) == 0 {
		return nil
	}
	if err := t.run(ctx, first); err != nil {
		return fmt.Errorf("tag contacts: %w", err)
	}
	d.countTags(s, counts)
	return nil
}

// countTags adds the change of how many contacts have each tag.
func (d *DB) countTags(s *script, counts map[int64]int64) {
	in := newInput("id bigint", "n bigint")
	ids := slices.Sorted(maps.Keys(counts))
	for _, id := range ids {
		if counts[id] != 0 {
			in.add(id, counts[id])
		}
	}
	if in.empty() {
		return
	}
	d.lock(s, "tags", ids)
	s.with(in, `UPDATE tags SET contacts = contacts + v.n FROM v WHERE tags.id = v.id`)
}

// readTags adds the reading of a contact's tags, by name.
func readTags(s *script, contactID int64, out *[]string) {
	s.query(`SELECT t.name FROM contact_tags ct JOIN tags t ON t.id = ct.tag_id WHERE ct.contact_id = ? ORDER BY t.name_key`, contactID).each(into(out))
}

// ListTags returns a bot's tags by name, with how many people have each.
func (d *DB) ListTags(ctx context.Context, botID string) ([]Tag, error) {
	var out []Tag
	s := new(script)
	s.query(`SELECT name, contacts FROM tags WHERE bot_id = ? ORDER BY name_key`, botID).each(func(r scanner) error {
		var t Tag
		err := r.Scan(&t.Name, &t.Contacts)
		out = append(out, t)
		return err
	})
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("list tags: %w", err)
	}
	return out, nil
}

// Tag is a tag of a bot.
type Tag struct {
	Name     string
	Contacts int64 // how many have it
}
