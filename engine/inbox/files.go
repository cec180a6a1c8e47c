package inbox

import (
	"context"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// keepFile fetches what the person sent, when the open question asks for it,
// and lets the turn see it at our own address: the platform's ends. Where that
// fails the platform's link has to do, and the event that is returned says why.
// It is fetched in the turn, long after the webhook was answered; a turn that is
// run again finds the same file kept.
func (in *Inbox) keepFile(ctx context.Context, l *outbox.Lease, s *engine.Situation, it *engine.Interaction) (*engine.Event, error) {
	if in.Media == nil || !asksForFile(s.Session, it.Inbound.Input) {
		return nil, nil
	}
	if err := in.renew(ctx, l); err != nil {
		return nil, err
	}
	input := *it.Inbound.Input
	kept, err := in.Media(ctx, s.Account, it.ContactID, input.Media)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return &engine.Event{Level: engine.LevelWarning, Code: engine.EventFileNotKept,
			Text: "the " + input.Media.Type + " the person sent stays at the platform's link, which ends: " + err.Error()}, nil
	}
	input.Media = kept
	it.Inbound.Input = &input
	return nil, nil
}

// asksForFile reports whether what came is a file that the open question asks
// for. Others are left with the platform: nobody looks at them.
func asksForFile(s *engine.Session, in *blocks.Input) bool {
	if s == nil || !s.Reply || in == nil || in.Media == nil {
		return false
	}
	return s.Expect == in.Media.Type || s.Expect == blocks.ExpectAny
}
