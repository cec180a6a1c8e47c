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
	places := repeating(append(deliveryPlaces(&row.Row), fromJSON(&effects), &row.GroupID))
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
