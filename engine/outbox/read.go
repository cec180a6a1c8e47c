package outbox

import (
	"context"

	"github.com/blockcast/blockcast/engine"
)

// ReadAttributes reads what a caller brings about a contact without sending
// anything, as Accept does: values become what their attributes are declared
// to be, facts and phones are told apart. A value that cannot be is an
// *engine.Error with the attribute's name.
func (o *Outbox) ReadAttributes(ctx context.Context, bot *engine.Bot, given map[string]any) (engine.Deltas, []string, error) {
	declared, err := o.Directory.AttributeTypes(ctx, bot.ID)
	if err != nil {
		return engine.Deltas{}, nil, err
	}
	a, err := o.readAttributes(bot, declared, given)
	if err != nil {
		return engine.Deltas{}, nil, err
	}
	return a.deltas, a.warnings, nil
}
