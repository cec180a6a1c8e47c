package outbox

import (
	"context"
	"errors"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/policy"
	"github.com/blockcast/blockcast/flows"
)

// prepare runs the delivery's block, once for all attempts, and keeps what it
// says and what it changes in one transaction. ready is false when the row is
// closed or given back instead.
func (a *attempt) prepare(ctx context.Context) (ready bool, err error) {
	o, d := a.o, a.d
	lib, err := o.Libraries.Holding(ctx, d.BotID, d.BlockID)
	if err != nil {
		return false, err
	}
	_, block, ok := lib.Block(d.BlockID)
	if !ok {
		return false, a.fail(ctx, "block_gone", "", "the block was removed after this was accepted")
	}
	a.s.Library = lib
	// Policy is asked before the block runs, so that a refused send changes nothing.
	decision := a.decide(o.offersTemplate(block, a.s.Account))
	switch {
	case decision.Skip != "":
		return false, a.skip(ctx, decision.Skip)
	case decision.Route == policy.RouteTemplate && hasClosed(block, a.s.Account):
		return a.prepareTemplate(ctx)
	}
	if t := a.toldBefore(); t != nil {
		return a.keep(ctx, &t.turn, t.render, t.warnings)
	}
	if !block.Speaks() {
		if wait, err := a.hold(ctx, block); wait || err != nil {
			return false, err
		}
	}
	if o.Secrets != nil {
		a.s.Secrets = o.Secrets(ctx, d.BotID)
	}
	turn := o.Engine.Start(ctx, *a.s, a.start())
	if a.bare && !turn.ForAll { // it was another that told anybody the same
		if gone, err := a.whole(ctx); gone || err != nil {
			return false, err
		}
		turn = o.Engine.Start(ctx, *a.s, a.start())
	}
	if errors.Is(turn.Failed, engine.ErrUnavailable) {
		return false, turn.Failed // not for now: the row goes back
	}
	if turn.Failed != nil {
		return false, a.fail(ctx, "render", "", turn.Failed.Error())
	}
	if len(turn.Messages) == 0 {
		return a.keep(ctx, turn, nil, nil)
	}
	render, warnings, err := render(a.ch, a.s.Account, turn.Messages, a.linking(), a.alike)
	if err != nil {
		return false, a.fail(ctx, "render", "", err.Error())
	}
	a.tells(turn, render, warnings)
	return a.keep(ctx, turn, render, warnings)
}

// prepareTemplate fills in the block's approved template. The block itself does
// not run, so nobody's session or attributes change.
func (a *attempt) prepareTemplate(ctx context.Context) (ready bool, err error) {
	if gone, err := a.whole(ctx); gone || err != nil {
		return false, err
	}
	t, err := a.o.Engine.Closed(ctx, *a.s, a.start())
	switch {
	case err != nil:
		return false, a.fail(ctx, "render", "", err.Error())
	case t == nil:
		return false, a.skip(ctx, policy.WindowClosed)
	}
	render, warnings, err := Render(a.ch, a.s.Account, []blocks.Message{{Part: t}})
	if err != nil {
		return false, a.fail(ctx, "render", "", err.Error())
	}
	published, _, _ := a.s.Library.Block(a.d.BlockID)
	return a.keep(ctx, &engine.Turn{Block: a.d.BlockID, Version: published.VersionID}, render, warnings)
}

func (a *attempt) start() engine.Start {
	d := a.d
	return engine.Start{Block: d.BlockID, Attributes: d.Attributes, SendID: d.SendID, DeliveryID: d.ID, Seed: uint64(d.ID)}
}

// keep writes what the turn came to; render is nil when it says nothing.
func (a *attempt) keep(ctx context.Context, turn *engine.Turn, render *engine.Render, warnings []string) (ready bool, err error) {
	o, d := a.o, a.d
	p := Prepared{Delivery: d, Turn: turn, Render: render, Lease: a.lease, Now: o.Deps.Now()}
	if render != nil {
		d.RenderID, d.Warnings = render.ID, append(d.Warnings, warnings...)
	}
	d.VersionID = turn.Version
	follow(turn.Timers, d)
	if err := a.to.Prepare(ctx, p); err != nil {
		return false, err
	}
	d.PreparedAt, a.render = p.Now, p.Render
	for i := range turn.Timers {
		o.Bells.RingContact(d.ContactID, turn.Timers[i].DueAt)
	}
	if turn.Touched {
		a.s.Session = turn.Session
	}
	if p.Render == nil {
		return false, a.skip(ctx, policy.NothingToSay)
	}
	return true, nil
}

// hold makes sure that a block which asks, requests or waits runs with the
// contact's lease and interrupts no fresh question. wait is true when the row
// was given back.
func (a *attempt) hold(ctx context.Context, block *flows.Block) (wait bool, err error) {
	o, d, now := a.o, a.d, a.o.Deps.Now()
	if a.lease == nil && d.RunID != "" {
		if wait, err := a.holdMany(ctx); wait || err != nil {
			return wait, err
		}
	}
	if a.lease == nil {
		if err := a.to.Release(ctx, Release{Delivery: d, Status: engine.Queued, NotBefore: now, Uncounted: true, Now: now}); err != nil {
			return false, err
		}
		o.Bells.RingContact(d.ContactID, now)
		return true, nil
	}
	s := a.s.Session
	if d.Force || s == nil || !s.Reply || s.Origin == d.ID {
		return false, nil
	}
	if free := s.AskedAt.Add(engine.FreshQuestion); now.Before(free) {
		if d.RunID != "" {
			return true, a.skip(ctx, policy.InConversation)
		}
		return true, a.release(ctx, Release{NotBefore: free, Class: policy.InConversation, Uncounted: true})
	}
	return false, nil
}

// follow makes what a delivery has planned follow it: for the same reason, so
// that nobody gets by a later message what they have not agreed to. What a
// person sent is planned by nobody.
func follow(timers []engine.Timer, d *engine.Delivery) {
	for i := range timers {
		t := &timers[i]
		t.Origin, t.Seq, t.Category, t.InWindow = d.ID, d.Seq+1, d.Category, d.InWindowOnly
		switch d.Intent {
		case engine.IntentInWindow, engine.IntentDirect, engine.IntentPromotional:
			t.Intent = d.Intent
		}
	}
}
