package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// address is a person as a platform names them.
type address struct{ account, external string }

// person is who an address is.
type person struct{ identity, contact int64 }

// newcomer is an address that was not met before.
type newcomer struct {
	address
	bot   string
	group bool
}

// findPeople reads who the addresses are and locks their rows in one order, so
// that the caller may update them.
func (d *DB) findPeople(s *script, in *input, found map[address]person) {
	s.with(in, `SELECT i.id, i.contact_id, i.account_id, i.external_id FROM identities i
		JOIN v ON i.account_id = v.account_id AND i.external_id = v.external_id
		ORDER BY i.id`+d.forUpdateOf("i")).each(func(r scanner) error {
		var a address
		var p person
		if err := r.Scan(&p.identity, &p.contact, &a.account, &a.external); err != nil {
			return err
		}
		found[a] = p
		return nil
	})
}

func (d *DB) forUpdateOf(table string) string {
	if d.postgres {
		return " FOR NO KEY UPDATE OF " + table
	}
	return ""
}

// addPeople makes identities, and contacts for those it made: an address that
// another commit makes at the same moment keeps the other's. The newcomers are
// distinct and sorted. found gets all of them.
func (d *DB) addPeople(ctx context.Context, t transaction, newcomers []newcomer, now time.Time, found map[address]person) error {
	bots := make(map[address]string, len(newcomers))
	in := newInput("account_id text", "external_id text", "kind text", "at timestamptz")
	for _, n := range newcomers {
		bots[n.address] = n.bot
		kind := "person"
		if n.group {
			kind = groupKind
		}
		in.add(n.account, n.external, kind, now)
	}
	won := map[string][]int64{} // identities by bot
	s := new(script)
	s.with(in, `INSERT INTO identities (account_id, external_id, kind, created_at)
		SELECT account_id, external_id, kind, at FROM v WHERE true ORDER BY account_id, external_id
		ON CONFLICT (account_id, external_id) DO NOTHING
		RETURNING id, account_id, external_id`).each(func(r scanner) error {
		var a address
		var id int64
		if err := r.Scan(&id, &a.account, &a.external); err != nil {
			return err
		}
		found[a] = person{identity: id}
		won[bots[a]] = append(won[bots[a]], id)
		return nil
	})
	if err := t.run(ctx, s); err != nil {
		return fmt.Errorf("add identities: %w", err)
	}
	lost := slices.ContainsFunc(newcomers, func(n newcomer) bool {
		_, ok := found[n.address]
		return !ok
	})
	if err := d.addContacts(ctx, t, won, now, found); err != nil {
		return err
	}
	if !lost {
		return nil
	}
	s = new(script)
	d.findPeople(s, in, found)
	return t.run(ctx, s)
}

// addContacts makes a contact for each identity and joins them. New contacts
// of one bot are alike, so it does not matter which identity gets which.
func (d *DB) addContacts(ctx context.Context, t transaction, won map[string][]int64, now time.Time, found map[address]person) error {
	in := newInput("bot_id text", "at timestamptz")
	for bot, ids := range won {
		for range ids {
			in.add(bot, now)
		}
	}
	if in.empty() {
		return nil
	}
	joined := newInput("identity_id bigint", "contact_id bigint")
	contacts := map[int64]int64{}
	s := new(script)
	s.with(in, `INSERT INTO contacts (bot_id, created_at) SELECT bot_id, at FROM v WHERE true RETURNING id, bot_id`).each(func(r scanner) error {
		var id int64
		var bot string
		if err := r.Scan(&id, &bot); err != nil {
			return err
		}
		identity := won[bot][0]
		won[bot] = won[bot][1:]
		contacts[identity] = id
		joined.add(identity, id)
		return nil
	})
	if err := t.run(ctx, s); err != nil {
		return fmt.Errorf("add contacts: %w", err)
	}
	for a, p := range found {
		if contact, ok := contacts[p.identity]; ok {
			found[a] = person{p.identity, contact}
		}
	}
	s = new(script)
	s.with(joined, `UPDATE identities SET contact_id = v.contact_id FROM v WHERE identities.id = v.identity_id`)
	if err := t.run(ctx, s); err != nil {
		return fmt.Errorf("join contacts: %w", err)
	}
	return nil
}

// CreateIdentity makes an identity and its contact; an existing one is
// returned as it is.
func (d *DB) CreateIdentity(ctx context.Context, botID string, n outbox.NewIdentity) (*engine.Identity, error) {
	account, err := d.Account(ctx, n.AccountID)
	if err != nil {
		return nil, err
	}
	if account.BotID != botID {
		return nil, unknown("account", n.AccountID)
	}
	n.ExternalID = channels.CleanText(n.ExternalID)
	if n.ExternalID == "" {
		return nil, invalid("external_id", "an identity needs the platform's id of the person")
	}
	if known, err := d.IdentityByExternal(ctx, n.AccountID, n.ExternalID); err != nil || known != nil {
		return known, err
	}
	a := address{n.AccountID, n.ExternalID}
	found := map[address]person{}
	err = d.transact(ctx, func(t transaction) error {
		if err := d.addPeople(ctx, t, []newcomer{{address: a, bot: botID}}, n.Now, found); err != nil {
			return err
		}
		if n.Profile == nil {
			return nil
		}
		return d.saveProfile(ctx, t, found[a].identity, n.Profile, n.Now)
	})
	if err != nil {
		return nil, fmt.Errorf("create identity: %w", err)
	}
	return d.Identity(ctx, botID, found[a].identity)
}
