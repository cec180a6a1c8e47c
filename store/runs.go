package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

var _ broadcast.Store = (*DB)(nil)

const runColumns = `id, number, bot_id, broadcast_id, n, version, plan, state, reason, due_at, frozen_to, frozen_at, started_at, closed_at, created_at,
	prepared_id, checking, prepared_to, findings, expected, renewed_to`

func scanRun(r scanner, run *engine.Run) error {
	return r.Scan(&run.ID, &run.Number, &run.BotID, &run.BroadcastID, &run.N, &run.Version, fromJSON(&run.Plan), &run.State, &run.Reason, moment(&run.DueAt),
		&run.FrozenTo, moment(&run.FrozenAt), moment(&run.StartedAt), moment(&run.ClosedAt), moment(&run.CreatedAt),
		&run.PreparedID, &run.Checking, &run.PreparedTo, fromJSON(&run.Findings), &run.Expected, &run.RenewedTo)
}

func listRuns(out *[]engine.Run) func(scanner) error {
	return func(r scanner) error {
		var run engine.Run
		err := scanRun(r, &run)
		*out = append(*out, run)
		return err
	}
}

// OpenRun begins a run of a broadcast that is as it was read.
func (d *DB) OpenRun(ctx context.Context, b *engine.Broadcast, r *engine.Run) error {
	return d.begin(ctx, b, r, func(s *script) *statement {
		return s.exec(`UPDATE broadcasts SET state = 'running', reason = '', due_at = NULL, rounds = rounds + 1, updated_at = ?
			WHERE id = ? AND bot_id = ? AND version = ? AND `+editable, r.CreatedAt, b.ID, b.BotID, b.Version)
	}, "the broadcast was started without it")
}

// numberTries is how often a run's number is chosen: those of two bots that
// begin at the same moment may take the same.
const numberTries = 5

// changedMeanwhile is what a broadcast is that is not as it was read.
func changedMeanwhile() *engine.Error {
	return &engine.Error{Code: engine.Conflict, Field: "state", Message: "the broadcast was started, changed or canceled meanwhile: read it again"}
}

// begin writes a run when its broadcast is as it was read, which mark says and
// changes; pre-flights before it are void.
func (d *DB) begin(ctx context.Context, b *engine.Broadcast, r *engine.Run, mark func(*script) *statement, void string) error {
	plan, err := toJSON(r.Plan)
	if err != nil {
		return fmt.Errorf("begin run of broadcast %s: %w", b.ID, err)
	}
	stale := changedMeanwhile()
	for range numberTries {
		err = d.transact(ctx, func(t transaction) error {
			s := new(script)
			mark(s).must(stale)
			voidChecks(s, b.ID, void, "true")
			if err := t.run(ctx, s); err != nil {
				return err
			}
			s = new(script)
			insertRun(s, b, r, plan)
			return t.commit(ctx, s)
		})
		if !numberTaken(err) {
			break
		}
	}
	switch {
	case err == error(stale):
		return err
	case err != nil:
		return fmt.Errorf("begin run of broadcast %s: %w", b.ID, err)
	}
	r.BotID, r.BroadcastID, r.Version = b.BotID, b.ID, b.Version
	return nil
}

// numberTaken reports whether another run took the number meanwhile. SQLite has
// one writer, so that it cannot happen there.
func numberTaken(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.ConstraintName == "broadcast_runs_number_key"
}

// insertRun begins a run under the next number; the transaction has the
// broadcast's row.
func insertRun(s *script, b *engine.Broadcast, r *engine.Run, plan string) {
	s.query(`INSERT INTO broadcast_runs (id, number, bot_id, broadcast_id, n, version, plan, state, due_at, started_at, created_at, prepared_id, checking, expected)
		SELECT ?, COALESCE((SELECT MAX(number) FROM broadcast_runs), 0) + 1, ?, ?,
			COALESCE((SELECT MAX(n) FROM broadcast_runs WHERE broadcast_id = ?), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ?, ?
		RETURNING number, n`, r.ID, b.BotID, b.ID, b.ID, b.Version, plan, string(r.State), r.DueAt, r.StartedAt, r.CreatedAt,
		r.PreparedID, string(r.Checking), r.Expected).one(&r.Number, &r.N)
}

// Run returns one of the bot's runs.
func (d *DB) Run(ctx context.Context, botID, id string) (*engine.Run, error) {
	run, err := d.findRun(ctx, `id = ? AND bot_id = ?`, id, botID)
	if err == nil && run == nil {
		err = unknown("run", id)
	}
	return run, err
}

// RunNumbered returns the run bells name by a number, nil when there is none.
func (d *DB) RunNumbered(ctx context.Context, number int64) (*engine.Run, error) {
	return d.findRun(ctx, `number = ?`, number)
}

func (d *DB) findRun(ctx context.Context, where string, args ...any) (*engine.Run, error) {
	var rows []engine.Run
	s := new(script)
	s.query(`SELECT `+runColumns+` FROM broadcast_runs WHERE `+where, args...).each(listRuns(&rows))
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read run: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return &rows[0], nil
}

// begun are runs that were started; the others are pre-flights.
const begun = `started_at IS NOT NULL`

// unbegun are a bot's pre-flights that were not started: their rows are no
// deliveries yet.
const unbegun = `SELECT u.id FROM broadcast_runs u WHERE u.bot_id = ? AND u.started_at IS NULL`

// ListRuns returns a broadcast's runs, the newest first, without pre-flights
// that were not started.
func (d *DB) ListRuns(ctx context.Context, botID, broadcastID string) ([]engine.Run, error) {
	var rows []engine.Run
	s := new(script)
	s.query(`SELECT `+runColumns+` FROM broadcast_runs WHERE broadcast_id = ? AND bot_id = ? AND `+begun+` ORDER BY n DESC LIMIT ?`, broadcastID, botID, pageMost).each(listRuns(&rows))
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("list runs of broadcast %s: %w", broadcastID, err)
	}
	return rows, nil
}

// OpenRuns returns runs for which something is to be done: the oldest of each
// bot, then the second of each.
func (d *DB) OpenRuns(ctx context.Context, now time.Time, limit int) ([]engine.Run, error) {
	var rows []engine.Run
	s := new(script)
	s.query(`SELECT `+runColumns+` FROM (SELECT r.*, ROW_NUMBER() OVER (PARTITION BY bot_id ORDER BY number) AS place
		FROM broadcast_runs r WHERE closed_at IS NULL AND state <> 'paused' AND NOT (state = 'held' AND checking = 'ask') AND (lease_until IS NULL OR lease_until <= ?)) o ORDER BY place, number LIMIT ?`, now, limit).each(listRuns(&rows))
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read open runs: %w", err)
	}
	return rows, nil
}

// MoveRun changes a run's state and its broadcast's with it.
func (d *DB) MoveRun(ctx context.Context, r *engine.Run, from []engine.RunState, to engine.RunState, reason string, now time.Time) (bool, error) {
	states := newInput("state text")
	for _, f := range from {
		states.add(string(f))
	}
	started, closed := time.Time{}, time.Time{}
	if to == engine.RunRunning {
		started = now
	}
	if to == engine.RunFinished {
		closed = now
	}
	var moved int64
	s := new(script)
	s.with(states, `UPDATE broadcast_runs SET state = ?, reason = ?, closed_at = ?, lease_until = NULL, started_at = COALESCE(started_at, ?)
		WHERE id = ? AND state IN (SELECT state FROM v)`, string(to), reason, closed, started, r.ID).affected(&moved)
	s.exec(`UPDATE broadcasts SET state = ?, reason = ?, updated_at = ? WHERE id = ? AND state IN ('running', 'paused')
		AND EXISTS (SELECT 1 FROM broadcast_runs o WHERE o.id = ? AND o.state = ?)`, string(broadcastState(to)), reason, now, r.BroadcastID, r.ID, string(to))
	if err := d.write(ctx, s); err != nil {
		return false, fmt.Errorf("move run %s to %s: %w", r.ID, to, err)
	}
	if moved == 0 {
		return false, nil
	}
	r.State, r.Reason, r.ClosedAt = to, reason, closed
	return true, nil
}

// broadcastState is what a broadcast is while its run is in a state.
func broadcastState(s engine.RunState) engine.BroadcastState {
	switch s {
	case engine.RunPaused:
		return engine.BroadcastPaused
	case engine.RunFinished:
		return engine.BroadcastFinished
	case engine.RunCanceled:
		return engine.BroadcastCanceled
	}
	return engine.BroadcastRunning
}

// CancelRows closes open rows of a canceled run: those that nobody holds and
// for which no call is under way.
func (d *DB) CancelRows(ctx context.Context, runID string, now time.Time, limit int) (int, error) {
	var n int64
	open, args := openOf(runID)
	s := new(script)
	s.exec(`UPDATE deliveries SET status = 'canceled', reason = 'canceled', closed_at = ?, lease_until = NULL
		WHERE id IN (SELECT id FROM deliveries WHERE `+open+` AND status IN ('held', 'queued')
			AND (lease_until IS NULL OR lease_until <= ?) ORDER BY id LIMIT ?)
		AND status IN ('held', 'queued') AND (lease_until IS NULL OR lease_until <= ?)
		AND EXISTS (SELECT 1 FROM broadcast_runs r WHERE r.id = deliveries.run_id AND r.state = 'canceled')`, slices.Concat([]any{now}, args, []any{now, limit, now})...).affected(&n)
	if err := d.write(ctx, s); err != nil {
		return 0, fmt.Errorf("cancel rows of run %s: %w", runID, err)
	}
	return int(n), nil
}

// CloseRun ends a canceled run of which nothing is open any more.
func (d *DB) CloseRun(ctx context.Context, runID string, now time.Time) error {
	open, args := openOf(runID)
	s := new(script)
	s.exec(`UPDATE broadcast_runs SET closed_at = ? WHERE id = ? AND state = 'canceled' AND closed_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM deliveries WHERE `+open+`)`, append([]any{now, runID}, args...)...)
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("close run %s: %w", runID, err)
	}
	return nil
}

// Count returns how the rows of a run stand, in one pass over them.
func (d *DB) Count(ctx context.Context, runID string) (broadcast.Counts, error) {
	c := broadcast.Counts{ByStatus: map[engine.Status]int64{}, Skipped: map[string]int64{}, Failed: map[string]int64{}}
	s := new(script)
	s.query(`SELECT status, CASE status WHEN 'skipped' THEN reason WHEN 'failed' THEN class ELSE '' END AS because, COUNT(*)
		FROM deliveries WHERE run_id = ? AND run_id > '' AND seq = 0 GROUP BY 1, 2`, runID).each(func(r scanner) error {
		var status engine.Status
		var because string
		var n int64
		if err := r.Scan(&status, &because, &n); err != nil {
			return err
		}
		c.ByStatus[status] += n
		switch status {
		case engine.Skipped:
			c.Skipped[because] += n
		case engine.Failed:
			c.Failed[because] += n
		}
		return nil
	})
	if err := d.read(ctx, s); err != nil {
		return c, fmt.Errorf("count run %s: %w", runID, err)
	}
	return c, nil
}
