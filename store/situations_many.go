package store

import (
	"context"
	"fmt"

	"github.com/blockcast/blockcast/engine"
)

// Situations loads what turns of many identities of a bot start from, in two
// round trips: for a contact is looked up by its own id.
func (d *DB) Situations(ctx context.Context, botID string, identityIDs []int64) (map[int64]*engine.Situation, error) {
	identities := make([]engine.Identity, 0, len(identityIDs))
	of := &situated{botID: botID}
	s := new(script)
	in := of.ask(s, identityIDs)
	s.with(in, `SELECT `+identityColumns+` FROM v JOIN identities i ON i.id = v.id WHERE `+ofBot, botID).each(listIdentities(&identities))
	readBotValues(s, botID, &of.values)
	err := d.read(ctx, s)
	if err == nil {
		of.contacts, err = d.contactsOf(ctx, botID, identities)
	}
	if err != nil {
		return nil, fmt.Errorf("load situations of bot %s: %w", botID, err)
	}
	return d.situations(ctx, of, identities)
}

// Addressees implements outbox.Bulk.
func (d *DB) Addressees(ctx context.Context, botID string, identityIDs []int64) (map[int64]*engine.Situation, error) {
	identities := make([]engine.Identity, 0, len(identityIDs))
	contacts := make([]engine.Contact, 0, len(identityIDs))
	of := &situated{botID: botID, contacts: make(map[int64]*engine.Contact, len(identityIDs))}
	var row engine.Identity
	var kind string
	var no bool
	places := repeating(append(identityPlaces(&row, &kind), &no))
	s := new(script)
	in := of.ask(s, identityIDs)
	s.with(in, `SELECT `+identityColumns+`, c.do_not_contact FROM v JOIN identities i ON i.id = v.id JOIN contacts c ON c.id = i.contact_id
		WHERE c.bot_id = ? AND `+ofBot, botID, botID).each(func(r scanner) error {
		row = engine.Identity{}
		err := r.Scan(places...)
		row.Group = kind == groupKind
		identities = append(identities, row)
		contacts = append(contacts, engine.Contact{ID: row.ContactID, BotID: botID, DoNotContact: no})
		of.contacts[row.ContactID] = &contacts[len(contacts)-1]
		return err
	})
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("load addressees of bot %s: %w", botID, err)
	}
	return d.situations(ctx, of, identities)
}

// ofBot holds for identities i of a bot. IS TRUE keeps Postgres from making it a
// join: the accounts are read once and not for each row.
const ofBot = `(i.account_id IN (SELECT a.id FROM accounts a WHERE a.bot_id = ?)) IS TRUE`

// situated is what situations of a bot's identities are made of.
type situated struct {
	botID    string
	contacts map[int64]*engine.Contact
	sessions map[int64]*engine.Session // by identity
	values   map[string]any
}

// ask adds the reading of sessions, and returns the identities as input.
func (o *situated) ask(s *script, identityIDs []int64) *input {
	in := newInput("id bigint")
	for _, id := range identityIDs {
		in.add(id)
	}
	o.sessions = map[int64]*engine.Session{}
	s.with(in, `SELECT identity_id, state FROM sessions WHERE identity_id IN (SELECT id FROM v)`).each(func(r scanner) error {
		open := new(engine.Session)
		err := r.Scan(&open.IdentityID, fromJSON(open))
		o.sessions[open.IdentityID] = open
		return err
	})
	return in
}

// situations puts together what was read, by identity.
func (d *DB) situations(ctx context.Context, of *situated, identities []engine.Identity) (map[int64]*engine.Situation, error) {
	out := make(map[int64]*engine.Situation, len(identities))
	bot, err := d.Bot(ctx, of.botID)
	if err != nil {
		return nil, err
	}
	accounts := map[string]*engine.Account{}
	made := make([]engine.Situation, len(identities))
	for i := range identities {
		id := &identities[i]
		contact, ok := of.contacts[id.ContactID]
		if !ok {
			continue
		}
		if accounts[id.AccountID] == nil {
			if accounts[id.AccountID], err = d.Account(ctx, id.AccountID); err != nil {
				return nil, err
			}
		}
		made[i] = engine.Situation{Bot: bot, BotValues: of.values, Account: accounts[id.AccountID], Contact: contact, Identity: id, Session: of.sessions[id.ID]}
		out[id.ID] = &made[i]
	}
	return out, nil
}

// contactsOf returns the contacts of identities of a bot, with tags and phones.
func (d *DB) contactsOf(ctx context.Context, botID string, identities []engine.Identity) (map[int64]*engine.Contact, error) {
	contacts := make(map[int64]*engine.Contact, len(identities))
	if len(identities) == 0 {
		return contacts, nil
	}
	in := newInput("id bigint")
	for i := range identities {
		if id := identities[i].ContactID; contacts[id] == nil {
			contacts[id] = new(engine.Contact)
			in.add(id)
		}
	}
	var contact engine.Contact
	places := contactPlaces(&contact)
	s := new(script)
	s.with(in, `SELECT `+contactColumns+` FROM v JOIN contacts c ON c.id = v.id WHERE c.bot_id = ?`, botID).each(func(r scanner) error {
		contact = engine.Contact{Attributes: map[string]any{}}
		err := r.Scan(places...)
		*contacts[contact.ID] = contact
		return err
	})
	readTagsAndPhones(s, in, contacts)
	if err := d.read(ctx, s); err != nil {
		return nil, err
	}
	for id, c := range contacts {
		if c.ID == 0 {
			delete(contacts, id) // of another bot
		}
	}
	return contacts, nil
}
