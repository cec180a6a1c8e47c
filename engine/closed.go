package engine

import (
	"context"

	"github.com/blockcast/blockcast/blocks"
)

// Closed fills in the approved template that a block offers instead of itself
// on the situation's channel, for when the platform takes no free message. It
// is nil when the block offers none there. The block does not run: nothing it
// says, sets or asks happens.
func (e *Engine) Closed(ctx context.Context, s Situation, st Start) (*blocks.ApprovedTemplate, error) {
	r := e.sending(ctx, &s, &st)
	if !r.enterNewest(st.Block) {
		return nil, errBlockGone
	}
	closed, ok := r.block.Closed(s.Account.Channel)
	if !ok {
		return nil, nil
	}
	return blocks.FillTemplate(r, closed.Template, closed.Language, closed.Filling)
}
