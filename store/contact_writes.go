package store

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// CreateContact makes a contact with its phones, tags and attributes, and
// returns its id. An external id that another contact of the bot has is
// refused.
func (d *DB) CreateContact(ctx context.Context, c engine.Contact) (int64, error) {
	if _, err := d.Bot(ctx, c.BotID); err != nil {
		return 0, err
	}
	if c.ExternalID != "" {
		other, err := d.ContactByExternalID(ctx, c.BotID, c.ExternalID)
		if err != nil {
			return 0, err
		}
		if other != 0 {
			return 0, taken("external_id", "contact with external id", c.ExternalID)
		}
	}
	at := kept(c.CreatedAt, d.now())
	var id int64
	err := d.transact(ctx, func(t transaction) error {
		s := new(script)
		s.query(`INSERT INTO contacts (bot_id, do_not_contact, last_seen_at, created_at) VALUES (?, ?, ?, ?) RETURNING id`,
			c.BotID, c.DoNotContact, c.LastSeenAt, at).one(&id)
		if err := t.run(ctx, s); err != nil {
			return err
		}
		s = new(script)
		if err := d.apply(ctx, t, s, one(change{bot: c.BotID, contact: id, deltas: deltasOf(c)}), at); err != nil {
			return err
		}
		return t.commit(ctx, s)
	})
	if err != nil {
		return 0, fmt.Errorf("create contact: %w", err)
	}
	return id, nil
}

// deltasOf is what makes an empty contact the given one.
func deltasOf(c engine.Contact) *engine.Deltas {
	facts := map[string]any{}
	for name, v := range map[string]string{"first_name": c.FirstName, "last_name": c.LastName, "name": c.Name, "gender": c.Gender, "birthday": c.Birthday,
		"locale": c.Locale, "language": c.Language, "time_zone": c.TimeZone, "profile_pic": c.ProfilePic, "email": c.Email, "external_id": c.ExternalID} {
		if v != "" {
			facts[name] = v
		}
	}
	return &engine.Deltas{Set: c.Attributes, Facts: facts, AddTags: c.Tags, Phones: c.Phones}
}

// PatchContact applies deltas to a contact, and consent and conversation to
// one identity of it (0: to all). Webhooks are told of a conversation that goes
// to a person.
func (d *DB) PatchContact(ctx context.Context, botID string, id, identityID int64, deltas engine.Deltas, now time.Time) error {
	identities, err := d.ownIdentities(ctx, botID, id)
	if err != nil {
		return err
	}
	changes := one(change{bot: botID, contact: id, deltas: &deltas})
	touches := deltas.Subscribe != nil || deltas.Handover != nil
	own := &engine.Deltas{Subscribe: deltas.Subscribe, Handover: deltas.Handover}
	var handed handovers
	found := false
	for _, i := range identities {
		if touches && (identityID == 0 || identityID == i) {
			changes = append(changes, change{bot: botID, contact: id, identity: i, deltas: own})
			if to := deltas.Handover; to != nil {
				handed.add(i, *to, now)
			}
		}
		found = found || i == identityID
	}
	if identityID != 0 && !found {
		return unknown("identity", fmt.Sprint(identityID))
	}
	var told int64
	err = d.transact(ctx, func(t transaction) error {
		s := new(script)
		if handed.read(s, now) {
			if err := t.run(ctx, s); err != nil {
				return err
			}
			s = new(script)
		}
		if err := d.apply(ctx, t, s, changes, now); err != nil {
			return err
		}
		if err := d.announce(s, &told, handed.list()...); err != nil {
			return err
		}
		return t.commit(ctx, s)
	})
	if err != nil {
		return fmt.Errorf("patch contact %d: %w", id, err)
	}
	d.noticed(told)
	return nil
}

// ownIdentities returns the identities of a bot's contact, also those on
// disconnected accounts.
func (d *DB) ownIdentities(ctx context.Context, botID string, id int64) ([]int64, error) {
	known := 0
	var identities []int64
	s := new(script)
	s.query(`SELECT 1 FROM contacts WHERE id = ? AND bot_id = ?`, id, botID).one(&known)
	s.query(`SELECT id FROM identities WHERE contact_id = ? ORDER BY id`, id).each(into(&identities))
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read identities of contact %d: %w", id, err)
	}
	if known == 0 {
		return nil, unknown("contact", fmt.Sprint(id))
	}
	return identities, nil
}

// SetDoNotContact forbids all sends to a contact, or allows them again.
func (d *DB) SetDoNotContact(ctx context.Context, botID string, id int64, on bool) error {
	var n int64
	s := new(script)
	s.exec(`UPDATE contacts SET do_not_contact = ? WHERE id = ? AND bot_id = ?`, on, id, botID).affected(&n)
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("set do not contact: %w", err)
	}
	if n == 0 {
		return unknown("contact", fmt.Sprint(id))
	}
	return nil
}

// CopyLastSeen brings contacts' last_seen_at up to what their interactions
// say, up to limit interactions a call, and returns how many it looked at. It
// is a job of every minute: the moment itself stands at the identity.
func (d *DB) CopyLastSeen(ctx context.Context, limit int) (int, error) {
	seen := 0
	err := d.transact(ctx, func(t transaction) error {
		from, err := d.mark(ctx, t, markLastSeen)
		if err != nil {
			return err
		}
		last := from
		latest := map[int64]time.Time{}
		s := new(script)
		s.query(`SELECT id, contact_id, occurred_at FROM interactions WHERE id > ? AND kind NOT IN ('unfollow', 'other') ORDER BY id LIMIT ?`, from, limit).each(func(r scanner) error {
			var id, contact int64
			var at time.Time
			if err := r.Scan(&id, &contact, moment(&at)); err != nil {
				return err
			}
			seen++
			last = id
			latest[contact] = later(latest[contact], at)
			return nil
		})
		if err := t.run(ctx, s); err != nil || seen == 0 {
			return err
		}
		in := newInput("id bigint", "at timestamptz")
		ids := make([]int64, 0, len(latest))
		for id, at := range latest {
			in.add(id, at)
			ids = append(ids, id)
		}
		s = new(script)
		d.lock(s, "contacts", ids)
		s.with(in, `UPDATE contacts SET last_seen_at = v.at FROM v WHERE contacts.id = v.id AND (last_seen_at IS NULL OR last_seen_at < v.at)`)
		setMark(s, markLastSeen, last)
		return t.commit(ctx, s)
	})
	if err != nil {
		return 0, fmt.Errorf("copy last seen: %w", err)
	}
	return seen, nil
}
