package store

import (
	"context"
	"fmt"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/flows"
)

const segmentColumns = `id, bot_id, name, audience, created_at, updated_at`

func listSegments(out *[]engine.Segment) func(scanner) error {
	return func(r scanner) error {
		var s engine.Segment
		err := r.Scan(&s.ID, &s.BotID, &s.Name, fromJSON(&s.Audience), moment(&s.CreatedAt), moment(&s.UpdatedAt))
		*out = append(*out, s)
		return err
	}
}

// CreateSegment saves an audience under a name that the bot has not used.
func (d *DB) CreateSegment(ctx context.Context, seg engine.Segment) error {
	audience, err := toJSON(seg.Audience)
	if err != nil {
		return fmt.Errorf("create segment: %w", err)
	}
	s := new(script)
	s.exec(`INSERT INTO segments (id, bot_id, name, name_key, audience, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, seg.ID, seg.BotID, seg.Name, flows.Fold(seg.Name), audience, seg.CreatedAt, seg.UpdatedAt).must(segmentTaken(seg.Name))
	return asIs("create segment", d.write(ctx, s))
}

func segmentTaken(name string) error {
	return &engine.Error{Code: engine.Conflict, Field: "name", Message: fmt.Sprintf("there is a segment %q already; case and spaces do not matter", name)}
}

// asIs wraps what is not meant for the caller.
func asIs(action string, err error) error {
	if _, told := err.(*engine.Error); told || err == nil {
		return err
	}
	return fmt.Errorf("%s: %w", action, err)
}

// Segment returns a bot's segment by its id or its name.
func (d *DB) Segment(ctx context.Context, botID, idOrName string) (*engine.Segment, error) {
	var rows []engine.Segment
	s := new(script)
	s.query(`SELECT `+segmentColumns+` FROM segments WHERE bot_id = ? AND (id = ? OR name_key = ?) ORDER BY CASE WHEN id = ? THEN 0 ELSE 1 END LIMIT 1`,
		botID, idOrName, flows.Fold(idOrName), idOrName).each(listSegments(&rows))
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read segment: %w", err)
	}
	if len(rows) == 0 {
		return nil, d.noSegment(ctx, botID, idOrName)
	}
	return &rows[0], nil
}

// noSegment says that there is none of the name, and which are like it.
func (d *DB) noSegment(ctx context.Context, botID, name string) error {
	all, err := d.Segments(ctx, botID)
	if err != nil {
		return err
	}
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].Name
	}
	if near := flows.Nearest(name, names); len(near) > 0 {
		return &engine.Error{Code: engine.NotFound, Field: "segment", Message: fmt.Sprintf("there is no segment %q", name), Hint: fmt.Sprintf("did you mean %q?", near[0])}
	}
	return unknown("segment", name)
}

// Segments returns all of a bot's segments, by name.
func (d *DB) Segments(ctx context.Context, botID string) ([]engine.Segment, error) {
	var rows []engine.Segment
	s := new(script)
	s.query(`SELECT `+segmentColumns+` FROM segments WHERE bot_id = ? ORDER BY name_key, id`, botID).each(listSegments(&rows))
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("list segments: %w", err)
	}
	return rows, nil
}

// UpdateSegment writes a segment's name and audience.
func (d *DB) UpdateSegment(ctx context.Context, seg engine.Segment) error {
	audience, err := toJSON(seg.Audience)
	if err != nil {
		return fmt.Errorf("update segment: %w", err)
	}
	key := flows.Fold(seg.Name)
	s := new(script)
	s.exec(`UPDATE segments SET name = ?, name_key = ?, audience = ?, updated_at = ? WHERE id = ? AND bot_id = ?
		AND NOT EXISTS (SELECT 1 FROM segments o WHERE o.bot_id = ? AND o.name_key = ? AND o.id <> ?)`,
		seg.Name, key, audience, seg.UpdatedAt, seg.ID, seg.BotID, seg.BotID, key, seg.ID).must(segmentTaken(seg.Name))
	return asIs("update segment", d.write(ctx, s))
}

// DeleteSegment forgets one of a bot's segments, an engine.NotFound where there is
// none.
func (d *DB) DeleteSegment(ctx context.Context, botID, id string) error {
	s := new(script)
	s.exec(`DELETE FROM segments WHERE id = ? AND bot_id = ?`, id, botID).must(unknown("segment", id))
	return asIs("delete segment", d.write(ctx, s))
}

// ScheduledPlans returns a bot's broadcasts that are still to start.
func (d *DB) ScheduledPlans(ctx context.Context, botID string) ([]engine.Broadcast, error) {
	return d.plansIn(ctx, botID, `'scheduled'`)
}

// PlansToSend returns a bot's broadcasts that are still to start, and those that
// are under way.
func (d *DB) PlansToSend(ctx context.Context, botID string) ([]engine.Broadcast, error) {
	return d.plansIn(ctx, botID, `'scheduled', 'running', 'paused'`)
}

func (d *DB) plansIn(ctx context.Context, botID, states string) ([]engine.Broadcast, error) {
	var rows []engine.Broadcast
	s := new(script)
	s.query(`SELECT `+broadcastColumns+` FROM broadcasts WHERE bot_id = ? AND state IN (`+states+`) ORDER BY due_at, id`, botID).each(listBroadcasts(&rows))
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read scheduled broadcasts: %w", err)
	}
	return rows, nil
}
