package outbox

import (
	"context"
	"slices"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/policy"
)

// instead lets the approved template that the block offers go out in the place
// of what was prepared, when the platform takes no free message: by its own
// word, in made, or by the clock, with nil. Nothing of the delivery may have
// been accepted, so that nobody gets both. The row is given back with the
// template's bytes for its next attempt; a question that was prepared is not
// asked any more. done is false when there is no template to send.
func (a *attempt) instead(ctx context.Context, made *engine.Attempt) (done bool, err error) {
	o, d := a.o, a.d
	if d.BlockID == "" || d.MessagesSent > 0 {
		return false, nil
	}
	if a.s.Library, err = o.Libraries.Holding(ctx, d.BotID, d.BlockID); err != nil {
		return false, err
	}
	_, block, ok := a.s.Library.Block(d.BlockID)
	if !ok || !hasClosed(block, a.s.Account) {
		return false, nil
	}
	f := facts(a.s, d, o.offersTemplate(block, a.s.Account), o.Deps.Now())
	f.Refused = true
	if policy.Decide(f).Route != policy.RouteTemplate {
		return false, nil
	}
	if gone, err := a.whole(ctx); gone || err != nil {
		return gone, err
	}
	t, err := o.Engine.Closed(ctx, *a.s, a.start())
	if err != nil || t == nil {
		return false, nil // what was refused is what is told
	}
	render, warnings, err := Render(a.ch, a.s.Account, []blocks.Message{{Part: t}})
	if err != nil {
		return false, nil
	}
	d.Warnings = append(slices.Clone(d.Warnings), policy.WindowClosed+": the platform takes no free message; the template "+t.Name+" goes out instead")
	d.Warnings = append(d.Warnings, warnings...)
	r := Release{Attempt: made, NotBefore: o.Deps.Now(), Class: policy.WindowClosed, Instead: render, EndSession: a.asked()}
	if made != nil {
		r.Code, r.Error = made.Code, made.Message
	}
	return true, a.release(ctx, r)
}
