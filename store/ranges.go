package store

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

// running holds for rows and ranges x of runs that are worked.
func running(x string) string {
	return `EXISTS (SELECT 1 FROM broadcast_runs r WHERE r.id = ` + x + `.run_id AND r.state = 'running')`
}

// openOf is a condition that holds for the open rows of a run, with what it
// takes. They are those that no range has come to yet, those that ranges have
// passed over and those that have no range yet: to look for them among all rows
// of the run would be to read those that have ended.
func openOf(runID string) (condition string, args []any) {
	return openRowsOf, []any{runID, runID, runID, runID}
}

const openRowsOf = `run_id = ? AND run_id > '' AND closed_at IS NULL AND id >= (SELECT MIN(first) FROM (
	SELECT MIN(next_id) AS first FROM run_ranges WHERE run_id = ? AND done_at IS NULL
	UNION ALL SELECT MIN(w.id) FROM deliveries w WHERE w.run_id = ? AND w.run_id <> '' AND w.waiting
	UNION ALL SELECT COALESCE(MAX(last_id), 0) + 1 FROM run_ranges WHERE run_id = ?) o)`

// unhurried begins a script whose caller does not wait until it is on the disk:
// who holds a range, and how far it is, is found again from its rows, all of
// which are looked at once more if the database loses its last moment. What is
// written after it is on the disk no sooner than it.
func (d *DB) unhurried() *script {
	s := new(script)
	if d.postgres {
		s.exec(`SELECT set_config('synchronous_commit', 'off', true)`)
	}
	return s
}

// TakeRange takes a range of a running run.
func (d *DB) TakeRange(ctx context.Context, id int64, now, until time.Time) (*engine.Range, *engine.Run, error) {
	var out *engine.Range
	var runs []engine.Run
	s := d.unhurried()
	s.query(`UPDATE run_ranges SET lease_until = ? WHERE id = ? AND done_at IS NULL AND (lease_until IS NULL OR lease_until <= ?)
		AND `+running("run_ranges")+` RETURNING id, run_id, round, next_id, last_id`, until, id, now).each(func(r scanner) error {
		out = new(engine.Range)
		return r.Scan(&out.ID, &out.RunID, &out.Round, &out.NextID, &out.LastID)
	})
	s.query(`SELECT `+runColumns+` FROM broadcast_runs WHERE id = (SELECT run_id FROM run_ranges WHERE id = ?)`, id).each(listRuns(&runs))
	if err := d.write(ctx, s); err != nil {
		return nil, nil, fmt.Errorf("take range %d: %w", id, err)
	}
	if out == nil || len(runs) == 0 {
		return nil, nil, nil
	}
	return out, &runs[0], nil
}

// LeaveRange gives a range up with its place written. Rows that are open before
// it are looked for by themselves from now on.
func (d *DB) LeaveRange(ctx context.Context, r *engine.Range, done bool, now time.Time) error {
	ended, passed := time.Time{}, r.NextID-1
	if done {
		ended, passed = now, r.LastID
	}
	s := d.unhurried()
	s.exec(`UPDATE deliveries SET passed_over = true WHERE run_id = ? AND run_id > '' AND id >= (SELECT next_id FROM run_ranges WHERE id = ? AND done_at IS NULL) AND id <= ?
		AND closed_at IS NULL AND NOT passed_over`, r.RunID, r.ID, passed)
	s.exec(`UPDATE run_ranges SET next_id = ?, lease_until = NULL, done_at = ? WHERE id = ? AND done_at IS NULL`, r.NextID, ended, r.ID)
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("leave range %d: %w", r.ID, err)
	}
	return nil
}

// FreeRanges returns a run's first ranges that nobody has, and whether any are
// open at all.
func (d *DB) FreeRanges(ctx context.Context, runID string, now time.Time, lanes int) (free []int64, open bool, err error) {
	s := new(script)
	s.query(`SELECT id, CASE WHEN lease_until > ? THEN 1 ELSE 0 END AS held FROM run_ranges
		WHERE run_id = ? AND done_at IS NULL ORDER BY held DESC, id LIMIT ?`, now, runID, lanes).each(func(r scanner) error {
		var id, held int64
		err := r.Scan(&id, &held)
		if open = true; held == 0 {
			free = append(free, id)
		}
		return err
	})
	if err := d.read(ctx, s); err != nil {
		return nil, false, fmt.Errorf("read free ranges of run %s: %w", runID, err)
	}
	return free, open, nil
}

// lookAgain is how long a run of which nothing is due is left alone.
const lookAgain = 5 * time.Second

// leftover reads from where to where rows of a run are due that ranges have
// passed over.
func leftover() string {
	return `SELECT COALESCE(MIN(id), 0), COALESCE(MAX(id), 0) FROM deliveries
		WHERE run_id = ? AND run_id <> '' AND waiting AND status IN ('held', 'queued', 'sending') AND ` + due + ` AND ` + ofRunning + ` AND ` + foremost("deliveries")
}

// NextRound makes a range of what the ranges before have left.
func (d *DB) NextRound(ctx context.Context, runID string, now time.Time) (broadcast.Leftover, error) {
	var out broadcast.Leftover
	var open, first, last int64
	err := d.transact(ctx, func(t transaction) error {
		s := new(script)
		s.query(`SELECT CASE WHEN EXISTS (SELECT 1 FROM deliveries WHERE run_id = ? AND run_id <> '' AND waiting) THEN 1 ELSE 0 END`, runID).one(&open)
		s.query(leftover(), runID, now, now, runID, now, now, now).one(&first, &last)
		if err := t.run(ctx, s); err != nil {
			return err
		}
		s = new(script)
		if first > 0 {
			s.query(`INSERT INTO run_ranges (run_id, round, next_id, last_id)
				SELECT id, COALESCE((SELECT MAX(round) FROM run_ranges WHERE run_id = ?), 0) + 1, ?, ? FROM broadcast_runs
				WHERE id = ? AND state = 'running' AND NOT EXISTS (SELECT 1 FROM run_ranges o WHERE o.run_id = ? AND o.done_at IS NULL)
				RETURNING id`, runID, first, last, runID, runID).one(&out.Range)
		} else if open > 0 {
			s.exec(`UPDATE broadcast_runs SET lease_until = ? WHERE id = ? AND state = 'running'`, now.Add(lookAgain), runID)
		}
		return t.commit(ctx, s)
	})
	if err != nil {
		return out, fmt.Errorf("make the next round of run %s: %w", runID, err)
	}
	out.Open = open > 0
	return out, nil
}
