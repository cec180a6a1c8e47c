package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/policy"
)

// EndRun finishes a run that runs, and its broadcast with it, which is
// scheduled for due when that is not zero.
func (d *DB) EndRun(ctx context.Context, r *engine.Run, due time.Time, dueFor string, now time.Time) (bool, error) {
	state := engine.BroadcastFinished
	if !due.IsZero() {
		state = engine.BroadcastScheduled
	}
	var ended int64
	s := new(script)
	s.exec(`UPDATE broadcast_runs SET state = 'finished', reason = '', closed_at = ?, lease_until = NULL WHERE id = ? AND state = 'running'`, now, r.ID).affected(&ended)
	s.exec(`UPDATE broadcasts SET state = ?, reason = '', due_at = ?, due_for = ?, updated_at = ? WHERE id = ? AND state IN ('running', 'paused')
		AND EXISTS (SELECT 1 FROM broadcast_runs o WHERE o.id = ? AND o.state = 'finished')`, string(state), due, dueFor, now, r.BroadcastID, r.ID)
	if err := d.write(ctx, s); err != nil {
		return false, fmt.Errorf("end run %s: %w", r.ID, err)
	}
	if ended > 0 {
		r.State, r.Reason, r.ClosedAt = engine.RunFinished, "", now
	}
	return ended > 0, nil
}

// SkipDisconnected closes open rows of a run that nobody holds and for which no
// call is under way, where the account is disconnected.
func (d *DB) SkipDisconnected(ctx context.Context, runID string, now time.Time, limit int) (int, error) {
	var n int64
	open, args := openOf(runID)
	s := new(script)
	s.exec(`UPDATE deliveries SET status = 'skipped', reason = ?, closed_at = ?, lease_until = NULL
		WHERE id IN (SELECT id FROM deliveries WHERE `+open+` AND status IN ('held', 'queued')
			AND (lease_until IS NULL OR lease_until <= ?)
			AND account_id IN (SELECT a.id FROM accounts a WHERE a.state = 'disconnected') ORDER BY id LIMIT ?)
		AND status IN ('held', 'queued')`, slices.Concat([]any{policy.Disconnected, now}, args, []any{now, limit})...).affected(&n)
	if err := d.write(ctx, s); err != nil {
		return 0, fmt.Errorf("skip disconnected rows of run %s: %w", runID, err)
	}
	return int(n), nil
}

// TimeZones returns the zones of a bot's people, "" for those of whom none is
// known.
func (d *DB) TimeZones(ctx context.Context, botID string) ([]string, error) {
	var zones []string
	s := new(script)
	s.query(`SELECT DISTINCT time_zone FROM contacts WHERE bot_id = ? AND merged_into = 0 ORDER BY time_zone`, botID).each(into(&zones))
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read time zones of bot %s: %w", botID, err)
	}
	return zones, nil
}

// OpenZones returns the zones of the people of a run's rows in a range of ids
// that have not gone out.
func (d *DB) OpenZones(ctx context.Context, runID string, from, to int64) ([]string, error) {
	var zones []string
	s := new(script)
	s.query(`SELECT DISTINCT c.time_zone FROM contacts c WHERE c.id IN (SELECT contact_id FROM deliveries
		WHERE run_id = ? AND run_id > '' AND closed_at IS NULL AND status IN ('held', 'queued') AND id >= ? AND id <= ?) ORDER BY c.time_zone`, runID, from, to).each(into(&zones))
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read time zones of run %s: %w", runID, err)
	}
	return zones, nil
}

// Postpone lets a run's rows in a range of ids wait whose people's zones are in
// quiet hours, each until the end of those of its zone.
func (d *DB) Postpone(ctx context.Context, runID string, from, to int64, until map[string]time.Time, expires time.Duration) (int64, error) {
	in := newInput("zone text", "until timestamptz", "expires timestamptz")
	for zone, t := range until {
		in.add(zone, t, t.Add(expires))
	}
	var n int64
	s := new(script)
	s.with(in, `UPDATE deliveries SET not_before = v.until, class = ?, expires_at = CASE WHEN expires_at < v.expires THEN v.expires ELSE expires_at END
		FROM v, contacts c WHERE c.time_zone = v.zone AND c.id = deliveries.contact_id
		AND deliveries.run_id = ? AND deliveries.run_id > '' AND deliveries.closed_at IS NULL AND deliveries.status IN ('held', 'queued') AND deliveries.id >= ? AND deliveries.id <= ?
		AND deliveries.messages_sent = 0 AND (deliveries.lease_until IS NULL OR deliveries.lease_until <= ?) AND (deliveries.not_before IS NULL OR deliveries.not_before < v.until)`,
		policy.QuietHours, runID, from, to, d.now()).affected(&n)
	if err := d.write(ctx, s); err != nil {
		return 0, fmt.Errorf("postpone rows of run %s: %w", runID, err)
	}
	return n, nil
}

// StaleNames returns identities of a run's next rows whose profile was last
// asked for before a time, and moves the run's place on.
func (d *DB) StaleNames(ctx context.Context, r *engine.Run, before time.Time, limit int) ([]int64, error) {
	var last int64
	var ids []int64
	err := d.transact(ctx, func(t transaction) error {
		s := new(script)
		s.query(`SELECT COALESCE(MAX(id), 0) FROM (SELECT id FROM deliveries WHERE run_id = ? AND run_id > '' AND closed_at IS NULL AND id > ?
			AND id >= COALESCE((SELECT MIN(next_id) FROM run_ranges WHERE run_id = ? AND done_at IS NULL), 0) ORDER BY id LIMIT ?) o`,
			r.ID, r.RenewedTo, r.ID, limit).one(&last)
		if err := t.run(ctx, s); err != nil || last == 0 {
			return err
		}
		s = new(script)
		s.exec(`UPDATE broadcast_runs SET renewed_to = ? WHERE id = ? AND renewed_to = ?`, last, r.ID, r.RenewedTo).must(outbox.ErrLost)
		s.query(`SELECT i.id FROM deliveries d JOIN identities i ON i.id = d.identity_id
			WHERE d.run_id = ? AND d.run_id > '' AND d.closed_at IS NULL AND d.id > ? AND d.id <= ? AND (i.profile_at IS NULL OR i.profile_at < ?) ORDER BY d.id`,
			r.ID, r.RenewedTo, last, before).each(into(&ids))
		return t.commit(ctx, s)
	})
	if err != nil {
		return nil, wrapUnlessLost(fmt.Sprintf("find old names of run %s", r.ID), err)
	}
	if last > 0 {
		r.RenewedTo = last
	}
	return ids, nil
}
