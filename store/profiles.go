package store

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
)

// SaveProfile keeps what the platform told of a person: it fills the contact's
// facts that nobody else has set, and notes profile_at also when p is nil.
func (d *DB) SaveProfile(ctx context.Context, identityID int64, p *channels.Profile, now time.Time) error {
	err := d.transact(ctx, func(t transaction) error {
		if p != nil {
			return d.saveProfile(ctx, t, identityID, p, now)
		}
		s := new(script)
		s.exec(`UPDATE identities SET profile_at = ? WHERE id = ?`, now, identityID)
		return t.commit(ctx, s)
	})
	if err != nil {
		return fmt.Errorf("save profile of identity %d: %w", identityID, err)
	}
	return nil
}

// saveProfile is SaveProfile inside a transaction. A fact is the platform's to
// write while it is empty or still what the platform said last.
func (d *DB) saveProfile(ctx context.Context, t transaction, identityID int64, p *channels.Profile, now time.Time) error {
	var last channels.Profile
	var contact engine.Contact
	s := new(script)
	s.query(`SELECT profile FROM identities WHERE id = ?`, identityID).one(fromJSON(&last))
	s.query(`SELECT `+contactColumns+` FROM contacts c WHERE c.id = (SELECT contact_id FROM identities WHERE id = ?)`, identityID).each(func(r scanner) error {
		return scanContact(r, &contact)
	})
	if err := t.run(ctx, s); err != nil {
		return err
	}
	profile, err := toJSON(p)
	if err != nil {
		return err
	}
	facts := map[string]any{}
	fill := func(name, has, was, is string) {
		if is != "" && is != has && (has == "" || has == was) {
			facts[name] = is
		}
	}
	fill("name", contact.Name, last.Name, p.Name)
	fill("first_name", contact.FirstName, last.FirstName, p.FirstName)
	fill("last_name", contact.LastName, last.LastName, p.LastName)
	fill("language", contact.Language, last.Language, p.Language)
	fill("profile_pic", contact.ProfilePic, last.PictureURL, p.PictureURL)
	fill("gender", contact.Gender, last.Gender, p.Gender)
	fill("time_zone", contact.TimeZone, last.TimeZone, p.TimeZone)
	s = new(script)
	if contact.ID != 0 {
		if err := d.apply(ctx, t, s, one(change{bot: contact.BotID, contact: contact.ID, deltas: &engine.Deltas{Facts: facts}}), now); err != nil {
			return err
		}
	}
	s.exec(`UPDATE identities SET profile = ?, profile_at = ? WHERE id = ?`, profile, now, identityID)
	return t.run(ctx, s)
}
