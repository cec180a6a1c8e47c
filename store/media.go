package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/media"
)

var _ media.Store = (*DB)(nil)

// States of a file's row.
//
//	coming ─► kept ─► gone ─► (no row)
//	   └────────────────┘  its upload broke off
//
// Only a kept file is seen by anybody. The bytes of a gone one are removed
// before its row is, so that none are left without one.
const (
	mediaComing = "coming"
	mediaKept   = "kept"
	mediaGone   = "gone"
)

type mediaRow struct {
	ID         string `gorm:"primaryKey"`
	BotID      string
	ContactID  int64
	State      string
	StateAt    time.Time
	Name       string
	Kind       string
	Type       string
	Size       int64
	Hash       string
	Width      int
	Height     int
	DurationMS int64 `gorm:"column:duration_ms"`
	Preview    int64
	CreatedAt  time.Time
}

func (mediaRow) TableName() string { return "media" }

func (r *mediaRow) media() engine.Media {
	return engine.Media{ID: r.ID, BotID: r.BotID, ContactID: r.ContactID, Name: r.Name, Kind: r.Kind, Type: r.Type, Size: r.Size, Hash: r.Hash,
		Width: r.Width, Height: r.Height, Duration: time.Duration(r.DurationMS) * time.Millisecond, Preview: r.Preview, CreatedAt: r.CreatedAt.UTC()}
}

// BeginMedia implements media.Store.
func (d *DB) BeginMedia(ctx context.Context, m engine.Media) error {
	created := kept(m.CreatedAt, d.now())
	row := mediaRow{ID: m.ID, BotID: m.BotID, ContactID: m.ContactID, State: mediaComing, StateAt: created, Name: m.Name, Kind: m.Kind, Type: m.Type,
		Size: m.Size, Hash: m.Hash, Width: m.Width, Height: m.Height, DurationMS: m.Duration.Milliseconds(), Preview: m.Preview, CreatedAt: created}
	if err := d.nouns(ctx).Create(&row).Error; err != nil {
		return fmt.Errorf("begin media: %w", err)
	}
	return nil
}

// FinishMedia implements media.Store.
func (d *DB) FinishMedia(ctx context.Context, id string) error {
	done := d.nouns(ctx).Model(&mediaRow{}).Where("id = ? AND state = ?", id, mediaComing).Updates(map[string]any{"state": mediaKept, "state_at": kept(time.Time{}, d.now())})
	if done.Error != nil {
		return fmt.Errorf("finish media: %w", done.Error)
	}
	if done.RowsAffected == 0 {
		return unknown("file", id) // it took longer than uploads are waited for, or its person was erased
	}
	return nil
}

// MediaByHash implements media.Store.
func (d *DB) MediaByHash(ctx context.Context, botID string, contactID int64, hash string) (*engine.Media, error) {
	return d.oneMedia(ctx, "bot_id = ? AND contact_id = ? AND hash = ? AND state = ?", botID, contactID, hash, mediaKept)
}

// Media implements media.Store.
func (d *DB) Media(ctx context.Context, botID, id string) (*engine.Media, error) {
	m, err := d.oneMedia(ctx, "id = ? AND bot_id = ? AND state = ?", id, botID, mediaKept)
	if err == nil && m == nil {
		err = unknown("file", id)
	}
	return m, err
}

// MediaByID implements media.Store.
func (d *DB) MediaByID(ctx context.Context, id string) (*engine.Media, error) {
	return d.oneMedia(ctx, "id = ? AND state = ?", id, mediaKept)
}

func (d *DB) oneMedia(ctx context.Context, where string, args ...any) (*engine.Media, error) {
	var rows []mediaRow
	if err := d.look(ctx).Where(where, args...).Order("created_at, id").Limit(1).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read media: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	m := rows[0].media()
	return &m, nil
}

// MediaOf implements media.Store.
func (d *DB) MediaOf(ctx context.Context, botID string, contactID int64) (sum int64, err error) {
	s := new(script)
	s.query(`SELECT CAST(COALESCE(SUM(size), 0) AS bigint) FROM media WHERE contact_id = ? AND bot_id = ? AND state = ?`, contactID, botID, mediaKept).one(&sum)
	if err := d.read(ctx, s); err != nil {
		return 0, fmt.Errorf("sum media: %w", err)
	}
	return sum, nil
}

// ListMedia returns a bot's files, newest first: the uploads, or what one person
// sent.
func (d *DB) ListMedia(ctx context.Context, botID string, contactID int64, p engine.Page) (items []engine.Media, next string, err error) {
	limit := pageLimit(p)
	q := d.look(ctx).Where("bot_id = ? AND contact_id = ? AND state = ?", botID, contactID, mediaKept)
	if p.Cursor != "" {
		at, id, err := readMade(p.Cursor)
		if err != nil {
			return nil, "", err
		}
		q = q.Where("created_at < ? OR created_at = ? AND id < ?", at, at, id)
	}
	var rows []mediaRow
	if err := q.Order("created_at DESC, id DESC").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list media: %w", err)
	}
	rows, next = cut(rows, limit, func(r mediaRow) string { return madeCursor(r.CreatedAt, r.ID) })
	items = make([]engine.Media, len(rows))
	for i := range rows {
		items[i] = rows[i].media()
	}
	return items, next, nil
}

// KeptFiles tells of each id whether the bot keeps a file of it.
func (d *DB) KeptFiles(ctx context.Context, botID string, ids []string) (map[string]bool, error) {
	out := make(map[string]bool, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	in := newInput("id text")
	for _, id := range ids {
		in.add(id)
	}
	s := new(script)
	s.with(in, `SELECT m.id FROM v JOIN media m ON m.id = v.id WHERE m.bot_id = ? AND m.state = ?`, botID, mediaKept).each(func(r scanner) error {
		var id string
		err := r.Scan(&id)
		out[id] = true
		return err
	})
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("look for files: %w", err)
	}
	return out, nil
}

// DeleteMedia implements media.Store.
func (d *DB) DeleteMedia(ctx context.Context, botID, id string, now time.Time) error {
	done := d.nouns(ctx).Model(&mediaRow{}).Where("id = ? AND bot_id = ? AND state = ?", id, botID, mediaKept).
		Updates(map[string]any{"state": mediaGone, "state_at": kept(time.Time{}, now)})
	if done.Error != nil {
		return fmt.Errorf("delete media: %w", done.Error)
	}
	if done.RowsAffected == 0 {
		return unknown("file", id)
	}
	return nil
}

// MediaUses returns what would miss a file: published flows, and broadcasts that
// are still to be sent, that name its id.
func (d *DB) MediaUses(ctx context.Context, botID, id string) (uses []engine.MediaUse, err error) {
	like := "%" + id + "%"
	take := func(kind string) func(scanner) error {
		return func(r scanner) error {
			u := engine.MediaUse{Kind: kind}
			err := r.Scan(&u.ID, &u.Name)
			uses = append(uses, u)
			return err
		}
	}
	s := new(script)
	s.query(`SELECT f.id, f.name FROM flows f JOIN flow_versions v ON v.flow_id = f.id AND v.number = f.published
		WHERE f.bot_id = ? AND v.document LIKE ? ORDER BY f.name`, botID, like).each(take("flow"))
	s.query(`SELECT b.id, b.plan FROM broadcasts b WHERE b.bot_id = ? AND b.plan LIKE ? AND (b.due_at IS NOT NULL
		OR EXISTS (SELECT 1 FROM broadcast_runs r WHERE r.broadcast_id = b.id AND r.closed_at IS NULL)) ORDER BY b.created_at, b.id`, botID, like).each(take("broadcast"))
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("look for uses of media: %w", err)
	}
	for i := range uses {
		if uses[i].Kind != "broadcast" {
			continue
		}
		var plan engine.Plan
		if err := json.Unmarshal([]byte(uses[i].Name), &plan); err != nil {
			return nil, fmt.Errorf("read the plan of broadcast %s: %w", uses[i].ID, err)
		}
		uses[i].Name = plan.Subject
	}
	return uses, nil
}

// OldMedia implements media.Store.
func (d *DB) OldMedia(ctx context.Context, sent, begun, now time.Time, limit int) error {
	s := new(script)
	s.exec(`UPDATE media SET state = ?, state_at = ? WHERE id IN (SELECT id FROM media WHERE contact_id <> 0 AND state = ? AND created_at < ? LIMIT ?)`,
		mediaGone, now, mediaKept, sent, limit)
	s.exec(`UPDATE media SET state = ?, state_at = ? WHERE id IN (SELECT id FROM media WHERE state = ? AND state_at < ? LIMIT ?)`,
		mediaGone, now, mediaComing, begun, limit)
	s.exec(`DELETE FROM media_messages WHERE media_id = '' AND withdrawn_at < ?`, now.Add(-withdrawnKept))
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("hide old media: %w", err)
	}
	return nil
}

// GoneMedia implements media.Store.
func (d *DB) GoneMedia(ctx context.Context, limit int) ([]engine.Media, error) {
	var rows []mediaRow
	if err := d.look(ctx).Where("state = ?", mediaGone).Order("state_at, id").Limit(limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read gone media: %w", err)
	}
	out := make([]engine.Media, len(rows))
	for i := range rows {
		out[i] = rows[i].media()
	}
	return out, nil
}

// ForgetMedia implements media.Store.
func (d *DB) ForgetMedia(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	in := newInput("id text")
	for _, id := range ids {
		in.add(id)
	}
	s := new(script)
	s.with(in, `DELETE FROM media_attachments WHERE media_id IN (SELECT id FROM v)`)
	s.with(in, `DELETE FROM media_messages WHERE media_id IN (SELECT id FROM v)`)
	s.with(in, `DELETE FROM media WHERE state = 'gone' AND id IN (SELECT id FROM v)`)
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("forget media: %w", err)
	}
	return nil
}
