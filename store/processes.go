package store

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// heard is how long ago a process may have been heard of that still counts, and
// forgotten how long ago one that is removed.
const (
	heard     = time.Minute
	forgotten = time.Hour
)

// SeeProcess notes that a process is at work, and forgets those that were
// killed long ago.
func (d *DB) SeeProcess(ctx context.Context, p engine.Running) error {
	s := new(script)
	s.exec(`INSERT INTO processes (id, role, version, started_at, seen_at, apart_us) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET role = excluded.role, version = excluded.version, started_at = excluded.started_at,
			seen_at = excluded.seen_at, apart_us = excluded.apart_us`,
		p.ID, p.Role, p.Version, p.StartedAt, p.SeenAt, p.Apart.Microseconds())
	s.exec(`DELETE FROM processes WHERE seen_at < ?`, p.SeenAt.Add(-forgotten))
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("see process: %w", err)
	}
	return nil
}

// LeaveProcess takes back that a process is at work.
func (d *DB) LeaveProcess(ctx context.Context, id string) error {
	s := new(script)
	s.exec(`DELETE FROM processes WHERE id = ?`, id)
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("leave process: %w", err)
	}
	return nil
}

// readProcesses adds the reading of the processes heard of lately, the oldest
// first.
func readProcesses(s *script, now time.Time, out *[]engine.Running) {
	s.query(`SELECT id, role, version, started_at, seen_at, apart_us FROM processes WHERE seen_at >= ? ORDER BY started_at, id`, now.Add(-heard)).
		each(func(r scanner) error {
			var p engine.Running
			var apart int64
			err := r.Scan(&p.ID, &p.Role, &p.Version, moment(&p.StartedAt), moment(&p.SeenAt), &apart)
			p.Apart = time.Duration(apart) * time.Microsecond
			*out = append(*out, p)
			return err
		})
}
