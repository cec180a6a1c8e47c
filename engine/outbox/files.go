package outbox

import (
	"context"

	"github.com/blockcast/blockcast/engine"
)

// nameFiles writes the addresses of the bot's own files into the messages of an
// order. One it does not keep is the caller's mistake.
func (o *Outbox) nameFiles(ctx context.Context, p *plan) error {
	if o.Deps.Media == nil || len(p.order.Messages) == 0 {
		return nil
	}
	messages, doubts, err := o.Deps.Media(ctx, p.order.Bot.ID, p.order.Messages)
	if err != nil {
		return err
	}
	if len(doubts) > 0 {
		return &engine.Error{Code: engine.Invalid, Field: "messages", Message: doubts[0]}
	}
	p.order.Messages = messages
	return nil
}
