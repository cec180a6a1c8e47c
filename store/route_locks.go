package store

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
)

const lockColumns = `id, bot_id, account_id, intent, reason, hits, run_id, locked_at, unlocked_at, unlocked_by, note`

// mostLocks is how many of a bot's locks are read.
const mostLocks = 500

// RouteLocks returns a bot's locks, the newest first; shut: only those that
// hold.
func (d *DB) RouteLocks(ctx context.Context, botID string, shut bool) ([]engine.RouteLock, error) {
	where := `bot_id = ?`
	if shut {
		where += ` AND unlocked_at IS NULL`
	}
	list, err := d.routeLocks(ctx, where, botID)
	if err != nil {
		return nil, fmt.Errorf("read route locks of bot %s: %w", botID, err)
	}
	return list, nil
}

func (d *DB) routeLocks(ctx context.Context, where string, args ...any) ([]engine.RouteLock, error) {
	var out []engine.RouteLock
	s := new(script)
	s.query(`SELECT `+lockColumns+` FROM route_locks WHERE `+where+` ORDER BY locked_at DESC, id LIMIT ?`, append(args, mostLocks)...).each(func(r scanner) error {
		var l engine.RouteLock
		err := r.Scan(&l.ID, &l.BotID, &l.AccountID, &l.Intent, &l.Reason, fromJSON(&l.Hits), &l.RunID, moment(&l.LockedAt), moment(&l.UnlockedAt), &l.UnlockedBy, &l.Note)
		out = append(out, l)
		return err
	})
	return out, d.read(ctx, s)
}

// LockRoute locks a route; one that is locked stays as it is.
func (d *DB) LockRoute(ctx context.Context, l *engine.RouteLock) error {
	hits, err := toJSON(append([]engine.Hit{}, l.Hits...))
	if err != nil {
		return fmt.Errorf("lock route: %w", err)
	}
	s := new(script)
	s.exec(`INSERT INTO route_locks (id, bot_id, account_id, intent, reason, hits, run_id, locked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, l.ID, l.BotID, l.AccountID, string(l.Intent), l.Reason, hits, l.RunID, l.LockedAt)
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("lock route %s of account %s: %w", l.Intent, l.AccountID, err)
	}
	return nil
}

// UnlockRoute ends a lock, with who ended it and why.
func (d *DB) UnlockRoute(ctx context.Context, botID, id, by, note string, now time.Time) (*engine.RouteLock, error) {
	var n int64
	s := new(script)
	s.exec(`UPDATE route_locks SET unlocked_at = ?, unlocked_by = ?, note = ? WHERE id = ? AND bot_id = ? AND unlocked_at IS NULL`, now, by, note, id, botID).affected(&n)
	if err := d.write(ctx, s); err != nil {
		return nil, fmt.Errorf("unlock route %s: %w", id, err)
	}
	list, err := d.routeLocks(ctx, `id = ? AND bot_id = ?`, id, botID)
	switch {
	case err != nil:
		return nil, fmt.Errorf("read route lock %s: %w", id, err)
	case len(list) == 0:
		return nil, unknown("route lock", id)
	case n == 0:
		return nil, &engine.Error{Code: engine.Conflict, Field: "id", Message: fmt.Sprintf("it was unlocked at %s already, by %s", list[0].UnlockedAt.Format(time.RFC3339), list[0].UnlockedBy)}
	}
	return &list[0], nil
}
