package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

// Pages by number are for products whose callers ask so; our own lists go by
// cursors, which cost the same on every page.

// BroadcastsAt returns a bot's broadcasts that a filter takes, the newest
// first, beginning after the first offset of them, and how many there are.
func (d *DB) BroadcastsAt(ctx context.Context, botID string, f engine.BroadcastFilter, offset, limit int) ([]engine.Broadcast, int64, error) {
	where, args := d.broadcastsTaken(botID, f)
	var rows []engine.Broadcast
	var total int64
	s := new(script)
	s.query(`SELECT COUNT(*) FROM broadcasts b WHERE `+where, args...).one(&total)
	s.query(`SELECT `+prefixed("b", broadcastColumns)+` FROM broadcasts b WHERE `+where+` ORDER BY b.created_at DESC, b.id LIMIT ? OFFSET ?`,
		append(args[:len(args):len(args)], limit, offset)...).each(listBroadcasts(&rows))
	if err := d.read(ctx, s); err != nil {
		return nil, 0, fmt.Errorf("list broadcasts: %w", err)
	}
	return rows, total, nil
}

// broadcastsTaken is a condition on broadcasts b.
func (d *DB) broadcastsTaken(botID string, f engine.BroadcastFilter) (string, []any) {
	where, args := []string{"b.bot_id = ?"}, []any{botID}
	take := func(condition string, more ...any) { where, args = append(where, condition), append(args, more...) }
	if f.Source != nil {
		take("COALESCE("+d.planText("source")+", '') = ?", *f.Source)
	}
	if len(f.States) > 0 {
		take("b.state IN ("+places(len(f.States))+")", anys(f.States)...)
	}
	if f.Freezing != nil {
		not := map[bool]string{true: "", false: "NOT "}[*f.Freezing]
		take(not + "EXISTS (SELECT 1 FROM broadcast_runs r WHERE r.broadcast_id = b.id AND r.closed_at IS NULL AND r.state IN ('freezing', 'preparing'))")
	}
	if len(f.Accounts) > 0 {
		named := d.planAccounts()
		take("(NOT EXISTS (SELECT 1 FROM "+named+") OR EXISTS (SELECT 1 FROM "+named+" WHERE a.value IN ("+places(len(f.Accounts))+")))", anys(f.Accounts)...)
	}
	return strings.Join(where, " AND "), args
}

// planText is a field of a broadcast's plan as text.
func (d *DB) planText(field string) string {
	if d.postgres {
		return "b.plan::json->>'" + field + "'"
	}
	return "json_extract(b.plan, '$." + field + "')"
}

// planAccounts is the table of the accounts that a broadcast's plan names.
func (d *DB) planAccounts() string {
	if d.postgres {
		return "json_array_elements_text(COALESCE(b.plan::json#>'{audience,accounts}', '[]'::json)) a(value)"
	}
	return "json_each(COALESCE(json_extract(b.plan, '$.audience.accounts'), '[]')) a"
}

func anys[T ~string](list []T) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}

// RecipientsAt returns a run's rows that a filter takes, the first first,
// beginning after the first offset of them, and how many there are.
func (d *DB) RecipientsAt(ctx context.Context, r *engine.Run, f broadcast.Filter, offset, limit int) ([]broadcast.Recipient, int64, error) {
	where, args, err := d.outcome(f)
	if err != nil {
		return nil, 0, err
	}
	first, end, err := d.spanOf(ctx, r)
	if err != nil {
		return nil, 0, fmt.Errorf("list recipients of run %s: %w", r.ID, err)
	}
	taken := ` FROM deliveries d WHERE d.run_id = ? AND d.id >= ? AND d.id < ? AND ` + where
	args = append([]any{r.ID, first, end}, args...)
	var rows []broadcast.Recipient
	var total int64
	s := new(script)
	s.query(`SELECT COUNT(*)`+taken, args...).one(&total)
	s.query(recipientRows()+` WHERE d.id IN (SELECT d.id`+taken+` ORDER BY d.id LIMIT ? OFFSET ?) ORDER BY d.id`,
		append(args[:len(args):len(args)], limit, offset)...).each(listRecipients(&rows))
	if err := d.read(ctx, s); err != nil {
		return nil, 0, fmt.Errorf("list recipients of run %s: %w", r.ID, err)
	}
	return rows, total, nil
}
