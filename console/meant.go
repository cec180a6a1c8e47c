package console

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

// meantWithin bounds the counting of people for a page: it opens without the
// number rather than late.
const meantWithin = 3 * time.Second

// tellMeant counts who would get a broadcast that can be started without a
// check: its start then asks again, should ten times as many be found.
func (k *Console) tellMeant(ctx context.Context, s *session, p *showPage) error {
	if !p.Editable() || p.Check != nil && (p.Check.Live || p.Check.Ready()) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, meantWithin)
	defer cancel()
	e, err := k.Broadcasts.Estimate(ctx, s.Bot.ID, broadcast.Asked{Audience: p.Plan.Audience, Intent: p.Plan.Intent, Block: p.Plan.Content.Block})
	var told *engine.Error
	switch {
	case errors.As(err, &told), err != nil && ctx.Err() != nil:
		return nil // the start says what is wrong
	case err != nil:
		return err
	}
	p.Meant = newReached(e)
	p.Expected = max(1, e.Reached+e.Margin)
	return nil
}

// expected reads how many people a page told of; 0 when it told none.
func expected(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
