package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
)

// errRaced means that somebody else met one of an import's people meanwhile.
var errRaced = errors.New("an identity was made meanwhile")

// importTries is how often a batch is matched anew after such a race.
const importTries = 3

// ImportContacts takes in a batch of people in one transaction, with a few
// statements whatever its size. A person is recognised by the external id, else
// by the account's user, else by a phone number that is more than typed; who is
// not is new. Rows see what earlier rows of the batch have made. What is said
// of somebody is added to what is known; nothing is removed. The results are in
// the order of the rows.
func (d *DB) ImportContacts(ctx context.Context, botID string, rows []engine.ImportRow, now time.Time) (out []engine.Imported, err error) {
	if _, err := d.Bot(ctx, botID); err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		out, err = d.importOnce(ctx, botID, rows, now)
		if errors.Is(err, errRaced) && try < importTries {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("import contacts: %w", err)
		}
		return out, nil
	}
}

func (d *DB) importOnce(ctx context.Context, botID string, rows []engine.ImportRow, now time.Time) ([]engine.Imported, error) {
	out := make([]engine.Imported, len(rows))
	err := d.transact(ctx, func(t transaction) error {
		m, err := d.readMatches(ctx, t, botID, rows)
		if err != nil {
			return err
		}
		for i := range rows {
			out[i] = m.match(&rows[i])
		}
		made, err := d.addImported(ctx, t, botID, m, now)
		if err != nil {
			return err
		}
		var changes []change
		for i := range rows {
			if out[i].Refused != nil {
				continue
			}
			if id := out[i].ContactID; id < 0 {
				out[i].ContactID = made[-id-1]
			}
			changes = append(changes, change{bot: botID, contact: out[i].ContactID, deltas: &rows[i].Deltas})
		}
		s := new(script)
		if err := d.apply(ctx, t, s, changes, now); err != nil {
			return err
		}
		applyWishes(s, botID, rows, out, now)
		return t.commit(ctx, s)
	})
	return out, err
}

// applyWishes writes what people want: consent of their addresses, and whether
// they are contacted at all. A later row of a batch wins.
func applyWishes(s *script, botID string, rows []engine.ImportRow, out []engine.Imported, now time.Time) {
	consents, wishes := map[address]bool{}, map[int64]bool{}
	for i := range rows {
		if out[i].Refused != nil {
			continue
		}
		for _, is := range rows[i].Identities {
			if is.Subscribed != nil {
				consents[address{is.AccountID, is.User}] = *is.Subscribed
			}
		}
		if rows[i].DoNotContact != nil {
			wishes[out[i].ContactID] = *rows[i].DoNotContact
		}
	}
	if len(consents) > 0 {
		in := newInput("account_id text", "external_id text", "agreed boolean", "at timestamptz")
		for who, agreed := range consents {
			in.add(who.account, who.external, agreed, now)
		}
		s.with(in, `UPDATE identities SET subscribed_at = CASE WHEN v.agreed THEN COALESCE(subscribed_at, v.at) END,
			unsubscribed_at = CASE WHEN v.agreed THEN NULL ELSE COALESCE(unsubscribed_at, v.at) END
			FROM v WHERE identities.account_id = v.account_id AND identities.external_id = v.external_id`)
	}
	if len(wishes) > 0 {
		in := newInput("id bigint", "do_not_contact boolean")
		for id, on := range wishes {
			in.add(id, on)
		}
		s.with(in, `UPDATE contacts SET do_not_contact = v.do_not_contact FROM v WHERE contacts.id = v.id AND contacts.bot_id = ?`, botID)
	}
}

// matches is by what the people of a batch may be recognised. A contact that
// the batch makes has a negative number until it is there.
type matches struct {
	accounts   map[string]bool    // of the bot
	external   map[string]int64   // contact by external id
	externalOf map[int64]string   // and the other way round
	identities map[address]int64  // contact by platform id
	phones     map[string][]int64 // contacts with a claim that is more than typed
	created    int                // contacts the batch makes
	strangers  map[address]int64  // identities the batch makes, with their contact
	order      []address          // of strangers
}

// readMatches reads who of a batch is known. Imports of one bot wait for each
// other, so that none makes a person whom another is about to commit.
func (d *DB) readMatches(ctx context.Context, t transaction, botID string, rows []engine.ImportRow) (*matches, error) {
	m := &matches{accounts: map[string]bool{}, external: map[string]int64{}, externalOf: map[int64]string{}, identities: map[address]int64{},
		phones: map[string][]int64{}, strangers: map[address]int64{}}
	externals, people, phones := namedIn(rows)
	s := new(script)
	s.query(`SELECT b.id FROM bots b WHERE b.id = ?`+d.forUpdateOf("b"), botID)
	s.query(`SELECT id FROM accounts WHERE bot_id = ?`, botID).each(func(r scanner) error {
		var id string
		err := r.Scan(&id)
		m.accounts[id] = true
		return err
	})
	if !externals.empty() {
		s.with(externals, `SELECT MIN(c.id), c.external_id FROM contacts c WHERE c.bot_id = ? AND c.external_id <> ''
			AND c.external_id IN (SELECT external_id FROM v) GROUP BY c.external_id`, botID).each(func(r scanner) error {
			var id int64
			var external string
			err := r.Scan(&id, &external)
			m.external[external], m.externalOf[id] = id, external
			return err
		})
	}
	if !people.empty() {
		// CROSS is SQLite's word for this order. In its own it goes through all
		// contacts of the bot for each of the rows.
		s.with(people, `SELECT i.account_id, i.external_id, c.id, c.external_id FROM v CROSS JOIN identities i CROSS JOIN contacts c
			WHERE i.account_id = v.account_id AND i.external_id = v.external_id AND c.id = i.contact_id AND c.bot_id = ?`, botID).each(func(r scanner) error {
			var a address
			var id int64
			var external string
			err := r.Scan(&a.account, &a.external, &id, &external)
			m.identities[a], m.externalOf[id] = id, external
			return err
		})
	}
	if !phones.empty() {
		s.with(phones, `SELECT p.phone, c.id, c.external_id FROM contact_phones p JOIN contacts c ON c.id = p.contact_id
			WHERE p.bot_id = ? AND p.phone IN (SELECT phone FROM v) AND p.source <> ? ORDER BY c.id`, botID, string(engine.PhoneTyped)).each(func(r scanner) error {
			var phone, external string
			var id int64
			err := r.Scan(&phone, &id, &external)
			m.phones[phone], m.externalOf[id] = append(m.phones[phone], id), external
			return err
		})
	}
	return m, t.run(ctx, s)
}

// namedIn is what rows name people by, cleaned where it stands.
func namedIn(rows []engine.ImportRow) (externals, people, phones *input) {
	externals, people, phones = newInput("external_id text"), newInput("account_id text", "external_id text"), newInput("phone text")
	for i := range rows {
		r := &rows[i]
		r.ExternalID, r.User = channels.CleanText(r.ExternalID), channels.CleanText(r.User)
		if r.ExternalID != "" {
			externals.add(r.ExternalID)
		}
		for n := range r.Identities {
			r.Identities[n].User = channels.CleanText(r.Identities[n].User)
		}
		for _, who := range addressesOf(r) {
			people.add(who.account, who.external)
		}
		if r.Phone != "" {
			phones.add(r.Phone)
		}
	}
	return externals, people, phones
}

// addressesOf are the addresses a row names, each once.
func addressesOf(r *engine.ImportRow) []address {
	var out []address
	if r.User != "" {
		out = append(out, address{r.AccountID, r.User})
	}
	for _, i := range r.Identities {
		if who := (address{i.AccountID, i.User}); i.User != "" && !slices.Contains(out, who) {
			out = append(out, who)
		}
	}
	return out
}

// match finds whom a row is about, and remembers them for the rows after it.
func (m *matches) match(r *engine.ImportRow) engine.Imported {
	id := int64(0)
	if r.ExternalID != "" {
		id = m.external[r.ExternalID]
	}
	people := addressesOf(r)
	for _, who := range people {
		if !m.accounts[who.account] {
			return refusedRow(engine.NotFound, "account", "no account %q", who.account)
		}
		user := m.identities[who]
		switch {
		case user == 0:
		case id == 0 && r.ExternalID != "" && m.externalOf[user] != "":
			return refusedRow(engine.Conflict, "external_id", "user %q is known by the external id %q", who.external, m.externalOf[user])
		case id == 0:
			id = user
		case id != user && r.ExternalID == "":
			return refusedRow(engine.Conflict, "user", "user %q is another person than the row's other users", who.external)
		case id != user:
			return refusedRow(engine.Conflict, "user", "user %q is another person than the one with the external id %q", who.external, r.ExternalID)
		}
	}
	if len(people) == 0 && id == 0 && r.Phone != "" {
		claims := m.claims(r)
		if len(claims) > 1 {
			return refusedRow(engine.Conflict, "phone", "%d people have the number %s: give external_id, or account and user", len(claims), r.Phone)
		}
		if len(claims) == 1 {
			id = claims[0]
		}
	}
	out := engine.Imported{ContactID: id}
	if id == 0 {
		m.created++
		out = engine.Imported{ContactID: -int64(m.created), Created: true}
	}
	m.remember(r, people, out.ContactID)
	return out
}

// claims are the people a number may mean: whom the owner knows by another id
// only shares it.
func (m *matches) claims(r *engine.ImportRow) []int64 {
	var out []int64
	for _, id := range m.phones[r.Phone] {
		if r.ExternalID == "" || m.externalOf[id] == "" {
			out = append(out, id)
		}
	}
	return out
}

func (m *matches) remember(r *engine.ImportRow, people []address, id int64) {
	if r.ExternalID != "" {
		m.external[r.ExternalID], m.externalOf[id] = id, r.ExternalID
	}
	for _, who := range people {
		if _, known := m.identities[who]; !known {
			m.identities[who], m.strangers[who] = id, id
			m.order = append(m.order, who)
		}
	}
	if r.Phone == "" {
		return
	}
	for _, has := range m.phones[r.Phone] {
		if has == id {
			return
		}
	}
	m.phones[r.Phone] = append(m.phones[r.Phone], id)
}

func refusedRow(code engine.ErrorCode, field, format string, args ...any) engine.Imported {
	return engine.Imported{Refused: &engine.Error{Code: code, Field: field, Message: fmt.Sprintf(format, args...)}}
}

// addImported makes the contacts and identities that a batch brings and
// returns the contacts' ids.
func (d *DB) addImported(ctx context.Context, t transaction, botID string, m *matches, now time.Time) ([]int64, error) {
	made := make([]int64, 0, m.created)
	if m.created > 0 {
		in := newInput("bot_id text", "at timestamptz")
		for range m.created {
			in.add(botID, now)
		}
		s := new(script)
		s.with(in, `INSERT INTO contacts (bot_id, created_at) SELECT bot_id, at FROM v WHERE true RETURNING id`).each(into(&made))
		if err := t.run(ctx, s); err != nil {
			return nil, fmt.Errorf("add contacts: %w", err)
		}
	}
	if len(m.order) == 0 {
		return made, nil
	}
	in := newInput("account_id text", "external_id text", "contact_id bigint", "at timestamptz")
	for _, who := range m.order {
		id := m.strangers[who]
		if id < 0 {
			id = made[-id-1]
		}
		in.add(who.account, who.external, id, now)
	}
	var added []int64
	s := new(script)
	s.with(in, `INSERT INTO identities (account_id, external_id, contact_id, created_at)
		SELECT account_id, external_id, contact_id, at FROM v WHERE true ORDER BY account_id, external_id
		ON CONFLICT (account_id, external_id) DO NOTHING RETURNING id`).each(into(&added))
	if err := t.run(ctx, s); err != nil {
		return nil, fmt.Errorf("add identities: %w", err)
	}
	if len(added) < len(m.order) {
		return nil, errRaced
	}
	return made, nil
}
