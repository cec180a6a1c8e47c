package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// settleBatch is how many rows one statement settles.
const settleBatch = 1000

// CountUnknown returns how many deliveries of a bot have an unknown outcome,
// among those a filter means.
func (d *DB) CountUnknown(ctx context.Context, botID string, f engine.SettleFilter) (int64, error) {
	where, args := unknownRows(botID, f)
	var n int64
	s := new(script)
	s.query(`SELECT COUNT(*) FROM deliveries WHERE `+where, args...).one(&n)
	if err := d.read(ctx, s); err != nil {
		return 0, fmt.Errorf("count unknown deliveries: %w", err)
	}
	return n, nil
}

// SettleUnknown sets all of them to what a person found out, batch by batch,
// and returns how many it set. When it fails in the middle those that are set
// stay so.
func (d *DB) SettleUnknown(ctx context.Context, botID string, f engine.SettleFilter, as engine.Status, now time.Time) (int64, error) {
	sentAt, err := settledAt(as, now)
	if err != nil {
		return 0, err
	}
	where, args := unknownRows(botID, f)
	sum, last := int64(0), int64(0)
	for {
		var ids []int64
		s := new(script)
		s.query(`UPDATE deliveries SET status = ?, sent_at = COALESCE(sent_at, ?), closed_at = COALESCE(closed_at, ?)
			WHERE id IN (SELECT id FROM deliveries WHERE `+where+` AND id > ? ORDER BY id LIMIT ?) AND is_unknown RETURNING id`,
			append(append([]any{string(as), sentAt, now}, args...), last, settleBatch)...).each(into(&ids))
		if err := d.write(ctx, s); err != nil {
			return sum, fmt.Errorf("settle deliveries: %w", err)
		}
		sum += int64(len(ids))
		if len(ids) < settleBatch {
			return sum, nil
		}
		last = slices.Max(ids)
	}
}

// unknownRows are the conditions of a filter.
func unknownRows(botID string, f engine.SettleFilter) (where string, args []any) {
	where, args = `bot_id = ? AND is_unknown`, []any{botID}
	narrow := func(condition string, arg any) {
		where += " AND " + condition
		args = append(args, arg)
	}
	if f.AccountID != "" {
		narrow("account_id = ?", f.AccountID)
	}
	if f.BlockID != "" {
		narrow("block_id = ?", f.BlockID)
	}
	if !f.Since.IsZero() {
		narrow("created_at >= ?", f.Since)
	}
	if !f.Before.IsZero() {
		narrow("created_at < ?", f.Before)
	}
	return where, args
}

// settledAt is when what a person settles so was sent; an error says that
// nothing can be settled so.
func settledAt(as engine.Status, now time.Time) (time.Time, error) {
	switch as {
	case engine.SentOut, engine.Delivered, engine.Read:
		return now, nil
	case engine.Failed:
		return time.Time{}, nil
	}
	return time.Time{}, invalid("as", "a delivery is settled as sent, delivered, read or failed, not as %q", as)
}
