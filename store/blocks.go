package store

import (
	"context"
	"fmt"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/flows"
)

// Kinds of blocks.
const (
	kindBlock  = "block"
	kindModule = "module"
)

type blockRow struct {
	BotID   string `gorm:"primaryKey"`
	ID      string `gorm:"primaryKey"`
	Name    string
	FlowID  string
	Kind    string
	Version int
	Aliases []string `gorm:"serializer:json"`
	Needs   []string `gorm:"serializer:json"`
}

func (blockRow) TableName() string { return "blocks" }

type blockNameRow struct {
	BotID   string `gorm:"primaryKey"`
	NameKey string `gorm:"primaryKey"`
	BlockID string
	FlowID  string
}

func (blockNameRow) TableName() string { return "block_names" }

// replaceBlocks makes a flow's blocks those of its new version: names it no
// longer has are free, one that another flow has is refused.
func (d *DB) replaceBlocks(ctx context.Context, flow *engine.Flow, version int, list []engine.BlockInfo) error {
	db := d.nouns(ctx)
	if err := db.Where("bot_id = ? AND flow_id = ?", flow.BotID, flow.ID).Delete(&blockNameRow{}).Error; err != nil {
		return err
	}
	if err := db.Where("bot_id = ? AND flow_id = ?", flow.BotID, flow.ID).Delete(&blockRow{}).Error; err != nil {
		return err
	}
	var rows []blockRow
	var names []blockNameRow
	given := map[string]string{} // key → block
	for _, b := range list {
		kind := kindBlock
		if b.Module {
			kind = kindModule
		}
		rows = append(rows, blockRow{flow.BotID, b.ID, b.Name, flow.ID, kind, version, orEmpty(b.Aliases), orEmpty(b.Needs)})
		for _, name := range append([]string{b.Name}, b.Aliases...) {
			key := flows.Fold(name)
			if of, twice := given[key]; twice && of != b.ID {
				return &engine.Error{Code: engine.Conflict, Field: name, Message: fmt.Sprintf("two blocks of flow %q are called %q", flow.Name, name)}
			} else if twice {
				continue
			}
			given[key] = b.ID
			names = append(names, blockNameRow{flow.BotID, key, b.ID, flow.ID})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	if err := d.namesFree(ctx, flow, names); err != nil {
		return err
	}
	if err := db.CreateInBatches(&names, insertRows).Error; err != nil {
		return err
	}
	return db.CreateInBatches(&rows, insertRows).Error
}

// insertRows keeps one insert below SQLite's number of parameters.
const insertRows = 500

// namesFree makes sure that no other flow of the bot has one of the names or ids.
func (d *DB) namesFree(ctx context.Context, flow *engine.Flow, names []blockNameRow) error {
	in := newInput("name_key text", "block_id text")
	for _, n := range names {
		in.add(n.NameKey, n.BlockID)
	}
	var conflict *engine.Error
	refuse := func(r scanner) error {
		var name, owner string
		if err := r.Scan(&name, &owner); err != nil {
			return err
		}
		if conflict == nil {
			conflict = &engine.Error{Code: engine.Conflict, Field: name, Message: fmt.Sprintf("the block name %q is taken by flow %q", name, owner)}
		}
		return nil
	}
	s := new(script)
	s.with(in, `SELECT n.name_key, f.name FROM v JOIN block_names n ON n.name_key = v.name_key AND n.bot_id = ? JOIN flows f ON f.id = n.flow_id
		WHERE n.flow_id <> ? ORDER BY n.name_key`, flow.BotID, flow.ID).each(refuse)
	s.with(in, `SELECT b.name, f.name FROM v JOIN blocks b ON b.id = v.block_id AND b.bot_id = ? JOIN flows f ON f.id = b.flow_id
		WHERE b.flow_id <> ? ORDER BY b.name`, flow.BotID, flow.ID).each(refuse)
	if err := d.read(ctx, s); err != nil {
		return err
	}
	if conflict != nil {
		return conflict
	}
	return nil
}

// ListBlocks returns the blocks and modules of a bot that can be addressed, by
// name.
func (d *DB) ListBlocks(ctx context.Context, botID string) ([]engine.BlockInfo, error) {
	var out []engine.BlockInfo
	s := new(script)
	s.query(`SELECT b.id, b.bot_id, b.name, b.flow_id, f.name, b.kind, b.version, b.aliases, b.needs
		FROM blocks b JOIN flows f ON f.id = b.flow_id WHERE b.bot_id = ? ORDER BY b.name`, botID).each(func(r scanner) error {
		var b engine.BlockInfo
		kind := ""
		err := r.Scan(&b.ID, &b.BotID, &b.Name, &b.FlowID, &b.Flow, &kind, &b.Version, fromJSON(&b.Aliases), fromJSON(&b.Needs))
		b.Module = kind == kindModule
		out = append(out, b)
		return err
	})
	if err := d.read(ctx, s); err != nil {
		return nil, fmt.Errorf("list blocks: %w", err)
	}
	return out, nil
}
