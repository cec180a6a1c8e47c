package store

import (
	"context"
	"fmt"

	"github.com/blockcast/blockcast/engine"
)

// RenameAttribute gives a declared attribute another name; what people have of
// it moves, range by range, so that nobody waits for long. Both names are
// declared until all is moved: a call that broke off is repeated with merge,
// which takes a new name that is declared already, of the same type. Whoever
// has both keeps what they have by the new one.
func (d *DB) RenameAttribute(ctx context.Context, botID, name, to string, merge bool) error {
	err := d.Tx(ctx, func(ctx context.Context) error { return d.declareAs(ctx, botID, name, to, merge) })
	d.attributes.forget(botID)
	if err != nil {
		return err
	}
	if err := d.moveAttribute(ctx, botID, name, to); err != nil {
		return err
	}
	done := d.nouns(ctx).Where("bot_id = ? AND name = ?", botID, name).Delete(&attributeRow{})
	d.attributes.forget(botID)
	if done.Error != nil {
		return fmt.Errorf("rename attribute: %w", done.Error)
	}
	err = d.moveAttribute(ctx, botID, name, to) // what was written meanwhile
	d.counts.forget(botID)
	return err
}

// declareAs declares what an attribute is by its new name, too.
func (d *DB) declareAs(ctx context.Context, botID, name, to string, merge bool) error {
	var rows []attributeRow
	if err := d.nouns(ctx).Where("bot_id = ? AND name IN ?", botID, []string{name, to}).Find(&rows).Error; err != nil {
		return fmt.Errorf("read attributes: %w", err)
	}
	byName := map[string]attributeRow{}
	for _, r := range rows {
		byName[r.Name] = r
	}
	is, known := byName[name]
	has, taken := byName[to]
	switch {
	case !known:
		return unknown("attribute", name)
	case !taken:
		if err := d.nouns(ctx).Create(&attributeRow{botID, to, is.Type, is.DefaultValue, "api"}).Error; err != nil {
			return fmt.Errorf("rename attribute: %w", err)
		}
		return nil
	case has.Type != is.Type:
		return &engine.Error{Code: engine.Conflict, Field: "name", Message: fmt.Sprintf("attribute %q is declared already, as %s: what people have of %q is %s", to, has.Type, name, is.Type)}
	case !merge:
		return &engine.Error{Code: engine.Conflict, Field: "name", Message: fmt.Sprintf("attribute %q is declared already", to),
			Hint: "send merge to make both one: whoever has both keeps what they have of the new one; so also where a rename broke off"}
	}
	return nil
}

// moveAttribute moves what people have by one name to another, unless they have
// that, too.
func (d *DB) moveAttribute(ctx context.Context, botID, name, to string) error {
	err := d.throughContacts(ctx, botID, func(s *script, from, last int64) {
		if d.postgres {
			s.exec(`UPDATE contacts SET attributes = jsonb_build_object(CAST(? AS text), attributes -> CAST(? AS text)) || (attributes - CAST(? AS text))
				WHERE bot_id = ? AND id > ? AND id <= ? AND jsonb_exists(attributes, ?)`, to, name, name, botID, from, last, name)
			return
		}
		s.exec(`UPDATE contacts SET attributes = (SELECT json_group_object(CASE WHEN key = ? THEN ? ELSE key END, json(CASE type WHEN 'text' THEN json_quote(value)
					WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE COALESCE(value, 'null') END))
				FROM json_each(contacts.attributes) WHERE key <> ? OR NOT EXISTS (SELECT 1 FROM json_each(contacts.attributes) WHERE key = ?))
			WHERE bot_id = ? AND id > ? AND id <= ? AND EXISTS (SELECT 1 FROM json_each(attributes) WHERE key = ?)`, name, to, name, to, botID, from, last, name)
	})
	if err != nil {
		return fmt.Errorf("rename attribute: %w", err)
	}
	return nil
}
