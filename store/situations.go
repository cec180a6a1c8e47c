package store

import (
	"context"
	"fmt"

	"github.com/blockcast/blockcast/engine"
)

// Situation loads what a turn of an identity starts from, without library: one
// round trip, for everything hangs on the identity's id.
func (d *DB) Situation(ctx context.Context, botID string, identityID int64) (*engine.Situation, error) {
	var out *engine.Situation
	var tags []string
	var phones []engine.Phone
	const contactOf = `(SELECT contact_id FROM identities WHERE id = ?)`
	err := d.readTogether(ctx, func() *script {
		out, tags, phones = new(engine.Situation), nil, nil
		s := new(script)
		s.query(`SELECT `+identityColumns+` FROM identities i JOIN accounts a ON a.id = i.account_id WHERE i.id = ? AND a.bot_id = ?`, identityID, botID).each(func(r scanner) error {
			out.Identity = new(engine.Identity)
			return scanIdentity(r, out.Identity)
		})
		s.query(`SELECT `+contactColumns+` FROM contacts c WHERE c.id = `+contactOf+` AND c.bot_id = ?`, identityID, botID).each(func(r scanner) error {
			out.Contact = new(engine.Contact)
			return scanContact(r, out.Contact)
		})
		s.query(`SELECT t.name FROM contact_tags ct JOIN tags t ON t.id = ct.tag_id WHERE ct.contact_id = `+contactOf+` ORDER BY t.name_key`, identityID).each(into(&tags))
		s.query(`SELECT phone, raw, source FROM contact_phones WHERE contact_id = `+contactOf+`
			ORDER BY `+phoneRank("source")+` DESC, added_at DESC, phone`, identityID).each(listPhones(&phones))
		readSession(s, identityID, &out.Session)
		readBotValues(s, botID, &out.BotValues)
		return s
	})
	if err != nil {
		return nil, fmt.Errorf("load situation of identity %d: %w", identityID, err)
	}
	if out.Identity == nil || out.Contact == nil {
		return nil, unknown("identity", fmt.Sprint(identityID))
	}
	out.Contact.Tags, out.Contact.Phones = tags, phones
	if out.Bot, err = d.Bot(ctx, botID); err != nil {
		return nil, err
	}
	if out.Account, err = d.Account(ctx, out.Identity.AccountID); err != nil {
		return nil, err
	}
	return out, nil
}
