package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"gorm.io/gorm/clause"

	"github.com/blockcast/blockcast/engine"
)

type attributeRow struct {
	BotID        string `gorm:"primaryKey"`
	Name         string `gorm:"primaryKey"`
	Type         string
	DefaultValue string // JSON, "null" for none: gorm's serializer would make a nil NULL
	DeclaredBy   string
}

func (attributeRow) TableName() string { return "attributes" }

func (r attributeRow) attribute() engine.Attribute {
	a := engine.Attribute{BotID: r.BotID, Name: r.Name, Type: r.Type, DeclaredBy: r.DeclaredBy}
	_ = json.Unmarshal([]byte(r.DefaultValue), &a.Default) // written by declare
	return a
}

// DeclareAttribute adds an attribute or writes its default and who declares
// it. Its type may change as long as nobody has a value.
func (d *DB) DeclareAttribute(ctx context.Context, a engine.Attribute) error {
	if _, err := d.Bot(ctx, a.BotID); err != nil {
		return err
	}
	err := d.Tx(ctx, func(ctx context.Context) error { return d.declare(ctx, a) })
	d.attributes.forget(a.BotID)
	return err
}

// declare is DeclareAttribute inside a transaction.
func (d *DB) declare(ctx context.Context, a engine.Attribute) error {
	var has attributeRow
	err := d.nouns(ctx).Where("bot_id = ? AND name = ?", a.BotID, a.Name).Take(&has).Error
	if err != nil && !isMissing(err) {
		return fmt.Errorf("read attribute: %w", err)
	}
	if err == nil && has.Type != a.Type {
		used, err := d.attributeUsed(ctx, a.BotID, a.Name)
		if err != nil {
			return err
		}
		if used {
			return &engine.Error{Code: engine.Conflict, Field: a.Name,
				Message: fmt.Sprintf("attribute %q is %s, as %s declares it, and people have values of it: it cannot become %s", a.Name, has.Type, has.DeclaredBy, a.Type)}
		}
	}
	byDefault, err := json.Marshal(a.Default)
	if err != nil {
		return fmt.Errorf("declare attribute: %w", err)
	}
	row := attributeRow{a.BotID, a.Name, a.Type, string(byDefault), a.DeclaredBy}
	err = d.nouns(ctx).Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "bot_id"}, {Name: "name"}},
		DoUpdates: clause.AssignmentColumns([]string{"type", "default_value", "declared_by"}),
	}).Create(&row).Error
	if err != nil {
		return fmt.Errorf("declare attribute: %w", err)
	}
	return nil
}

// attributeUsed reports whether anybody has a value of the name.
func (d *DB) attributeUsed(ctx context.Context, botID, name string) (bool, error) {
	has := `EXISTS (SELECT 1 FROM json_each(attributes) WHERE key = ?)`
	if d.postgres {
		has = `jsonb_exists(attributes, ?)`
	}
	found := 0
	s := new(script)
	s.query(`SELECT 1 FROM contacts WHERE bot_id = ? AND `+has+` LIMIT 1`, botID, name).one(&found)
	if err := d.read(ctx, s); err != nil {
		return false, fmt.Errorf("look for values of attribute: %w", err)
	}
	return found == 1, nil
}

// ListAttributes returns what a bot declares, by name, with how many people
// have each; the counts may be a minute old.
func (d *DB) ListAttributes(ctx context.Context, botID string) ([]engine.Attribute, error) {
	var rows []attributeRow
	if err := d.look(ctx).Where("bot_id = ?", botID).Order("name").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list attributes: %w", err)
	}
	counts, err := cached(ctx, d.counts, botID, func() (map[string]int64, error) { return d.countAttributes(ctx, botID) })
	if err != nil {
		return nil, err
	}
	out := make([]engine.Attribute, len(rows))
	for i, r := range rows {
		out[i] = r.attribute()
		out[i].Contacts = counts[r.Name]
	}
	return out, nil
}

// AttributeNames returns the names of all attributes that anybody has, declared
// or not, in order.
func (d *DB) AttributeNames(ctx context.Context, botID string) ([]string, error) {
	counts, err := d.countAttributes(ctx, botID)
	return slices.Sorted(maps.Keys(counts)), err
}

func (d *DB) countAttributes(ctx context.Context, botID string) (map[string]int64, error) {
	keys := `json_each(contacts.attributes) AS k`
	if d.postgres {
		keys = `LATERAL jsonb_object_keys(contacts.attributes) AS k(key)`
	}
	out := map[string]int64{}
	s := new(script)
	s.query(`SELECT k.key, COUNT(*) FROM contacts, `+keys+` WHERE bot_id = ? GROUP BY k.key`, botID).each(func(r scanner) error {
		var name string
		var n int64
		err := r.Scan(&name, &n)
		out[name] = n
		return err
	})
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("count attributes: %w", err)
	}
	return out, nil
}

// DeleteAttribute ends a declaration and removes the values people have, in
// ranges, so that nobody waits for long.
func (d *DB) DeleteAttribute(ctx context.Context, botID, name string) error {
	done := d.nouns(ctx).Where("bot_id = ? AND name = ?", botID, name).Delete(&attributeRow{})
	d.attributes.forget(botID)
	d.counts.forget(botID)
	if done.Error != nil {
		return fmt.Errorf("delete attribute: %w", done.Error)
	}
	if done.RowsAffected == 0 {
		return unknown("attribute", name)
	}
	dropped, err := toJSON([]string{name})
	if err != nil {
		return err
	}
	err = d.throughContacts(ctx, botID, func(s *script, from, to int64) {
		in := newInput("added jsonb", "dropped jsonb")
		in.add("{}", dropped)
		s.with(in, `UPDATE contacts SET attributes = `+d.merged("contacts.attributes", "v.added", "v.dropped")+` FROM v
			WHERE bot_id = ? AND id > ? AND id <= ?`, botID, from, to)
	})
	if err != nil {
		return fmt.Errorf("delete attribute: %w", err)
	}
	return nil
}

// throughContacts writes something for each range of a bot's contacts, after
// from and up to to, in a transaction of its own.
func (d *DB) throughContacts(ctx context.Context, botID string, add func(s *script, from, to int64)) error {
	for from := int64(0); ; {
		var last int64
		s := new(script)
		s.query(`SELECT COALESCE(MAX(id), 0) FROM (SELECT id FROM contacts WHERE bot_id = ? AND id > ? ORDER BY id LIMIT ?) page`, botID, from, rangeRows).one(&last)
		if err := d.read(ctx, s); err != nil || last == 0 {
			return err
		}
		s = new(script)
		add(s, from, last)
		if err := d.write(ctx, s); err != nil {
			return err
		}
		from = last
	}
}

// rangeRows is how many rows one statement touches at most: SQLite has one
// writer, and a webhook must not wait behind a long one.
const rangeRows = 20_000

// AttributeTypes returns the declared attributes of a bot by name; they may be
// up to a second old.
func (d *DB) AttributeTypes(ctx context.Context, botID string) (map[string]engine.Attribute, error) {
	all, err := cached(ctx, d.attributes, botID, func() (map[string]engine.Attribute, error) {
		var rows []attributeRow
		if err := d.look(ctx).Where("bot_id = ?", botID).Find(&rows).Error; err != nil {
			return nil, fmt.Errorf("read attributes: %w", err)
		}
		out := make(map[string]engine.Attribute, len(rows))
		for _, r := range rows {
			out[r.Name] = r.attribute()
		}
		return out, nil
	})
	return maps.Clone(all), err
}
