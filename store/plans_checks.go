package store

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/policy"
)

// unstarted are pre-flights that may still be started, or become so.
const unstarted = `checking <> '' AND started_at IS NULL AND state IN ('freezing', 'preparing', 'held')`

// voidChecks ends a broadcast's pre-flights that were not started, under a
// condition.
func voidChecks(s *script, broadcastID, why, condition string, args ...any) {
	s.exec(`UPDATE broadcast_runs SET state = 'voided', reason = ? WHERE broadcast_id = ? AND `+unstarted+` AND `+condition, append([]any{why, broadcastID}, args...)...)
}

// OpenCheck begins a pre-flight of a broadcast that is as it was read; the ones
// before are void.
func (d *DB) OpenCheck(ctx context.Context, b *engine.Broadcast, r *engine.Run) error {
	return d.begin(ctx, b, r, func(s *script) *statement {
		return s.exec(`UPDATE broadcasts SET updated_at = ? WHERE id = ? AND bot_id = ? AND version = ? AND `+editable, r.CreatedAt, b.ID, b.BotID, b.Version)
	}, "there is a newer one")
}

// VoidChecks ends pre-flights that nobody has started since a time, and returns
// how many.
func (d *DB) VoidChecks(ctx context.Context, before time.Time, why string) (int64, error) {
	var n int64
	s := new(script)
	s.exec(`UPDATE broadcast_runs SET state = 'voided', reason = ? WHERE closed_at IS NULL AND `+unstarted+` AND created_at < ?`, why, before).affected(&n)
	if err := d.write(ctx, s); err != nil {
		return 0, fmt.Errorf("void old checks: %w", err)
	}
	return n, nil
}

// HeldRows returns the next rows of a pre-flight whose message is not made.
func (d *DB) HeldRows(ctx context.Context, r *engine.Run, limit int) ([]engine.Delivery, []string, error) {
	var rows []engine.Delivery
	var variants []string
	s := new(script)
	s.query(`SELECT `+deliveryColumns+`, variant FROM deliveries WHERE run_id = ? AND run_id > '' AND closed_at IS NULL AND status = 'held' AND id > ? ORDER BY id LIMIT ?`,
		r.ID, r.PreparedTo, limit).each(func(row scanner) error {
		var one engine.Delivery
		variant := ""
		err := scanDelivery(andVariant{row, &variant}, &one)
		rows, variants = append(rows, one), append(variants, variant)
		return err
	})
	if err := d.read(ctx, s); err != nil {
		return nil, nil, fmt.Errorf("read held rows of run %s: %w", r.ID, err)
	}
	return rows, variants, nil
}

// andVariant is a row that ends with its variant.
type andVariant struct {
	scanner
	variant *string
}

func (a andVariant) Scan(dest ...any) error { return a.scanner.Scan(append(dest, a.variant)...) }

// KeepMade writes what was made of a pre-flight's rows, and how far that is. A
// free message goes out as it is or not at all: never as a template instead.
func (d *DB) KeepMade(ctx context.Context, r *engine.Run, made []broadcast.Made, to int64, done bool, now time.Time) error {
	findings, err := toJSON(r.Findings)
	if err != nil {
		return fmt.Errorf("keep what was made for run %s: %w", r.ID, err)
	}
	state := engine.RunPreparing
	if done {
		state = engine.RunHeld
	}
	s := new(script)
	s.exec(`UPDATE broadcast_runs SET prepared_to = ?, findings = ?, state = ? WHERE id = ? AND state = 'preparing' AND prepared_to = ?`,
		to, findings, string(state), r.ID, r.PreparedTo).must(outbox.ErrLost)
	in := newInput("id bigint", "status text", "reason text", "class text", "error text", "route text", "render_id text", "version_id bigint", "warnings text", "effects text",
		"in_window_only boolean", "prepared_at timestamptz", "closed_at timestamptz")
	var renders []engine.Render
	for _, m := range made {
		render, effects, prepared, closed := "", "", now, now
		if m.Render != nil {
			render = m.Render.ID
			renders = append(renders, *m.Render)
		} else {
			prepared = time.Time{}
		}
		if m.Status == engine.Held {
			closed = time.Time{}
		}
		if m.Deltas != nil && !m.Deltas.Empty() {
			if effects, err = toJSON(m.Deltas); err != nil {
				return fmt.Errorf("keep what was made for run %s: %w", r.ID, err)
			}
		}
		warnings, err := toJSON(orEmpty(m.Warnings))
		if err != nil {
			return fmt.Errorf("keep what was made for run %s: %w", r.ID, err)
		}
		in.add(m.ID, string(m.Status), m.Reason, m.Class, m.Error, m.Route, render, m.Version, warnings, effects, render != "" && m.Route == policy.RoutePush, prepared, closed)
	}
	saveRenders(s, renders, now)
	if !in.empty() {
		s.with(in, `UPDATE deliveries SET status = v.status, reason = v.reason, class = CASE WHEN v.class <> '' THEN v.class ELSE deliveries.class END, error = v.error,
			route = v.route, render_id = v.render_id, version_id = v.version_id, warnings = v.warnings, effects = v.effects,
			in_window_only = v.in_window_only,
			prepared_at = v.prepared_at, closed_at = v.closed_at
			FROM v WHERE deliveries.id = v.id AND deliveries.status = 'held'`)
	}
	if err := d.write(ctx, s); err != nil {
		return wrapUnlessLost(fmt.Sprintf("keep what was made for run %s", r.ID), err)
	}
	r.PreparedTo, r.State = to, state
	return nil
}

// CountRoutes returns how the rows of a pre-flight stand.
func (d *DB) CountRoutes(ctx context.Context, runID string) ([]broadcast.RouteCount, error) {
	var out []broadcast.RouteCount
	s := new(script)
	s.query(`SELECT account_id, route, status, reason, variant, COUNT(*), COUNT(DISTINCT CASE WHEN render_id <> '' THEN render_id END)
		FROM deliveries WHERE run_id = ? AND run_id > '' AND seq = 0 GROUP BY account_id, route, status, reason, variant ORDER BY account_id, status, route, reason, variant`, runID).each(func(r scanner) error {
		var c broadcast.RouteCount
		err := r.Scan(&c.AccountID, &c.Route, &c.Status, &c.Reason, &c.Variant, &c.People, &c.Renders)
		out = append(out, c)
		return err
	})
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("count routes of run %s: %w", runID, err)
	}
	return out, nil
}

// Checks returns a broadcast's pre-flights, the newest first.
func (d *DB) Checks(ctx context.Context, botID, broadcastID string) ([]engine.Run, error) {
	var rows []engine.Run
	s := new(script)
	s.query(`SELECT `+runColumns+` FROM broadcast_runs WHERE broadcast_id = ? AND bot_id = ? AND checking <> '' ORDER BY n DESC LIMIT ?`, broadcastID, botID, pageMost).each(listRuns(&rows))
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("list checks of broadcast %s: %w", broadcastID, err)
	}
	return rows, nil
}

// StartCheck lets a pre-flight run that is held, and its broadcast, if that is
// as it was checked and was not started.
func (d *DB) StartCheck(ctx context.Context, r *engine.Run, now time.Time) (bool, error) {
	stale := changedMeanwhile()
	err := d.transact(ctx, func(t transaction) error {
		s := new(script)
		s.exec(`UPDATE broadcasts SET state = 'running', reason = '', due_at = NULL, rounds = rounds + 1, updated_at = ?
			WHERE id = ? AND bot_id = ? AND version = ? AND `+editable, now, r.BroadcastID, r.BotID, r.Version).must(stale)
		s.exec(`UPDATE broadcast_runs SET state = 'running', started_at = ? WHERE id = ? AND state = 'held' AND started_at IS NULL`, now, r.ID).must(stale)
		return t.commit(ctx, s)
	})
	if err == error(stale) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("start check %s: %w", r.ID, err)
	}
	r.State, r.StartedAt = engine.RunRunning, now
	return true, nil
}

// DropVoided deletes rows of a voided pre-flight, some at a time, and ends it
// with the last.
func (d *DB) DropVoided(ctx context.Context, runID string, now time.Time, limit int) (int, error) {
	var n int64
	s := new(script)
	s.exec(`DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE run_id = ? AND run_id > '' AND seq = 0 ORDER BY id LIMIT ?)
		AND EXISTS (SELECT 1 FROM broadcast_runs r WHERE r.id = deliveries.run_id AND r.state = 'voided')`, runID, limit).affected(&n)
	s.exec(`DELETE FROM run_ranges WHERE run_id = ? AND EXISTS (SELECT 1 FROM broadcast_runs r WHERE r.id = run_ranges.run_id AND r.state = 'voided')`, runID)
	s.exec(`UPDATE broadcast_runs SET closed_at = ? WHERE id = ? AND state = 'voided' AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.run_id = broadcast_runs.id)`, now, runID)
	if err := d.write(ctx, s); err != nil {
		return 0, fmt.Errorf("drop rows of run %s: %w", runID, err)
	}
	return int(n), nil
}
