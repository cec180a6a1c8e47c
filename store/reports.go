package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// reportSlack is how far the order of ids and that of times may disagree: the
// clocks of processes do by less than half a minute, and a commit may wait.
const reportSlack = 10 * time.Minute

// CountDeliveries counts a bot's deliveries that were made in [from, to), by
// state and the keys that are asked for. It reads the range of ids that the time
// covers, through the bot's index, so that a day costs as much as it holds
// however long the ledger is.
func (d *DB) CountDeliveries(ctx context.Context, botID string, from, to time.Time, by engine.ReportKeys) ([]engine.ReportRow, error) {
	first, err := d.firstSince(ctx, from.Add(-reportSlack))
	if err != nil {
		return nil, fmt.Errorf("count deliveries: %w", err)
	}
	end, err := d.firstSince(ctx, to.Add(reportSlack))
	if err != nil {
		return nil, fmt.Errorf("count deliveries: %w", err)
	}
	columns := []string{"''", "''", "''", "status", "reason", "class", "route"}
	group := columns[3:]
	for i, key := range []struct {
		wanted bool
		column string
	}{{by.Account, "account_id"}, {by.Category, "category"}, {by.Block, "block_id"}} {
		if key.wanted {
			columns[i] = key.column
			group = append(group[:len(group):len(group)], key.column)
		}
	}
	var out []engine.ReportRow
	s := new(script)
	s.query(`SELECT `+strings.Join(columns, ", ")+`, COUNT(*) FROM deliveries
		WHERE bot_id = ? AND id >= ? AND id < ? AND created_at >= ? AND created_at < ? AND run_id NOT IN (`+unbegun+`) GROUP BY `+strings.Join(group, ", "),
		botID, first, end, from, to, botID).each(func(r scanner) error {
		var v engine.ReportRow
		err := r.Scan(&v.AccountID, &v.Category, &v.BlockID, &v.Status, &v.Reason, &v.Class, &v.Route, &v.Count)
		out = append(out, v)
		return err
	})
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("count deliveries: %w", err)
	}
	return out, nil
}

// ledgerEnds are the ids between which all deliveries are. SQLite finds one end
// at once, but reads every row for both in one SELECT.
const ledgerEnds = `SELECT COALESCE((SELECT MIN(id) FROM deliveries), 1), COALESCE((SELECT MAX(id) FROM deliveries), 0) + 1`

// firstSince returns the id from which on deliveries were made at a time or
// later, the one after the last when none was. Ids rise with time, so a few
// looks by id find it without an index on the time, which every delivery would
// pay for.
func (d *DB) firstSince(ctx context.Context, at time.Time) (int64, error) {
	var low, high int64
	s := new(script)
	s.query(ledgerEnds).one(&low, &high)
	if err := d.read(ctx, s); err != nil {
		return 0, err
	}
	for low < high {
		middle := low + (high-low)/2
		id, made := high, at
		s := new(script)
		s.query(`SELECT id, created_at FROM deliveries WHERE id >= ? ORDER BY id LIMIT 1`, middle).one(&id, moment(&made))
		if err := d.read(ctx, s); err != nil {
			return 0, err
		}
		if made.Before(at) {
			low = id + 1
		} else {
			high = middle
		}
	}
	return low, nil
}
