package store

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Refused returns how the rows of a run between two ids ended since the run
// last began to run, as far as a platform was asked.
func (d *DB) Refused(ctx context.Context, runID string, first, last int64) (asked int64, failed map[string]int64, err error) {
	failed = map[string]int64{}
	s := new(script)
	s.query(`SELECT CASE WHEN d.status = 'failed' THEN d.class ELSE '' END, COUNT(*) FROM deliveries d
		JOIN broadcast_runs r ON r.id = d.run_id JOIN broadcasts b ON b.id = r.broadcast_id
		WHERE d.id >= ? AND d.id <= ? AND d.run_id = ? AND d.status IN ('sent', 'delivered', 'read', 'failed', 'unknown') AND d.closed_at >= b.updated_at
		GROUP BY 1`, first, last, runID).each(func(r scanner) error {
		class, n := "", int64(0)
		err := r.Scan(&class, &n)
		asked += n
		if class != "" {
			failed[class] += n
		}
		return err
	})
	if err := d.read(ctx, s); err != nil {
		return 0, nil, fmt.Errorf("read refusals of run %s: %w", runID, err)
	}
	return asked, failed, nil
}

// GiveUp closes rows of a canceled run whose calls nobody waits for any more.
func (d *DB) GiveUp(ctx context.Context, runID string, now time.Time, limit int) (int, error) {
	var n int64
	const lost = `status = 'sending' AND (lease_until IS NULL OR lease_until <= ?)`
	open, args := openOf(runID)
	s := new(script)
	s.exec(`UPDATE deliveries SET status = 'unknown', class = 'lost', error = 'the broadcast was canceled before the answer to the call was read',
			closed_at = ?, lease_until = NULL
		WHERE id IN (SELECT id FROM deliveries WHERE `+open+` AND `+lost+` ORDER BY id LIMIT ?) AND `+lost+`
		AND EXISTS (SELECT 1 FROM broadcast_runs r WHERE r.id = deliveries.run_id AND r.state = 'canceled')`, slices.Concat([]any{now}, args, []any{now, limit, now})...).affected(&n)
	if err := d.write(ctx, s); err != nil {
		return 0, fmt.Errorf("give up rows of run %s: %w", runID, err)
	}
	return int(n), nil
}
