package store

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm/clause"

	"github.com/blockcast/blockcast/engine"
)

// aliasBot is the kind of alias that is unique over all bots.
const aliasBot = "bot"

// aliasKey names a foreign id; the bot is "" where it is looked for by it.
type aliasKey struct{ bot, kind, foreign string }

type aliasRow struct {
	BotID     string `gorm:"primaryKey"`
	Kind      string `gorm:"primaryKey"`
	ForeignID string `gorm:"primaryKey"`
	OurID     string
}

func (aliasRow) TableName() string { return "aliases" }

// SetAlias lets a foreign id mean one of ours. A foreign bot id belongs to one
// bot of the instance.
func (d *DB) SetAlias(ctx context.Context, botID, kind, foreign, ours string) error {
	if foreign == "" || ours == "" {
		return invalid("alias", "an alias needs a foreign id and what it means here")
	}
	if _, err := d.Bot(ctx, botID); err != nil {
		return err
	}
	row := aliasRow{botID, kind, foreign, ours}
	err := d.nouns(ctx).Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "bot_id"}, {Name: "kind"}, {Name: "foreign_id"}},
		DoUpdates: clause.AssignmentColumns([]string{"our_id"}),
	}).Create(&row).Error
	if isDuplicate(err) {
		return &engine.Error{Code: engine.Conflict, Field: "alias", Message: fmt.Sprintf("the bot id %q belongs to another bot already", foreign)}
	}
	if err != nil {
		return fmt.Errorf("set alias: %w", err)
	}
	d.aliases.forget(aliasKey{botID, kind, foreign})
	d.aliases.forget(aliasKey{"", kind, foreign})
	return nil
}

// Alias returns our id behind a foreign one, "" when unknown; it may be up to
// a second old.
func (d *DB) Alias(ctx context.Context, botID, kind, foreign string) (string, error) {
	return cached(ctx, d.aliases, aliasKey{botID, kind, foreign}, func() (string, error) {
		return d.readAlias(ctx, "bot_id = ? AND kind = ? AND foreign_id = ?", botID, kind, foreign)
	})
}

func (d *DB) readAlias(ctx context.Context, where string, args ...any) (string, error) {
	var row aliasRow
	err := d.look(ctx).Where(where, args...).Take(&row).Error
	if isMissing(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read alias: %w", err)
	}
	return row.OurID, nil
}

// ListAliases returns a bot's aliases of one kind, or of all ("").
func (d *DB) ListAliases(ctx context.Context, botID, kind string, p engine.Page) ([]engine.Alias, string, error) {
	limit := pageLimit(p)
	db := d.look(ctx).Where("bot_id = ?", botID)
	if kind != "" {
		db = db.Where("kind = ?", kind)
	}
	if p.Cursor != "" {
		after, foreign, ok := strings.Cut(p.Cursor, "/")
		if !ok {
			return nil, "", badCursor()
		}
		db = db.Where("(kind, foreign_id) > (?, ?)", after, foreign)
	}
	var rows []aliasRow
	if err := db.Order("kind, foreign_id").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("list aliases: %w", err)
	}
	rows, next := cut(rows, limit, func(r aliasRow) string { return r.Kind + "/" + r.ForeignID })
	out := make([]engine.Alias, len(rows))
	for i, r := range rows {
		out[i] = engine.Alias{Kind: r.Kind, Foreign: r.ForeignID, ID: r.OurID}
	}
	return out, next, nil
}

// DeleteAlias lets a foreign id mean nothing any more.
func (d *DB) DeleteAlias(ctx context.Context, botID, kind, foreign string) error {
	done := d.nouns(ctx).Where("bot_id = ? AND kind = ? AND foreign_id = ?", botID, kind, foreign).Delete(&aliasRow{})
	d.aliases.forget(aliasKey{botID, kind, foreign})
	d.aliases.forget(aliasKey{"", kind, foreign})
	if done.Error != nil {
		return fmt.Errorf("delete alias: %w", done.Error)
	}
	if done.RowsAffected == 0 {
		return unknown("alias", foreign)
	}
	return nil
}
