package store

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
)

const broadcastColumns = `id, bot_id, state, reason, version, plan, due_at, created_at, updated_at, due_for, rounds`

func scanBroadcast(r scanner, b *engine.Broadcast) error {
	return r.Scan(&b.ID, &b.BotID, &b.State, &b.Reason, &b.Version, fromJSON(&b.Plan), moment(&b.DueAt), moment(&b.CreatedAt), moment(&b.UpdatedAt), &b.DueFor, &b.Rounds)
}

func listBroadcasts(out *[]engine.Broadcast) func(scanner) error {
	return func(r scanner) error {
		var b engine.Broadcast
		err := scanBroadcast(r, &b)
		*out = append(*out, b)
		return err
	}
}

// CreateBroadcast keeps a new broadcast.
func (d *DB) CreateBroadcast(ctx context.Context, b *engine.Broadcast) error {
	plan, err := toJSON(b.Plan)
	if err != nil {
		return fmt.Errorf("create broadcast: %w", err)
	}
	s := new(script)
	s.exec(`INSERT INTO broadcasts (id, bot_id, state, version, plan, due_at, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		b.ID, b.BotID, string(b.State), b.Version, plan, b.DueAt, b.CreatedAt, b.UpdatedAt)
	keepVersion(s, b.BotID, b.ID, b.Version, b.By, b.UpdatedAt)
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("create broadcast: %w", err)
	}
	return nil
}

// Broadcast returns one of the bot's broadcasts.
func (d *DB) Broadcast(ctx context.Context, botID, id string) (*engine.Broadcast, error) {
	var rows []engine.Broadcast
	s := new(script)
	s.query(`SELECT `+broadcastColumns+` FROM broadcasts WHERE id = ? AND bot_id = ?`, id, botID).each(listBroadcasts(&rows))
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read broadcast %s: %w", id, err)
	}
	if len(rows) == 0 {
		return nil, unknown("broadcast", id)
	}
	return &rows[0], nil
}

// ListBroadcasts returns a bot's broadcasts, the newest first; state "" means
// any.
func (d *DB) ListBroadcasts(ctx context.Context, botID string, state engine.BroadcastState, p engine.Page) ([]engine.Broadcast, string, error) {
	where, args := `bot_id = ?`, []any{botID}
	if state != "" {
		where, args = where+` AND state = ?`, append(args, string(state))
	}
	where, args, err := madeBefore(where, args, p)
	if err != nil {
		return nil, "", err
	}
	limit := pageLimit(p)
	var rows []engine.Broadcast
	s := new(script)
	s.query(`SELECT `+broadcastColumns+` FROM broadcasts WHERE `+where+` ORDER BY created_at DESC, id LIMIT ?`, append(args, limit+1)...).each(listBroadcasts(&rows))
	if err := d.read(ctx, s); err != nil {
		return nil, "", fmt.Errorf("list broadcasts: %w", err)
	}
	rows, next := cut(rows, limit, func(b engine.Broadcast) string { return madeCursor(b.CreatedAt, b.ID) })
	return rows, next, nil
}

// editable are broadcasts whose plan may be changed.
const editable = `state IN ('draft', 'scheduled', 'missed')`

// EditBroadcast writes the plan, the state and the due time of an editable
// broadcast that is still at the version it was read at, and raises that; the
// plan before is kept as a version. What was checked of it before is void.
func (d *DB) EditBroadcast(ctx context.Context, b *engine.Broadcast) error {
	plan, err := toJSON(b.Plan)
	if err != nil {
		return fmt.Errorf("edit broadcast %s: %w", b.ID, err)
	}
	var n int64
	s := new(script)
	s.exec(`UPDATE broadcasts SET plan = ?, state = ?, reason = '', due_at = ?, due_for = ?, version = version + 1, updated_at = ?
		WHERE id = ? AND bot_id = ? AND version = ? AND `+editable, plan, string(b.State), b.DueAt, b.DueFor, b.UpdatedAt, b.ID, b.BotID, b.Version).affected(&n)
	keepVersion(s, b.BotID, b.ID, b.Version+1, b.By, b.UpdatedAt)
	voidChecks(s, b.ID, "the broadcast was changed after it", `EXISTS (SELECT 1 FROM broadcasts b WHERE b.id = ? AND b.version = ?)`, b.ID, b.Version+1)
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("edit broadcast %s: %w", b.ID, err)
	}
	if n == 0 {
		return d.notEditable(ctx, b)
	}
	b.Version++
	return nil
}

// PlaceBroadcast writes the state and the due time of an editable broadcast
// that is still at the version it was read at.
func (d *DB) PlaceBroadcast(ctx context.Context, b *engine.Broadcast) error {
	var n int64
	s := new(script)
	s.exec(`UPDATE broadcasts SET state = ?, reason = '', due_at = ?, due_for = ?, updated_at = ? WHERE id = ? AND bot_id = ? AND version = ? AND `+editable,
		string(b.State), b.DueAt, b.DueFor, b.UpdatedAt, b.ID, b.BotID, b.Version).affected(&n)
	if b.State == engine.BroadcastCanceled {
		voidChecks(s, b.ID, "the broadcast was canceled", `EXISTS (SELECT 1 FROM broadcasts b WHERE b.id = ? AND b.state = 'canceled')`, b.ID)
	}
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("place broadcast %s: %w", b.ID, err)
	}
	if n == 0 {
		return d.notEditable(ctx, b)
	}
	return nil
}

// notEditable says why a broadcast was not as it was read.
func (d *DB) notEditable(ctx context.Context, b *engine.Broadcast) error {
	now, err := d.Broadcast(ctx, b.BotID, b.ID)
	if err != nil {
		return err
	}
	if !now.State.Editable() {
		return &engine.Error{Code: engine.Conflict, Field: "state",
			Message: fmt.Sprintf("the broadcast is %s: from its start on it can only be paused, resumed and canceled", now.State)}
	}
	return &engine.Error{Code: engine.Conflict, Field: "version",
		Message: fmt.Sprintf("the broadcast is at version %d by now, not at %d: read it again", now.Version, b.Version)}
}

// DueBroadcasts returns scheduled broadcasts whose time has come.
func (d *DB) DueBroadcasts(ctx context.Context, now time.Time, limit int) ([]engine.Broadcast, error) {
	var rows []engine.Broadcast
	s := new(script)
	s.query(`SELECT `+broadcastColumns+` FROM broadcasts WHERE due_at <= ? AND state = 'scheduled' ORDER BY due_at LIMIT ?`, now, limit).each(listBroadcasts(&rows))
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read due broadcasts: %w", err)
	}
	return rows, nil
}

// MissBroadcast marks a broadcast as missed that is still scheduled as it was
// read.
func (d *DB) MissBroadcast(ctx context.Context, b *engine.Broadcast, reason string, now time.Time) error {
	s := new(script)
	s.exec(`UPDATE broadcasts SET state = 'missed', reason = ?, updated_at = ? WHERE id = ? AND version = ? AND state = 'scheduled' AND due_at = ?`,
		reason, now, b.ID, b.Version, b.DueAt)
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("miss broadcast %s: %w", b.ID, err)
	}
	return nil
}
