package engine

import (
	"context"
	"fmt"

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
	made := &blocks.ApprovedTemplate{Name: closed.Template}
	var err error
	if made.Language, err = closed.Language.Text(r); err != nil {
		return nil, fmt.Errorf("language of the template: %w", err)
	}
	for i, t := range closed.Body {
		text, err := t.Text(r)
		if err != nil {
			return nil, fmt.Errorf("value %d of the template: %w", i+1, err)
		}
		made.Body = append(made.Body, text)
	}
	return made, nil
}
