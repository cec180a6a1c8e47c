package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/blockcast/blockcast/blocks/expression"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

// Matching returns addresses that a filter holds for, the newest contacts first.
func (d *DB) Matching(ctx context.Context, botID string, f *expression.Filter, now time.Time, limit int) ([]broadcast.Matched, error) {
	condition, args, err := d.audience(f, botID, now)
	if err != nil {
		return nil, err
	}
	var out []broadcast.Matched
	s := new(script)
	s.query(`SELECT c.id, i.id FROM contacts c JOIN identities i ON i.contact_id = c.id
		WHERE c.bot_id = ? AND c.merged_into = 0 AND i.kind = 'person' AND `+condition+` ORDER BY c.id DESC, i.id LIMIT ?`,
		append(append([]any{botID}, args...), limit)...).each(func(r scanner) error {
		var m broadcast.Matched
		err := r.Scan(&m.ContactID, &m.IdentityID)
		out = append(out, m)
		return err
	})
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("ask an audience: %w", err)
	}
	return out, nil
}

// Addresses returns what expressions see of contacts, one for each address.
func (d *DB) Addresses(ctx context.Context, botID string, contacts []int64, now time.Time) ([]broadcast.Address, error) {
	if len(contacts) == 0 {
		return nil, nil
	}
	in := newInput("id bigint")
	for _, id := range contacts {
		in.add(id)
	}
	known := map[int64]*known{}
	var out []broadcast.Address
	s := new(script)
	readKnown(s, in, botID, known)
	s.with(in, `SELECT i.contact_id, i.id, i.external_id, i.subscribed_at, i.unsubscribed_at, i.blocked_at, a.id, a.channel, a.name
		FROM v JOIN identities i ON i.contact_id = v.id JOIN accounts a ON a.id = i.account_id
		WHERE a.bot_id = ? AND i.kind = 'person' ORDER BY i.contact_id, i.id`, botID).each(func(r scanner) error {
		var a broadcast.Address
		var i engine.Identity
		var account engine.Account
		if err := r.Scan(&a.ContactID, &a.IdentityID, &i.ExternalID, moment(&i.SubscribedAt), moment(&i.UnsubscribedAt), moment(&i.BlockedAt),
			&account.ID, &account.Channel, &account.Name); err != nil {
			return err
		}
		a.AccountID = account.ID
		if c := known[a.ContactID]; c != nil {
			a.Person = c.at(&i, &account, now)
			out = append(out, a)
		}
		return nil
	})
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read people: %w", err)
	}
	return out, nil
}

// known is what is the same on all addresses of a contact.
type known struct {
	contact engine.Contact
	tags    map[string]time.Time
	had     map[string][]string
	last    time.Time // a broadcast to them was taken
}

// readKnown reads contacts with all that expressions name of them.
func readKnown(s *script, in *input, botID string, out map[int64]*known) {
	s.with(in, `SELECT `+contactColumns+` FROM v JOIN contacts c ON c.id = v.id WHERE c.bot_id = ? AND c.merged_into = 0`, botID).each(func(r scanner) error {
		k := &known{tags: map[string]time.Time{}, had: map[string][]string{}}
		err := scanContact(r, &k.contact)
		out[k.contact.ID] = k
		return err
	})
	s.with(in, `SELECT ct.contact_id, t.name_key, ct.tagged_at FROM v JOIN contact_tags ct ON ct.contact_id = v.id JOIN tags t ON t.id = ct.tag_id`).each(func(r scanner) error {
		var id int64
		var tag string
		var at time.Time
		err := r.Scan(&id, &tag, moment(&at))
		if k := out[id]; k != nil {
			k.tags[tag] = at
		}
		return err
	})
	s.with(in, `SELECT p.contact_id, p.phone FROM v JOIN contact_phones p ON p.contact_id = v.id ORDER BY `+phoneOrder).each(func(r scanner) error {
		var id int64
		var phone string
		err := r.Scan(&id, &phone)
		if k := out[id]; k != nil && len(k.contact.Phones) == 0 {
			k.contact.Phones = []engine.Phone{{E164: phone}}
		}
		return err
	})
	s.with(in, `SELECT d.contact_id, r.broadcast_id, d.status, d.sent_at, d.read_at, d.clicked_at, d.replied_at
		FROM v JOIN deliveries d ON d.contact_id = v.id JOIN broadcast_runs r ON r.id = d.run_id WHERE d.run_id <> '' AND r.bot_id = ?`, botID).each(func(r scanner) error {
		var id int64
		var broadcastID string
		var status engine.Status
		var sent, read, clicked, replied time.Time
		err := r.Scan(&id, &broadcastID, &status, moment(&sent), moment(&read), moment(&clicked), moment(&replied))
		if k := out[id]; k != nil {
			k.deliver(broadcastID, status, sent, read, clicked, replied)
		}
		return err
	})
}

// deliver notes what came of one delivery of a broadcast.
func (k *known) deliver(broadcastID string, status engine.Status, sent, read, clicked, replied time.Time) {
	taken := status == engine.SentOut || status == engine.Delivered || status == engine.Read
	for _, o := range [...]struct {
		name string
		had  bool
	}{{"received", taken}, {"read", !read.IsZero() || status == engine.Read}, {"clicked", !clicked.IsZero()}, {"replied", !replied.IsZero()}} {
		if o.had {
			k.had[o.name] = append(k.had[o.name], broadcastID)
		}
	}
	if taken && sent.After(k.last) {
		k.last = sent
	}
}

// at is the contact at one of their addresses.
func (k *known) at(i *engine.Identity, a *engine.Account, now time.Time) expression.Person {
	c := &k.contact
	facts := map[string]any{
		"first_name": c.FirstName, "last_name": c.LastName, "name": c.Name, "gender": c.Gender, "locale": c.Locale, "language": c.Language,
		"time_zone": c.TimeZone, "phone": c.Phone(), "email": c.Email, "external_id": c.ExternalID, "user_id": strconv.FormatInt(c.ID, 10),
		"messenger_user_id": i.ExternalID, "channel": a.Channel, "account": a.Name,
		"birthday_month": 0.0, "days_since_broadcast": float64(expression.NeverBroadcast),
	}
	if c.Name == "" {
		facts["name"] = strings.Trim(c.FirstName+" "+c.LastName, " ")
	}
	if a.Name == "" {
		facts["account"] = a.ID
	}
	if at, err := time.Parse(time.DateOnly, c.Birthday); err == nil {
		facts["birthday"], facts["birthday_month"] = c.Birthday, float64(at.Month())
	}
	for name, at := range map[string]time.Time{"created_at": c.CreatedAt, "last_seen_at": c.LastSeenAt, "subscribed_at": i.SubscribedAt,
		"unsubscribed_at": i.UnsubscribedAt, "last_broadcast_at": k.last} {
		if !at.IsZero() {
			facts[name] = at
		}
	}
	for name, is := range map[string]bool{"do_not_contact": c.DoNotContact, "subscribed": !i.SubscribedAt.IsZero() && i.UnsubscribedAt.IsZero(),
		"unsubscribed": !i.UnsubscribedAt.IsZero(), "blocked": !i.BlockedAt.IsZero()} {
		if is {
			facts[name] = true
		}
	}
	if !k.last.IsZero() {
		facts["days_since_broadcast"] = float64((now.Unix() - k.last.Unix()) / 86400)
	}
	return expression.Person{Facts: facts, Attributes: c.Attributes, Tags: k.tags, Outcomes: k.had}
}
