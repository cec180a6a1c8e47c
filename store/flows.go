package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/flows"
)

type flowRow struct {
	ID        string `gorm:"primaryKey"`
	BotID     string
	Name      string
	NameKey   string
	Draft     string
	Published int
	UpdatedAt time.Time `gorm:"autoUpdateTime:false"`
}

func (flowRow) TableName() string { return "flows" }

func (r flowRow) flow() engine.Flow {
	return engine.Flow{ID: r.ID, BotID: r.BotID, Name: r.Name, Draft: []byte(r.Draft), Published: r.Published, UpdatedAt: r.UpdatedAt.UTC()}
}

// SaveDraft keeps what was pushed under a flow's name, published or not, and
// makes the flow when it is new.
func (d *DB) SaveDraft(ctx context.Context, botID, name string, document []byte, now time.Time) (*engine.Flow, error) {
	if name == "" {
		return nil, invalid("flow", "a flow needs a name")
	}
	if _, err := d.Bot(ctx, botID); err != nil {
		return nil, err
	}
	row := flowRow{ID: d.newID(), BotID: botID, Name: name, NameKey: flows.Fold(name), Draft: string(document), UpdatedAt: kept(now, d.now())}
	err := d.nouns(ctx).Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "bot_id"}, {Name: "name_key"}},
		DoUpdates: clause.AssignmentColumns([]string{"draft", "updated_at"}),
	}).Create(&row).Error
	if err != nil {
		return nil, fmt.Errorf("save draft of flow %q: %w", name, err)
	}
	return d.findFlow(ctx, botID, name, "name_key = ?", row.NameKey)
}

// Flow returns a flow by its name or its id.
func (d *DB) Flow(ctx context.Context, botID, nameOrID string) (*engine.Flow, error) {
	f, err := d.findFlow(ctx, botID, nameOrID, "name_key = ?", flows.Fold(nameOrID))
	if engine.IsCode(err, engine.NotFound) {
		return d.findFlow(ctx, botID, nameOrID, "id = ?", nameOrID)
	}
	return f, err
}

func (d *DB) findFlow(ctx context.Context, botID, called, where string, arg any) (*engine.Flow, error) {
	var row flowRow
	err := d.look(ctx).Where("bot_id = ?", botID).Where(where, arg).Take(&row).Error
	if isMissing(err) {
		return nil, unknown("flow", called)
	}
	if err != nil {
		return nil, fmt.Errorf("read flow: %w", err)
	}
	f := row.flow()
	return &f, nil
}

// ListFlows returns a bot's flows by name.
func (d *DB) ListFlows(ctx context.Context, botID string) ([]engine.Flow, error) {
	var rows []flowRow
	if err := d.look(ctx).Where("bot_id = ?", botID).Order("name_key").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list flows: %w", err)
	}
	out := make([]engine.Flow, len(rows))
	for i, r := range rows {
		out[i] = r.flow()
	}
	return out, nil
}
