package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// People returns everybody an order may mean, with all their identities, in
// one round trip: who they are is a subselect of each statement.
func (d *DB) People(ctx context.Context, botID string, w outbox.Who) (*outbox.People, error) {
	who, args := whose(botID, w)
	if who == "" {
		return new(outbox.People), nil
	}
	out := new(outbox.People)
	s := new(script)
	if w.Phone != "" {
		s.query(`SELECT contact_id, source FROM contact_phones WHERE bot_id = ? AND phone = ? ORDER BY contact_id`, args...).each(func(r scanner) error {
			var c outbox.PhoneClaim
			err := r.Scan(&c.ContactID, &c.Source)
			out.Claims = append(out.Claims, c)
			return err
		})
	}
	s.query(`SELECT `+contactColumns+` FROM contacts c WHERE c.id IN (`+who+`) AND c.bot_id = ? ORDER BY c.id`, append(slices.Clone(args), botID)...).each(func(r scanner) error {
		var c engine.Contact
		err := scanContact(r, &c)
		out.Contacts = append(out.Contacts, c)
		return err
	})
	s.query(`SELECT `+identityColumns+` FROM identities i JOIN accounts a ON a.id = i.account_id
		WHERE i.contact_id IN (`+who+`) AND a.bot_id = ? AND a.state <> 'disconnected' ORDER BY i.id`, append(slices.Clone(args), botID)...).each(listIdentities(&out.Identities))
	s.query(`SELECT ct.contact_id, t.name FROM contact_tags ct JOIN tags t ON t.id = ct.tag_id
		WHERE ct.contact_id IN (`+who+`) ORDER BY t.name_key`, args...).each(func(r scanner) error {
		var id int64
		var name string
		err := r.Scan(&id, &name)
		if c := out.Contact(id); c != nil {
			c.Tags = append(c.Tags, name)
		}
		return err
	})
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("find people: %w", err)
	}
	return out, nil
}

// whose is the subselect of the contacts that are meant, "" for nobody.
func whose(botID string, w outbox.Who) (sql string, args []any) {
	switch {
	case w.Phone != "":
		return `SELECT contact_id FROM contact_phones WHERE bot_id = ? AND phone = ?`, []any{botID, w.Phone}
	case w.ContactID != 0:
		return `SELECT id FROM contacts WHERE bot_id = ? AND id = ?`, []any{botID, w.ContactID}
	case w.ExternalID != "":
		return `SELECT min(id) FROM contacts WHERE bot_id = ? AND external_id = ? AND external_id <> ''`, []any{botID, w.ExternalID}
	case w.IdentityID != 0:
		return `SELECT i.contact_id FROM identities i JOIN accounts a ON a.id = i.account_id WHERE a.bot_id = ? AND i.id = ?`, []any{botID, w.IdentityID}
	}
	return "", nil
}
