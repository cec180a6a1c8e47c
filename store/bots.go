package store

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/flows"
)

type botRow struct {
	ID            string `gorm:"primaryKey"`
	Name          string
	NameKey       string
	TimeZone      string
	DefaultRegion string
	Settings      engine.BotSettings `gorm:"serializer:json"`
	Revision      int64
	CreatedAt     time.Time
}

func (botRow) TableName() string { return "bots" }

func (r botRow) bot() engine.Bot {
	return engine.Bot{ID: r.ID, Name: r.Name, TimeZone: r.TimeZone, DefaultRegion: r.DefaultRegion, Settings: r.Settings, CreatedAt: r.CreatedAt.UTC()}
}

// CreateBot adds a bot. Names are unique as people read them: folded.
func (d *DB) CreateBot(ctx context.Context, b engine.Bot) error {
	row := botRow{ID: b.ID, Name: b.Name, NameKey: flows.Fold(b.Name), TimeZone: b.TimeZone, DefaultRegion: b.DefaultRegion, Settings: b.Settings, CreatedAt: kept(b.CreatedAt, d.now())}
	err := d.nouns(ctx).Create(&row).Error
	if isDuplicate(err) {
		return taken("name", "bot", b.Name)
	}
	if err != nil {
		return fmt.Errorf("create bot: %w", err)
	}
	d.bots.forget(b.ID)
	return nil
}

// kept is a time as the database keeps it; now stands in for none.
func kept(t, now time.Time) time.Time {
	if t.IsZero() {
		t = now
	}
	return t.UTC().Truncate(time.Microsecond)
}

// Bot returns a bot; it may be up to a second old.
func (d *DB) Bot(ctx context.Context, id string) (*engine.Bot, error) {
	b, err := cached(ctx, d.bots, id, func() (engine.Bot, error) { return d.readBot(ctx, id, "id = ?", id) })
	if err != nil {
		return nil, err
	}
	return &b, nil
}

func (d *DB) readBot(ctx context.Context, called, where string, args ...any) (engine.Bot, error) {
	var row botRow
	err := d.look(ctx).Where(where, args...).Take(&row).Error
	if isMissing(err) {
		return engine.Bot{}, unknown("bot", called)
	}
	if err != nil {
		return engine.Bot{}, fmt.Errorf("read bot: %w", err)
	}
	return row.bot(), nil
}

// BotByName returns the bot with a name, however it is spelt.
func (d *DB) BotByName(ctx context.Context, name string) (*engine.Bot, error) {
	b, err := d.readBot(ctx, name, "name_key = ?", flows.Fold(name))
	if err != nil {
		return nil, err
	}
	return &b, nil
}

// ListBots returns all bots, oldest first.
func (d *DB) ListBots(ctx context.Context, p engine.Page) ([]engine.Bot, string, error) {
	limit := pageLimit(p)
	q := d.look(ctx).Order("created_at, id").Limit(limit + 1)
	if p.Cursor != "" {
		at, id, err := readMade(p.Cursor)
		if err != nil {
			return nil, "", err
		}
		q = q.Where("created_at > ? OR created_at = ? AND id > ?", at, at, id)
	}
	var rows []botRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list bots: %w", err)
	}
	rows, next := cut(rows, limit, func(r botRow) string { return madeCursor(r.CreatedAt, r.ID) })
	out := make([]engine.Bot, len(rows))
	for i, r := range rows {
		out[i] = r.bot()
	}
	return out, next, nil
}

// UpdateBot writes name, time zone, region and settings.
func (d *DB) UpdateBot(ctx context.Context, b engine.Bot) error {
	row := botRow{Name: b.Name, NameKey: flows.Fold(b.Name), TimeZone: b.TimeZone, DefaultRegion: b.DefaultRegion, Settings: b.Settings}
	done := d.nouns(ctx).Where("id = ?", b.ID).Select("name", "name_key", "time_zone", "default_region", "settings").Updates(&row)
	d.bots.forget(b.ID)
	switch {
	case isDuplicate(done.Error):
		return taken("name", "bot", b.Name)
	case done.Error != nil:
		return fmt.Errorf("update bot: %w", done.Error)
	case done.RowsAffected == 0:
		return unknown("bot", b.ID)
	}
	return nil
}

// BotByAlias finds the bot a foreign bot id means; its own id works too. nil
// when unknown.
func (d *DB) BotByAlias(ctx context.Context, id string) (*engine.Bot, error) {
	b, err := d.Bot(ctx, id)
	if err == nil || !engine.IsCode(err, engine.NotFound) {
		return b, err
	}
	ours, err := cached(ctx, d.aliases, aliasKey{kind: aliasBot, foreign: id}, func() (string, error) { return d.readAlias(ctx, "kind = ? AND foreign_id = ?", aliasBot, id) })
	if err != nil || ours == "" {
		return nil, err
	}
	return d.Bot(ctx, ours)
}

// readBotValues adds the reading of what a bot's people share.
func readBotValues(s *script, botID string, out *map[string]any) {
	*out = map[string]any{}
	s.query(`SELECT name, value FROM bot_values WHERE bot_id = ?`, botID).each(func(r scanner) error {
		var name string
		var v any
		if err := r.Scan(&name, fromJSON(&v)); err != nil {
			return err
		}
		(*out)[name] = v
		return nil
	})
}

// BotValues returns what flows read as bot.x.
func (d *DB) BotValues(ctx context.Context, botID string) (map[string]any, error) {
	var out map[string]any
	s := new(script)
	readBotValues(s, botID, &out)
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("read bot values: %w", err)
	}
	return out, nil
}

// SetBotValues writes some of them; nil values unset.
func (d *DB) SetBotValues(ctx context.Context, botID string, set map[string]any) error {
	if _, err := d.Bot(ctx, botID); err != nil {
		return err
	}
	s := new(script)
	if err := applyBotValues(s, []change{{bot: botID, deltas: &engine.Deltas{Bot: set}}}); err != nil {
		return err
	}
	if err := d.write(ctx, s); err != nil {
		return fmt.Errorf("set bot values: %w", err)
	}
	return nil
}
