package broadcast

import (
	"context"

	"github.com/blockcast/blockcast/engine"
)

// Says returns the id of the block that says a plan, for looking at it: of
// variants that of the first. Messages of its own are compiled and kept as when
// the plan is. *engine.Error names the field and the place of a mistake.
func (b *Broadcasts) Says(ctx context.Context, botID string, p *engine.Plan) (string, error) {
	bot, err := b.Directory.Bot(ctx, botID)
	if err != nil {
		return "", err
	}
	parts, _ := portions(p)
	first := parts[0] // only a plan without variants holds out alone, and its content comes first
	if err := checkContent(first.field, first.content); err != nil {
		return "", err
	}
	block, err := b.content(ctx, bot, p, first.content, first.field)
	if err != nil {
		return "", err
	}
	return block.ID, nil
}
