package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// phoneRank is engine.PhoneSource.Rank in SQL.
func phoneRank(column string) string {
	return fmt.Sprintf("CASE %s WHEN '%s' THEN 3 WHEN '%s' THEN 2 WHEN '%s' THEN 1 ELSE 0 END",
		column, engine.PhonePlatform, engine.PhoneImport, engine.PhoneAPI)
}

// applyPhones adds numbers. A number that is known keeps its source when that
// is believed more: what a person types never weakens what the platform said.
func applyPhones(s *script, ids []int64, changes map[int64]*contactChange, now time.Time) {
	in := newInput("contact_id bigint", "bot_id text", "phone text", "raw text", "source text", "at timestamptz")
	for _, id := range ids {
		c := changes[id]
		for _, number := range slices.Sorted(maps.Keys(c.phones)) {
			p := c.phones[number]
			if p.Source == "" {
				p.Source = engine.PhoneTyped
			}
			in.add(id, c.bot, p.E164, p.Raw, p.Source, now)
		}
	}
	if in.empty() {
		return
	}
	s.with(in, `INSERT INTO contact_phones (contact_id, phone, bot_id, raw, source, added_at)
		SELECT c.id, v.phone, c.bot_id, v.raw, v.source, v.at FROM v JOIN contacts c ON c.id = v.contact_id AND c.bot_id = v.bot_id
		WHERE true ORDER BY c.id, v.phone
		ON CONFLICT (contact_id, phone) DO UPDATE SET raw = excluded.raw, source = excluded.source, added_at = excluded.added_at
		WHERE `+phoneRank("excluded.source")+` >= `+phoneRank("contact_phones.source"))
}

// readPhones adds the reading of a contact's numbers, the most believed first
// and of those the newest.
func readPhones(s *script, contactID int64, out *[]engine.Phone) {
	s.query(`SELECT phone, raw, source FROM contact_phones WHERE contact_id = ?
		ORDER BY `+phoneRank("source")+` DESC, added_at DESC, phone`, contactID).each(listPhones(out))
}

func listPhones(out *[]engine.Phone) func(scanner) error {
	return func(r scanner) error {
		var p engine.Phone
		if err := r.Scan(&p.E164, &p.Raw, &p.Source); err != nil {
			return err
		}
		*out = append(*out, p)
		return nil
	}
}

// ContactsByPhone returns who has the number, with the source of each claim.
func (d *DB) ContactsByPhone(ctx context.Context, botID, e164 string) ([]outbox.PhoneClaim, error) {
	var out []outbox.PhoneClaim
	s := new(script)
	s.query(`SELECT contact_id, source FROM contact_phones WHERE bot_id = ? AND phone = ? ORDER BY contact_id`, botID, e164).each(func(r scanner) error {
		var c outbox.PhoneClaim
		if err := r.Scan(&c.ContactID, &c.Source); err != nil {
			return err
		}
		out = append(out, c)
		return nil
	})
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("find contacts by phone: %w", err)
	}
	return out, nil
}
