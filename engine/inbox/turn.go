package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// answer runs the turn of one interaction. Its attempt was counted before, so
// that an interaction which kills its worker is given up after a few and the
// next one is taken.
func (in *Inbox) answer(ctx context.Context, l *outbox.Lease, it *engine.Interaction) error {
	if it.Attempt > maxAttempts {
		in.log.Error("interaction given up", "interaction_id", it.ID, "contact_id", it.ContactID, "attempts", maxAttempts)
		return in.fail(ctx, l, it, fmt.Sprintf("given up after %d attempts", maxAttempts))
	}
	return in.run(ctx, l, it)
}

// run makes the turn, commits it and sends what it said.
func (in *Inbox) run(ctx context.Context, l *outbox.Lease, it *engine.Interaction) error {
	started := in.Deps.Now()
	s, err := in.Directory.Situation(ctx, it.BotID, it.IdentityID)
	if err != nil {
		return err
	}
	if s.Library, err = in.Libraries.Library(ctx, it.BotID); err != nil {
		return err
	}
	if in.Secrets != nil {
		s.Secrets = in.Secrets(ctx, it.BotID)
	}
	tap, err := in.resolveTap(ctx, it)
	if err != nil {
		return err
	}
	s.BeforeFetch = func(ctx context.Context) error { return in.renew(ctx, l) }
	lost, err := in.keepFile(ctx, l, s, it)
	if err != nil {
		return err
	}

	turnCtx, cancel := context.WithTimeout(ctx, turnBudget+10*time.Second)
	defer cancel()
	turn := in.Engine.Resume(turnCtx, *s, it)
	if ctx.Err() != nil {
		return ctx.Err() // stopping: the turn is run again elsewhere
	}
	if errors.Is(turn.Failed, engine.ErrUnavailable) {
		return turn.Failed // not for now: the interaction stays and is tried again
	}
	if lost != nil {
		turn.Events = append(turn.Events, *lost)
	}
	t, err := in.commitOf(s, it, turn, tap)
	if err != nil {
		return in.fail(ctx, l, it, err.Error())
	}
	if len(t.Deliveries) > 0 {
		t.Take = in.Outbox.Taking(ctx, s)
	}
	done, err := in.Store.CommitTurn(ctx, l, t)
	if err != nil {
		return err
	}
	if m := in.Metrics.Turn; m != nil {
		m(turn.Outcome, in.Deps.Now().Sub(started))
	}
	if m := in.Metrics.Answered; m != nil && it.ID != 0 {
		m(in.Deps.Now().Sub(it.ReceivedAt))
	}
	return in.after(ctx, l, s, t, done.Taken)
}

// commitOf makes the rows of a turn.
func (in *Inbox) commitOf(s *engine.Situation, it *engine.Interaction, turn *engine.Turn, tap *Tap) (Turn, error) {
	now := in.Deps.Now()
	t := Turn{BotID: it.BotID, InteractionID: it.ID, IdentityID: it.IdentityID, ContactID: it.ContactID,
		Outcome: turn.Outcome, Closed: true, Turn: turn, Tap: tap, Wrote: wroteAt(it), Now: now}
	if turn.Failed != nil {
		t.Error = turn.Failed.Error()
	}
	if len(turn.Messages) == 0 {
		return t, nil
	}
	ch, ok := in.Channels[s.Account.Channel]
	if !ok {
		return t, fmt.Errorf("the channel %s is not part of this program", s.Account.Channel)
	}
	render, warnings, err := outbox.Render(ch, s.Account, turn.Messages)
	if err != nil {
		return t, err
	}
	replyTo := it.ID
	if replyTo == 0 && s.Session != nil {
		replyTo = s.Session.Interaction // a pause goes on under the reply token it left
	}
	t.Renders = []engine.Render{*render}
	t.Deliveries = []engine.Delivery{{BotID: it.BotID, AccountID: s.Account.ID, InteractionID: replyTo, ContactID: it.ContactID,
		IdentityID: it.IdentityID, ChosenBecause: "they wrote on this account", BlockID: turn.Block, VersionID: turn.Version,
		RenderID: render.ID, Status: engine.Queued, Intent: engine.IntentReply, Warnings: warnings, NotBefore: now,
		ExpiresAt: now.Add(outbox.ReplyExpiry), CreatedAt: now, PreparedAt: now}}
	return t, nil
}

// wroteAt is when somebody wrote a text, zero when they did something else.
func wroteAt(it *engine.Interaction) time.Time {
	if in := it.Inbound.Input; it.Kind != engine.DidMessage || in == nil || in.Kind != blocks.InputText {
		return time.Time{}
	}
	return it.OccurredAt
}

// after sends what a committed turn said and sees to what follows it.
func (in *Inbox) after(ctx context.Context, l *outbox.Lease, s *engine.Situation, t Turn, said *outbox.Taken) error {
	if said != nil { // else an earlier message to them is under way, whose end rings for this one
		if err := in.Outbox.DeliverTaken(ctx, said, l, s, &t.Renders[0]); err != nil {
			return err
		}
	}
	turn := t.Turn
	if s.Session != nil && turn.Touched && turn.Session == nil {
		if err := in.Store.Wake(ctx, s.Identity.ID, in.Deps.Now()); err != nil {
			return err
		}
	}
	if turn.Session != nil && !turn.Session.Until.IsZero() {
		in.Bells.RingContact(l.ContactID, turn.Session.Until)
	}
	for i := range turn.Timers {
		in.Bells.RingContact(l.ContactID, turn.Timers[i].DueAt)
	}
	if turn.Typing > 0 {
		in.typing(ctx, s, turn.Typing)
	}
	if i := s.Identity; in.Deps.Now().Sub(i.ProfileAt) > profileMaxAge && !i.Group && i.BlockedAt.IsZero() { // of those who have left no platform tells
		in.Bells.RingProfile(s.Identity.ID)
	}
	return nil
}

// typing shows that more is coming; that it cannot be shown harms nothing.
func (in *Inbox) typing(ctx context.Context, s *engine.Situation, d time.Duration) {
	typer, ok := in.Channels[s.Account.Channel].(channels.Typer)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	seconds := int((d + time.Second - 1) / time.Second)
	if err := typer.Typing(ctx, outbox.ChannelAccount(s.Account), s.Identity.ExternalID, seconds); err != nil {
		in.log.Debug("typing not shown", "account_id", s.Account.ID, "error", err)
	}
}

// fail closes an interaction that no turn could be made of. Where nobody did
// anything the session that waited is closed, or its time would come for ever.
func (in *Inbox) fail(ctx context.Context, l *outbox.Lease, it *engine.Interaction, why string) error {
	t := Turn{BotID: it.BotID, InteractionID: it.ID, IdentityID: it.IdentityID,
		ContactID: it.ContactID, Outcome: engine.OutcomeFailed, Error: why, Closed: true, Wrote: wroteAt(it), Now: in.Deps.Now()}
	if it.ID == 0 {
		in.log.Error("session closed", "identity_id", it.IdentityID, "contact_id", it.ContactID, "error", why)
		t.Turn = &engine.Turn{Touched: true}
	}
	_, err := in.Store.CommitTurn(ctx, l, t)
	return err
}

// resolveTap finds what the tapped button does and which delivery carried it.
// A tap whose render is gone still runs its block.
func (in *Inbox) resolveTap(ctx context.Context, it *engine.Interaction) (*Tap, error) {
	if it.Kind != engine.DidTap {
		return nil, nil
	}
	button := blocks.Button{Action: blocks.ActionGoto, Value: it.Inbound.Block}
	r, err := in.Store.Render(ctx, it.BotID, it.Inbound.Render)
	if err != nil {
		return nil, err
	}
	tap := &Tap{RenderID: it.Inbound.Render, Button: it.Inbound.Button, At: it.OccurredAt}
	if r != nil {
		var all []blocks.Button
		if err := json.Unmarshal(r.Buttons, &all); err != nil {
			return nil, fmt.Errorf("read the buttons of render %s: %w", r.ID, err)
		}
		if it.Inbound.Button < len(all) {
			button = all[it.Inbound.Button]
		}
		tap.Place, tap.Title = outbox.PlaceOf(r.Messages, it.Inbound.Button), button.Title
		if tap.DeliveryID, err = in.Store.DeliveryOfRender(ctx, r.ID, it.IdentityID); err != nil {
			return nil, err
		}
	}
	picked := it.Inbound.Input
	it.Inbound.Input = &blocks.Input{Kind: blocks.InputTap, Text: button.Title, Tap: &button}
	if picked != nil {
		it.Inbound.Input = picked
		it.Inbound.Input.Tap = &button
	}
	if tap.DeliveryID == 0 {
		return nil, nil // nobody was sent this render: a copied or invented payload
	}
	return tap, nil
}

// RefreshProfile asks the platform who somebody is. It runs in the background:
// no answer waits for it.
func (in *Inbox) RefreshProfile(ctx context.Context, identityID int64) error {
	botID, err := in.Store.BotOfIdentity(ctx, identityID)
	if err != nil {
		return err
	}
	i, err := in.Directory.Identity(ctx, botID, identityID)
	if err != nil || i == nil {
		return err
	}
	now := in.Deps.Now()
	if i.Group || now.Sub(i.ProfileAt) <= profileMaxAge {
		return nil
	}
	a, err := in.Directory.Account(ctx, i.AccountID)
	if err != nil {
		return err
	}
	profiler, ok := in.Channels[a.Channel].(channels.Profiler)
	if !ok || a.State != engine.AccountActive {
		return nil
	}
	p, err := profiler.Profile(ctx, outbox.ChannelAccount(a), i.ExternalID)
	var refused *channels.SendError
	if errors.As(err, &refused) && refused.Retry != channels.RetryNever {
		return nil // asked again with their next message
	}
	if err != nil {
		p = nil
	}
	return in.Store.SaveProfile(ctx, identityID, p, now)
}
