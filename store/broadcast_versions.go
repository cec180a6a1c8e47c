package store

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// keptVersions is how many plans of a broadcast are kept: who edits in a loop
// fills no disk.
const keptVersions = 100

// keepVersion adds the keeping of the plan a broadcast has at a version. Where
// the broadcast is not at that version nothing is written.
func keepVersion(s *script, botID, id string, version int, by string, now time.Time) {
	s.exec(`INSERT INTO broadcast_versions (broadcast_id, version, bot_id, plan, made_by, made_at)
		SELECT id, version, bot_id, plan, ?, updated_at FROM broadcasts WHERE id = ? AND bot_id = ? AND version = ?
		ON CONFLICT (broadcast_id, version) DO NOTHING`, by, id, botID, version)
	s.exec(`UPDATE broadcast_versions SET replaced_at = ? WHERE broadcast_id = ? AND bot_id = ? AND version = ? AND replaced_at IS NULL
		AND EXISTS (SELECT 1 FROM broadcast_versions v WHERE v.broadcast_id = broadcast_versions.broadcast_id AND v.version = ?)`, now, id, botID, version-1, version)
	s.exec(`DELETE FROM broadcast_versions WHERE broadcast_id = ? AND bot_id = ? AND version <= ?`, id, botID, version-keptVersions)
}

// PlanVersions returns what a broadcast was to do, the newest version first.
// Versions from before they were kept are left out.
func (d *DB) PlanVersions(ctx context.Context, botID, id string) ([]engine.PlanVersion, error) {
	if _, err := d.Broadcast(ctx, botID, id); err != nil {
		return nil, err
	}
	var out []engine.PlanVersion
	s := new(script)
	s.query(`SELECT version, plan, made_by, made_at FROM broadcast_versions WHERE broadcast_id = ? AND bot_id = ? ORDER BY version DESC`, id, botID).each(func(r scanner) error {
		var v engine.PlanVersion
		err := r.Scan(&v.Version, fromJSON(&v.Plan), &v.By, moment(&v.At))
		out = append(out, v)
		return err
	})
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read versions of broadcast %s: %w", id, err)
	}
	return out, nil
}
