package store

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

// retriable are the classes of failures that another try may mend: the
// platform has said for certain that it did not take the message.
const retriable = `('throttled', 'quota', 'auth', 'restricted', 'down')`

// RetryRows queues rows of a run that failed for a while or came too late, and
// lets a run that had finished go on, in one transaction. What was prepared is
// sent as it was, under a new generation: the retry key of the refused call is
// used up.
func (d *DB) RetryRows(ctx context.Context, r *engine.Run, now, expires time.Time, limit int) (int, error) {
	var n int64
	err := d.transact(ctx, func(t transaction) error {
		s := new(script)
		s.exec(`UPDATE deliveries SET status = 'queued', reason = '', class = '', code = '', error = '', attempt = 0, attempt_id = '', group_id = '', generation = generation + 1,
				not_before = NULL, lease_until = NULL, expires_at = ?, closed_at = NULL, called_at = NULL, passed_over = true
			WHERE id IN (SELECT id FROM deliveries WHERE run_id = ? AND run_id > '' AND seq = 0 AND (status = 'failed' AND class IN `+retriable+`
				OR status = 'skipped' AND reason IN ('expired', 'quota')) AND sent_at IS NULL ORDER BY id LIMIT ?)
			AND status IN ('failed', 'skipped')`, expires, r.ID, limit).affected(&n)
		if err := t.run(ctx, s); err != nil || n == 0 {
			return err
		}
		s = new(script)
		s.exec(`UPDATE broadcast_runs SET state = 'running', reason = '', closed_at = NULL, lease_until = NULL WHERE id = ? AND state = 'finished'`, r.ID)
		s.exec(`UPDATE broadcasts SET state = 'running', reason = '', updated_at = ? WHERE id = ? AND state = 'finished'
			AND EXISTS (SELECT 1 FROM broadcast_runs o WHERE o.id = ? AND o.state = 'running')`, now, r.BroadcastID, r.ID)
		return t.commit(ctx, s)
	})
	if err != nil {
		return 0, fmt.Errorf("retry rows of run %s: %w", r.ID, err)
	}
	return int(n), nil
}

// HastenRows lets a run's rows go at once that wait for the month's messages to
// be there again, in parts, so that nobody waits behind a big run.
func (d *DB) HastenRows(ctx context.Context, r *engine.Run, now time.Time) error {
	first, end, err := d.spanOf(ctx, r)
	if err != nil {
		return fmt.Errorf("hasten rows of run %s: %w", r.ID, err)
	}
	for ; first < end; first += rangeRows {
		s := new(script)
		s.exec(`UPDATE deliveries SET not_before = NULL WHERE run_id = ? AND run_id > '' AND closed_at IS NULL AND id >= ? AND id < ?
			AND status = 'queued' AND class = 'quota' AND not_before > ?`, r.ID, first, min(first+rangeRows, end), now)
		if err := d.write(ctx, s); err != nil {
			return fmt.Errorf("hasten rows of run %s: %w", r.ID, err)
		}
	}
	return nil
}

// KeepList makes a list of the people whose rows of a run a filter takes, in
// parts, so that nobody waits behind a big one.
func (d *DB) KeepList(ctx context.Context, r *engine.Run, f broadcast.Filter, id, name string, now time.Time) (int64, error) {
	where, args, err := d.outcome(f)
	if err != nil {
		return 0, err
	}
	first, end, err := d.spanOf(ctx, r)
	if err != nil {
		return 0, fmt.Errorf("keep list of run %s: %w", r.ID, err)
	}
	for ; first < end; first += rangeRows {
		s := new(script)
		all := append([]any{id, r.ID, first, min(first+rangeRows, end)}, args...)
		s.exec(`INSERT INTO list_people (list_id, contact_id) SELECT DISTINCT ?, d.contact_id FROM deliveries d
			WHERE d.run_id = ? AND d.id >= ? AND d.id < ? AND `+where+` ON CONFLICT DO NOTHING`, all...)
		if err := d.write(ctx, s); err != nil {
			return 0, fmt.Errorf("keep list of run %s: %w", r.ID, err)
		}
	}
	var people int64
	s := new(script)
	s.exec(`INSERT INTO lists (id, bot_id, name, rows, people, created_at)
		SELECT ?, ?, ?, n, n, ? FROM (SELECT COUNT(*) AS n FROM list_people WHERE list_id = ?) o`, id, r.BotID, name, now, id)
	s.query(`SELECT people FROM lists WHERE id = ?`, id).one(&people)
	if err := d.write(ctx, s); err != nil {
		return 0, fmt.Errorf("keep list of run %s: %w", r.ID, err)
	}
	return people, nil
}

// DeleteBroadcast removes a broadcast that never ran.
func (d *DB) DeleteBroadcast(ctx context.Context, botID, id string) error {
	var n int64
	s := new(script)
	s.exec(`DELETE FROM broadcasts WHERE id = ? AND bot_id = ? AND state IN ('draft', 'missed', 'canceled')
		AND NOT EXISTS (SELECT 1 FROM broadcast_runs r WHERE r.broadcast_id = broadcasts.id)`, id, botID).affected(&n)
	s.exec(`DELETE FROM broadcast_versions WHERE broadcast_id = ? AND bot_id = ? AND NOT EXISTS (SELECT 1 FROM broadcasts b WHERE b.id = broadcast_id)`, id, botID)
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("delete broadcast %s: %w", id, err)
	}
	if n > 0 {
		return nil
	}
	is, err := d.Broadcast(ctx, botID, id)
	if err != nil {
		return err
	}
	return &engine.Error{Code: engine.Conflict, Field: "state",
		Message: fmt.Sprintf("the broadcast is %s: only a draft that never ran can be deleted; one that ran is the account of what was sent", is.State)}
}
