package store

import (
	"context"
	"fmt"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// OpenMany reads the first rows of a run by their ids that are to be had.
//
// Input: the run, a range of ids, how many, now.
// Output: the rows as they are.
//
// They are a range by deliveries_of_run; that nobody else works on it is the
// range's lease. What Claim asks of a row's neighbours is asked where it is
// claimed.
func (d *DB) OpenMany(ctx context.Context, m outbox.Many) ([]outbox.Open, error) {
	rows := make([]outbox.Open, 0, m.Limit)
	var row outbox.Open
	var effects engine.Deltas
	places := append(deliveryPlaces(&row.Row), fromJSON(&effects), &row.GroupID)
	s := new(script)
	s.query(`SELECT `+deliveryColumns+`, effects, group_id FROM deliveries
		WHERE run_id = ? AND run_id > '' AND closed_at IS NULL AND id >= ? AND id <= ? AND status IN ('held', 'queued', 'sending')
		AND (not_before IS NULL OR not_before <= ?) AND (lease_until IS NULL OR lease_until <= ?)
		AND `+ofRunning+` ORDER BY id LIMIT ?`, m.RunID, m.First, m.Last, m.Now, m.Now, m.RunID, m.Limit).each(func(r scanner) error {
		row, effects = outbox.Open{}, engine.Deltas{}
		if err := r.Scan(places...); err != nil {
			return err
		}
		if !effects.Empty() {
			own := effects
			row.Effects = &own
		}
		rows = append(rows, row)
		return nil
	})
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read open rows of run %s: %w", m.RunID, err)
	}
	return rows, nil
}

// ofRunning holds for rows of a run that goes on, on accounts that may send. It
// takes the run. IS TRUE keeps Postgres from making it a join: the accounts are
// read once and not for each row.
const ofRunning = `(deliveries.account_id IN (SELECT a.id FROM accounts a
	WHERE a.bot_id = (SELECT r.bot_id FROM broadcast_runs r WHERE r.id = ? AND r.state = 'running') AND ` + working + `)) IS TRUE`

// Situations loads what turns of many identities of a bot start from, in two
// round trips: for a contact is looked up by its own id.
func (d *DB) Situations(ctx context.Context, botID string, identityIDs []int64) (map[int64]*engine.Situation, error) {
	out := make(map[int64]*engine.Situation, len(identityIDs))
	if len(identityIDs) == 0 {
		return out, nil
	}
	in := newInput("id bigint")
	for _, id := range identityIDs {
		in.add(id)
	}
	identities := make([]engine.Identity, 0, len(identityIDs))
	sessions := map[int64]*engine.Session{}
	var values map[string]any
	s := new(script)
	s.with(in, `SELECT `+identityColumns+` FROM v JOIN identities i ON i.id = v.id JOIN accounts a ON a.id = i.account_id WHERE a.bot_id = ?`, botID).each(listIdentities(&identities))
	s.with(in, `SELECT identity_id, state FROM sessions WHERE identity_id IN (SELECT id FROM v)`).each(func(r scanner) error {
		open := new(engine.Session)
		err := r.Scan(&open.IdentityID, fromJSON(open))
		sessions[open.IdentityID] = open
		return err
	})
	readBotValues(s, botID, &values)
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("load situations of bot %s: %w", botID, err)
	}
	contacts, err := d.contactsOf(ctx, botID, identities)
	if err != nil {
		return nil, fmt.Errorf("load situations of bot %s: %w", botID, err)
	}
	bot, err := d.Bot(ctx, botID)
	if err != nil {
		return nil, err
	}
	accounts := map[string]*engine.Account{}
	for i := range identities {
		id := &identities[i]
		contact, ok := contacts[id.ContactID]
		if !ok {
			continue
		}
		if accounts[id.AccountID] == nil {
			if accounts[id.AccountID], err = d.Account(ctx, id.AccountID); err != nil {
				return nil, err
			}
		}
		out[id.ID] = &engine.Situation{Bot: bot, BotValues: values, Account: accounts[id.AccountID], Contact: contact, Identity: id, Session: sessions[id.ID]}
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

// Renders returns a bot's renders by their ids.
func (d *DB) Renders(ctx context.Context, botID string, ids []string) (map[string]*engine.Render, error) {
	out := map[string]*engine.Render{}
	if len(ids) == 0 {
		return out, nil
	}
	in := newInput("id text")
	for _, id := range ids {
		in.add(id)
	}
	s := new(script)
	s.with(in, `SELECT r.id, bot_id, account_id, messages, payloads, buttons, used_on FROM renders r WHERE r.id IN (SELECT id FROM v) AND bot_id = ?`, botID).each(func(r scanner) error {
		one := new(engine.Render)
		err := r.Scan(&one.ID, &one.BotID, &one.AccountID, fromJSON(&one.Messages), fromJSON(&one.Payloads), fromJSON(&one.Buttons), moment(&one.UsedOn))
		out[one.ID] = one
		return err
	})
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read renders of bot %s: %w", botID, err)
	}
	return out, nil
}

// Groups returns multicast groups by their ids.
func (d *DB) Groups(ctx context.Context, ids []string) (map[string]*outbox.Group, error) {
	out := map[string]*outbox.Group{}
	if len(ids) == 0 {
		return out, nil
	}
	in := newInput("id text")
	for _, id := range ids {
		in.add(id)
	}
	s := new(script)
	s.with(in, `SELECT id, account_id, render_id, generation, to_ids, created_at FROM send_groups WHERE id IN (SELECT id FROM v)`).each(func(r scanner) error {
		g := new(outbox.Group)
		err := r.Scan(&g.ID, &g.AccountID, &g.RenderID, &g.Generation, fromJSON(&g.To), moment(&g.CreatedAt))
		out[g.ID] = g
		return err
	})
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read multicast groups: %w", err)
	}
	return out, nil
}

// saveGroups keeps multicast calls as they are about to be made: to those whose
// rows are ours.
func saveGroups(s *script, b outbox.Beginning, ours map[int64]bool) error {
	members := map[string][]string{}
	for _, r := range b.Rows {
		if r.GroupID != "" && ours[r.Delivery.ID] {
			members[r.GroupID] = append(members[r.GroupID], r.To)
		}
	}
	in := newInput("id text", "account_id text", "render_id text", "generation bigint", "to_ids text", "created_at timestamptz")
	for _, g := range b.Groups {
		to, err := toJSON(orEmpty(members[g.ID]))
		if err != nil {
			return fmt.Errorf("multicast group: %w", err)
		}
		in.add(g.ID, g.AccountID, g.RenderID, g.Generation, to, g.CreatedAt)
	}
	if !in.empty() {
		s.with(in, `INSERT INTO send_groups (id, account_id, render_id, generation, to_ids, created_at)
			SELECT id, account_id, render_id, generation, to_ids, created_at FROM v`)
	}
	return nil
}
