package store

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/outbox"
)

// running holds for rows and ranges x of runs that are worked.
func running(x string) string {
	return `EXISTS (SELECT 1 FROM broadcast_runs r WHERE r.id = ` + x + `.run_id AND r.state = 'running')`
}

// TakeRange takes a range of a running run.
func (d *DB) TakeRange(ctx context.Context, id int64, now, until time.Time) (*engine.Range, error) {
	var out *engine.Range
	s := new(script)
	s.query(`UPDATE run_ranges SET lease_until = ? WHERE id = ? AND done_at IS NULL AND (lease_until IS NULL OR lease_until <= ?)
		AND `+running("run_ranges")+` RETURNING id, run_id, round, next_id, last_id`, until, id, now).each(func(r scanner) error {
		out = new(engine.Range)
		return r.Scan(&out.ID, &out.RunID, &out.Round, &out.NextID, &out.LastID)
	})
	if err := d.write(ctx, s); err != nil {
		return nil, fmt.Errorf("take range %d: %w", id, err)
	}
	return out, nil
}

// NextRows queues what of the range's next rows is held, and returns those
// that are due.
func (d *DB) NextRows(ctx context.Context, r *engine.Range, now time.Time, limit int) ([]outbox.Row, error) {
	const open = ` FROM deliveries WHERE run_id = ? AND closed_at IS NULL AND id >= ? AND id <= ?`
	var rows []outbox.Row
	s := new(script)
	s.exec(`UPDATE deliveries SET status = 'queued' WHERE id IN (SELECT id`+open+` ORDER BY id LIMIT ?) AND status = 'held'`, r.RunID, r.NextID, r.LastID, limit)
	s.query(`SELECT id, account_id`+open+` AND status IN ('queued', 'sending') AND `+due+` ORDER BY id LIMIT ?`,
		r.RunID, r.NextID, r.LastID, now, now, limit).each(func(r scanner) error {
		var row outbox.Row
		err := r.Scan(&row.ID, &row.AccountID)
		rows = append(rows, row)
		return err
	})
	if err := d.write(ctx, s); err != nil {
		return nil, fmt.Errorf("read rows of range %d: %w", r.ID, err)
	}
	return rows, nil
}

// LeaveRange gives a range up with its place written.
func (d *DB) LeaveRange(ctx context.Context, r *engine.Range, done bool, now time.Time) error {
	ended := time.Time{}
	if done {
		ended = now
	}
	s := new(script)
	s.exec(`UPDATE run_ranges SET next_id = ?, lease_until = NULL, done_at = ? WHERE id = ? AND done_at IS NULL`, r.NextID, ended, r.ID)
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("leave range %d: %w", r.ID, err)
	}
	return nil
}

// FreeRanges returns a run's first ranges that nobody has.
func (d *DB) FreeRanges(ctx context.Context, runID string, now time.Time, lanes int) ([]int64, error) {
	var ids []int64
	s := new(script)
	s.query(`SELECT id FROM (SELECT id, lease_until, ROW_NUMBER() OVER (ORDER BY CASE WHEN lease_until > ? THEN 0 ELSE 1 END, id) AS place
			FROM run_ranges WHERE run_id = ? AND done_at IS NULL) o
		WHERE place <= ? AND (lease_until IS NULL OR lease_until <= ?) ORDER BY id`, now, runID, lanes, now).each(into(&ids))
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read free ranges of run %s: %w", runID, err)
	}
	return ids, nil
}

// NextRound makes a range of what the ranges before have left.
func (d *DB) NextRound(ctx context.Context, runID string, now time.Time) (broadcast.Leftover, error) {
	var out broadcast.Leftover
	var open, ready int64
	err := d.transact(ctx, func(t transaction) error {
		s := new(script)
		s.query(`SELECT COUNT(*), COUNT(CASE WHEN `+due+` THEN 1 END),
				MIN(CASE WHEN lease_until IS NULL OR lease_until <= ? THEN COALESCE(not_before, created_at) ELSE lease_until END)
			FROM deliveries WHERE run_id = ? AND closed_at IS NULL AND status IN ('held', 'queued', 'sending')`, now, now, now, runID).one(&open, &ready, moment(&out.DueAt))
		if err := t.run(ctx, s); err != nil {
			return err
		}
		s = new(script)
		if ready > 0 {
			s.query(`INSERT INTO run_ranges (run_id, round, next_id, last_id)
				SELECT ?, COALESCE((SELECT MAX(round) FROM run_ranges WHERE run_id = ?), 0) + 1, MIN(id), MAX(id)
				FROM deliveries WHERE run_id = ? AND closed_at IS NULL
				AND NOT EXISTS (SELECT 1 FROM run_ranges o WHERE o.run_id = ? AND o.done_at IS NULL)
				HAVING COUNT(*) > 0 RETURNING id`, runID, runID, runID, runID).one(&out.Range)
		}
		return t.commit(ctx, s)
	})
	if err != nil {
		return out, fmt.Errorf("make the next round of run %s: %w", runID, err)
	}
	out.Open = open > 0
	return out, nil
}
