package store

import (
	"context"
	"fmt"
	"time"
)

// TakeLock lets one process run a ticker until a time; its owner takes it
// again. false means another has it.
func (d *DB) TakeLock(ctx context.Context, name, owner string, now, until time.Time) (bool, error) {
	var n int64
	s := new(script)
	s.exec(`INSERT INTO locks (name, owner, until) VALUES (?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
		WHERE locks.until <= ? OR locks.owner = excluded.owner`, name, owner, until, now).affected(&n)
	if err := d.write(ctx, s); err != nil {
		return false, fmt.Errorf("take lock %s: %w", name, err)
	}
	return n > 0, nil
}

// ReleaseLock lets others have it; one that is another's stays.
func (d *DB) ReleaseLock(ctx context.Context, name, owner string) error {
	s := new(script)
	s.exec(`DELETE FROM locks WHERE name = ? AND owner = ?`, name, owner)
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("release lock %s: %w", name, err)
	}
	return nil
}
