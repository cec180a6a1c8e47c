package store

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
)

type versionRow struct {
	ID        int64 `gorm:"primaryKey"`
	BotID     string
	FlowID    string
	Number    int
	Document  string
	IDs       map[string]string `gorm:"column:ids;serializer:json"`
	Checksum  string
	Author    string
	Note      string
	CreatedAt time.Time
}

func (versionRow) TableName() string { return "flow_versions" }

func (r versionRow) version() engine.FlowVersion {
	return engine.FlowVersion{ID: r.ID, BotID: r.BotID, FlowID: r.FlowID, Number: r.Number, Document: []byte(r.Document), IDs: r.IDs,
		Checksum: r.Checksum, Author: r.Author, Note: r.Note, CreatedAt: r.CreatedAt.UTC()}
}

// Publish stores the next version of a flow with its blocks and declarations,
// in one transaction, and raises the bot's revision. Two that publish at once
// wait for each other at the bot's row, so the later sees what the first did;
// where the version says what it was checked against, it is refused then.
func (d *DB) Publish(ctx context.Context, v engine.FlowVersion, expect int, blocks []engine.BlockInfo, attributes []engine.Attribute) (*engine.FlowVersion, error) {
	row := versionRow{BotID: v.BotID, FlowID: v.FlowID, Number: expect + 1, Document: string(v.Document), IDs: v.IDs, Checksum: v.Checksum,
		Author: v.Author, Note: v.Note, CreatedAt: kept(v.CreatedAt, d.now())}
	if row.IDs == nil {
		row.IDs = map[string]string{}
	}
	err := d.Tx(ctx, func(ctx context.Context) error {
		revision, err := d.raiseRevision(ctx, v.BotID)
		if err != nil {
			return err
		}
		flow, err := d.findFlow(ctx, v.BotID, v.FlowID, "id = ?", v.FlowID)
		if err != nil {
			return err
		}
		if flow.Published != expect {
			return &engine.Error{Code: engine.Conflict, Field: "version",
				Message: fmt.Sprintf("flow %q is at version %d by now, not at %d: look at what was published and publish again", flow.Name, flow.Published, expect)}
		}
		if v.Against != nil && *v.Against != revision-1 {
			return &engine.Error{Code: engine.Conflict, Field: "revision", Message: "something else of the bot was published meanwhile: check and publish again"}
		}
		if err := d.nouns(ctx).Create(&row).Error; err != nil {
			return err
		}
		done := d.nouns(ctx).Model(&flowRow{}).Where("id = ?", v.FlowID).Updates(map[string]any{"published": row.Number, "updated_at": row.CreatedAt})
		if done.Error != nil {
			return done.Error
		}
		if err := d.replaceBlocks(ctx, flow, row.Number, blocks); err != nil {
			return err
		}
		for _, a := range attributes {
			a.BotID = v.BotID
			if a.DeclaredBy == "" {
				a.DeclaredBy = flow.Name
			}
			if err := d.declare(ctx, a); err != nil {
				return err
			}
		}
		return nil
	})
	d.attributes.forget(v.BotID)
	if err != nil {
		return nil, passed(fmt.Sprintf("publish flow %s", v.FlowID), err)
	}
	out := row.version()
	return &out, nil
}

// passed leaves a caller's mistake as it is and says of all else what failed.
func passed(what string, err error) error {
	if _, ok := err.(*engine.Error); ok {
		return err
	}
	return fmt.Errorf("%s: %w", what, err)
}

// raiseRevision returns the new one. It also locks the bot's row until the
// transaction ends.
func (d *DB) raiseRevision(ctx context.Context, botID string) (int64, error) {
	revision := int64(-1)
	s := new(script)
	s.query(`UPDATE bots SET revision = revision + 1 WHERE id = ? RETURNING revision`, botID).one(&revision)
	if err := d.write(ctx, s); err != nil {
		return 0, err
	}
	if revision < 0 {
		return 0, unknown("bot", botID)
	}
	return revision, nil
}

// ListVersions returns a flow's versions, newest first.
func (d *DB) ListVersions(ctx context.Context, botID, flowID string) ([]engine.FlowVersion, error) {
	return d.versions(ctx, "bot_id = ? AND flow_id = ?", botID, flowID)
}

// Version returns one version of a flow by its number.
func (d *DB) Version(ctx context.Context, botID, flowID string, number int) (*engine.FlowVersion, error) {
	return d.oneVersion(ctx, fmt.Sprint(number), "bot_id = ? AND flow_id = ? AND number = ?", botID, flowID, number)
}

// FlowVersion returns one version by its id.
func (d *DB) FlowVersion(ctx context.Context, botID string, id int64) (*engine.FlowVersion, error) {
	return d.oneVersion(ctx, fmt.Sprint(id), "bot_id = ? AND id = ?", botID, id)
}

// Revision counts what a bot has published: as long as it is the same, so are
// the PublishedVersions.
func (d *DB) Revision(ctx context.Context, botID string) (int64, error) {
	revision := int64(-1)
	s := new(script)
	s.query(`SELECT revision FROM bots WHERE id = ?`, botID).one(&revision)
	if err := d.read(ctx, s); err != nil {
		return 0, fmt.Errorf("read revision of bot %s: %w", botID, err)
	}
	if revision < 0 {
		return 0, unknown("bot", botID)
	}
	return revision, nil
}

// PublishedVersions returns the published version of each flow.
func (d *DB) PublishedVersions(ctx context.Context, botID string) ([]engine.FlowVersion, error) {
	return d.versions(ctx, `bot_id = ? AND EXISTS (SELECT 1 FROM flows f WHERE f.id = flow_versions.flow_id AND f.published = flow_versions.number)`, botID)
}

func (d *DB) versions(ctx context.Context, where string, args ...any) ([]engine.FlowVersion, error) {
	var rows []versionRow
	if err := d.look(ctx).Where(where, args...).Order("flow_id, number DESC").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read flow versions: %w", err)
	}
	out := make([]engine.FlowVersion, len(rows))
	for i, r := range rows {
		out[i] = r.version()
	}
	return out, nil
}

func (d *DB) oneVersion(ctx context.Context, called, where string, args ...any) (*engine.FlowVersion, error) {
	rows, err := d.versions(ctx, where, args...)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, unknown("flow version", called)
	}
	return &rows[0], nil
}
