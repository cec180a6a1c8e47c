package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// ClaimMany takes the first rows of a run by their ids that are to be had.
//
// Input: the attempt's id, its lease, the run, a range of ids, how many, now.
// Output: the rows as they are then; held ones are queued.
//
// What Claim asks of a row is asked of each. The rows are a range by
// deliveries_open_run; that nobody else works on it is the range's lease, and
// the row's own is asked again where it is written. OFFSET keeps Postgres from
// making the question about neighbours a join: where it thinks that few rows
// are open it would read all of them for each.
func (d *DB) ClaimMany(ctx context.Context, m outbox.Many) ([]outbox.Claimed, error) {
	var rows []outbox.Claimed
	s := new(script)
	s.query(`UPDATE deliveries SET attempt_id = ?, lease_until = ?, attempt = attempt + 1, status = CASE WHEN status = 'held' THEN 'queued' ELSE status END
		WHERE id IN (SELECT d.id FROM deliveries d JOIN accounts a ON a.id = d.account_id AND `+working+`
			WHERE d.run_id = ? AND d.closed_at IS NULL AND d.id >= ? AND d.id <= ? AND d.status IN ('held', 'queued', 'sending')
			AND (d.not_before IS NULL OR d.not_before <= ?) AND (d.lease_until IS NULL OR d.lease_until <= ?)
			AND NOT EXISTS (SELECT 1 FROM deliveries e
				WHERE e.identity_id = d.identity_id AND e.closed_at IS NULL AND e.status IN ('queued', 'sending')
				AND (e.id < d.id AND e.run_id = '' AND (e.not_before IS NULL OR e.not_before <= ? OR e.attempt > 0 OR e.status = 'sending')
					OR e.id <> d.id AND e.lease_until > ?)
				LIMIT 1 OFFSET 0)
			ORDER BY d.id LIMIT ?)
		AND status IN ('held', 'queued', 'sending') AND (lease_until IS NULL OR lease_until <= ?) AND `+running("deliveries")+`
		RETURNING `+deliveryColumns+`, effects, group_id`,
		m.AttemptID, m.LeaseUntil, m.RunID, m.First, m.Last, m.Now, m.Now, m.Now, m.Now, m.Limit, m.Now).each(func(r scanner) error {
		var c outbox.Claimed
		var effects engine.Deltas
		if err := scanDelivery(beyond{r, []any{fromJSON(&effects), &c.GroupID}}, &c.Row); err != nil {
			return err
		}
		if !effects.Empty() {
			c.Effects = &effects
		}
		rows = append(rows, c)
		return nil
	})
	if err := d.write(ctx, s); err != nil {
		return nil, fmt.Errorf("claim rows of run %s: %w", m.RunID, err)
	}
	slices.SortFunc(rows, func(x, y outbox.Claimed) int { return cmp.Compare(x.Row.ID, y.Row.ID) })
	return rows, nil
}

// beyond is a row that has more columns than those scanned.
type beyond struct {
	scanner
	last []any
}

func (b beyond) Scan(dest ...any) error { return b.scanner.Scan(append(dest, b.last...)...) }

// Situations loads what turns of many identities of a bot start from, in one
// round trip.
func (d *DB) Situations(ctx context.Context, botID string, identityIDs []int64) (map[int64]*engine.Situation, error) {
	out := make(map[int64]*engine.Situation, len(identityIDs))
	if len(identityIDs) == 0 {
		return out, nil
	}
	in := newInput("id bigint")
	for _, id := range identityIDs {
		in.add(id)
	}
	var identities []engine.Identity
	contacts := make(map[int64]*engine.Contact, len(identityIDs))
	sessions := map[int64]*engine.Session{}
	var values map[string]any
	const contactsOf = `(SELECT i.contact_id FROM identities i JOIN v ON i.id = v.id)`
	s := new(script)
	s.with(in, `SELECT `+identityColumns+` FROM v JOIN identities i ON i.id = v.id JOIN accounts a ON a.id = i.account_id WHERE a.bot_id = ?`, botID).each(listIdentities(&identities))
	s.with(in, `SELECT `+contactColumns+` FROM contacts c WHERE c.id IN `+contactsOf+` AND c.bot_id = ?`, botID).each(func(r scanner) error {
		c := new(engine.Contact)
		err := scanContact(r, c)
		contacts[c.ID] = c
		return err
	})
	of := func(id int64) *engine.Contact {
		if c, ok := contacts[id]; ok {
			return c
		}
		return new(engine.Contact) // of another bot
	}
	s.with(in, `SELECT ct.contact_id, t.name FROM contact_tags ct JOIN tags t ON t.id = ct.tag_id WHERE ct.contact_id IN `+contactsOf+` ORDER BY t.name_key`).each(func(r scanner) error {
		var id int64
		name := ""
		err := r.Scan(&id, &name)
		of(id).Tags = append(of(id).Tags, name)
		return err
	})
	s.with(in, `SELECT contact_id, phone, raw, source FROM contact_phones WHERE contact_id IN `+contactsOf+`
		ORDER BY `+phoneRank("source")+` DESC, added_at DESC, phone`).each(func(r scanner) error {
		var id int64
		var p engine.Phone
		err := r.Scan(&id, &p.E164, &p.Raw, &p.Source)
		of(id).Phones = append(of(id).Phones, p)
		return err
	})
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
	bot, err := d.Bot(ctx, botID)
	if err != nil {
		return nil, err
	}
	for i := range identities {
		id := &identities[i]
		contact, ok := contacts[id.ContactID]
		if !ok {
			continue
		}
		account, err := d.Account(ctx, id.AccountID)
		if err != nil {
			return nil, err
		}
		out[id.ID] = &engine.Situation{Bot: bot, BotValues: values, Account: account, Contact: contact, Identity: id, Session: sessions[id.ID]}
	}
	return out, nil
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
