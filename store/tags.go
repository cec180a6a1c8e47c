package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/blockcast/blockcast/engine"
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
func (d *DB) ListTags(ctx context.Context, botID string) ([]engine.Tag, error) {
	var out []engine.Tag
	s := new(script)
	s.query(`SELECT name, contacts FROM tags WHERE bot_id = ? ORDER BY name_key`, botID).each(func(r scanner) error {
		var t engine.Tag
		err := r.Scan(&t.Name, &t.Contacts)
		out = append(out, t)
		return err
	})
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("list tags: %w", err)
	}
	return out, nil
}

// Tag returns a bot's tag; case and inner spaces of its name do not matter.
func (d *DB) Tag(ctx context.Context, botID, name string) (*engine.Tag, error) {
	var out *engine.Tag
	s := new(script)
	s.query(`SELECT name, contacts FROM tags WHERE bot_id = ? AND name_key = ?`, botID, flows.Fold(name)).each(func(r scanner) error {
		out = new(engine.Tag)
		return r.Scan(&out.Name, &out.Contacts)
	})
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read tag: %w", err)
	}
	if out == nil {
		return nil, unknown("tag", name)
	}
	return out, nil
}

// RenameTag gives a tag another name, or another spelling of its own. Everybody
// who has it keeps it. A name that another tag has is refused.
func (d *DB) RenameTag(ctx context.Context, botID, name, to string) error {
	done := d.nouns(ctx).Table("tags").Where("bot_id = ? AND name_key = ?", botID, flows.Fold(name)).
		Updates(map[string]any{"name": to, "name_key": flows.Fold(to)})
	switch {
	case isDuplicate(done.Error):
		return taken("name", "tag", to)
	case done.Error != nil:
		return fmt.Errorf("rename tag: %w", done.Error)
	case done.RowsAffected == 0:
		return unknown("tag", name)
	}
	return nil
}

// tagRange is how many people lose a tag in one transaction: on SQLite nobody
// else writes meanwhile.
const tagRange = 20_000

// DeleteTag takes a tag off everybody who has it, range by range, and then
// forgets it. A call that broke off is repeated.
func (d *DB) DeleteTag(ctx context.Context, botID, name string) error {
	var id int64
	s := new(script)
	s.query(`SELECT id FROM tags WHERE bot_id = ? AND name_key = ?`, botID, flows.Fold(name)).one(&id)
	if err := d.read(ctx, s); err != nil {
		return fmt.Errorf("read tag: %w", err)
	}
	if id == 0 {
		return unknown("tag", name)
	}
	for more := true; more; {
		n, err := d.untagRange(ctx, id)
		if err != nil {
			return fmt.Errorf("take tag off: %w", err)
		}
		more = n == tagRange
	}
	s = new(script)
	s.exec(`DELETE FROM contact_tags WHERE tag_id = ?`, id)
	s.exec(`DELETE FROM tags WHERE id = ? AND bot_id = ?`, id, botID)
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("delete tag: %w", err)
	}
	return nil
}

func (d *DB) untagRange(ctx context.Context, id int64) (n int64, err error) {
	err = d.transact(ctx, func(t transaction) error {
		s := new(script)
		s.exec(`DELETE FROM contact_tags WHERE tag_id = ? AND contact_id IN
			(SELECT contact_id FROM contact_tags WHERE tag_id = ? ORDER BY contact_id LIMIT ?)`, id, id, tagRange).affected(&n)
		if err := t.run(ctx, s); err != nil {
			return err
		}
		s = new(script)
		d.countTags(s, map[int64]int64{id: -n})
		return t.commit(ctx, s)
	})
	return n, err
}
