package store

import (
	"context"
	"fmt"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// sought is who one caller looks for.
type sought struct {
	bot string
	who outbox.Who
}

// People returns everybody an order may mean, with all their identities. Calls
// that come at the same time are answered by one question.
func (d *DB) People(ctx context.Context, botID string, w outbox.Who) (*outbox.People, error) {
	if _, inside := jointOf(ctx); inside {
		all, err := d.findSought(ctx, []sought{{botID, w}})
		if err != nil {
			return nil, err
		}
		return all[0], nil
	}
	return d.people.Do(ctx, sought{botID, w})
}

// findSought answers many in one round trip, in their order.
func (d *DB) findSought(ctx context.Context, list []sought) ([]*outbox.People, error) {
	out := make([]*outbox.People, len(list))
	by := map[string]*input{}
	for i, l := range list {
		out[i] = new(outbox.People)
		kind, text, id := l.key()
		if kind == "" {
			continue
		}
		if by[kind] == nil {
			by[kind] = newInput("n bigint", "bot_id text", "key text", "id bigint")
		}
		by[kind].add(i, l.bot, text, id)
	}
	s := new(script)
	for _, kind := range soughtKinds {
		if in := by[kind.name]; in != nil {
			readSought(s, in, kind.sql, out)
		}
	}
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("find people: %w", err)
	}
	return out, nil
}

// soughtKinds are the ways to name somebody, each with the contacts that rows
// of v mean: as n, bot_id, contact_id, and the source of a phone number.
var soughtKinds = [...]struct{ name, sql string }{
	{"phone", `SELECT v.n, v.bot_id, p.contact_id, p.source FROM v JOIN contact_phones p ON p.bot_id = v.bot_id AND p.phone = v.key`},
	{"contact", `SELECT v.n, v.bot_id, v.id AS contact_id, '' AS source FROM v`},
	{"external_id", `SELECT v.n, v.bot_id, (SELECT min(c.id) FROM contacts c WHERE c.bot_id = v.bot_id AND c.external_id = v.key AND c.external_id <> '') AS contact_id,
		'' AS source FROM v`},
	{"identity", `SELECT v.n, v.bot_id, i.contact_id, '' AS source FROM v JOIN identities i ON i.id = v.id`},
}

// key says by which of soughtKinds, and by which text or id; "" means nobody.
func (l sought) key() (kind, text string, id int64) {
	switch w := l.who; {
	case w.Phone != "":
		return "phone", w.Phone, 0
	case w.ContactID != 0:
		return "contact", "", w.ContactID
	case w.ExternalID != "":
		return "external_id", w.ExternalID, 0
	case w.IdentityID != 0:
		return "identity", "", w.IdentityID
	}
	return "", "", 0
}

// readSought reads the people that the rows of in mean. A contact is only its
// own bot's, and so are its tags and identities.
func readSought(s *script, in *input, who string, out []*outbox.People) {
	s.with(in, `SELECT w.n, w.source, `+contactColumns+` FROM (`+who+`) w JOIN contacts c ON c.id = w.contact_id AND c.bot_id = w.bot_id ORDER BY c.id`).each(func(r scanner) error {
		var n int64
		var c engine.Contact
		var source engine.PhoneSource
		if err := scanContact(after{r, []any{&n, &source}}, &c); err != nil {
			return err
		}
		people := out[n]
		if source != "" {
			people.Claims = append(people.Claims, outbox.PhoneClaim{ContactID: c.ID, Source: source})
		}
		if last := len(people.Contacts) - 1; last < 0 || people.Contacts[last].ID != c.ID {
			people.Contacts = append(people.Contacts, c)
		}
		return nil
	})
	s.with(in, `SELECT w.n, `+identityColumns+` FROM (`+who+`) w JOIN identities i ON i.contact_id = w.contact_id
		JOIN accounts a ON a.id = i.account_id AND a.bot_id = w.bot_id AND a.state <> 'disconnected' ORDER BY i.id`).each(func(r scanner) error {
		var n int64
		var i engine.Identity
		if err := scanIdentity(after{r, []any{&n}}, &i); err != nil {
			return err
		}
		out[n].Identities = append(out[n].Identities, i)
		return nil
	})
	s.with(in, `SELECT w.n, ct.contact_id, t.name FROM (`+who+`) w JOIN contact_tags ct ON ct.contact_id = w.contact_id
		JOIN tags t ON t.id = ct.tag_id ORDER BY t.name_key`).each(func(r scanner) error {
		var n, id int64
		var name string
		if err := r.Scan(&n, &id, &name); err != nil {
			return err
		}
		if c := out[n].Contact(id); c != nil {
			c.Tags = append(c.Tags, name)
		}
		return nil
	})
}

// after is a row whose first columns are others than those scanned.
type after struct {
	scanner
	first []any
}

// Scan implements scanner.
func (r after) Scan(dest ...any) error { return r.scanner.Scan(append(r.first, dest...)...) }
