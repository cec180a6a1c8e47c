package outbox

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/policy"
)

// Deliver works one delivery as far as it goes now: prepared, routed, called
// and recorded, or given back with the time to try again. lease is the
// contact's, when the caller holds it; a block that asks, requests or waits
// needs it, and without it the contact's bell is rung instead. nil also means
// that the row was not to be had: somebody else has it, or its turn has not
// come.
func (o *Outbox) Deliver(ctx context.Context, id int64, lease *Lease) error {
	d, err := o.Ledger.Claim(ctx, id, o.newClaim())
	if err != nil || d == nil {
		return err
	}
	return o.work(ctx, &attempt{o: o, d: d, lease: lease})
}

// Taking is the claim of what a turn says, for the commit that makes the row: a
// commit apart would cost more than the call.
func (o *Outbox) Taking(ctx context.Context, s *engine.Situation) *Taking {
	t := Taking{Claim: o.newClaim()}
	if freeRoute(s, t.Now) && o.take(ctx, s.Account, channels.RouteReply, ShareReplies) <= 0 {
		t.Since = t.Now.Add(-ReplyTokenLife)
	}
	return &t
}

// DeliverTaken is Deliver for a row that the holder of the contact has made and
// claimed by one commit, with its render: what is known is not read again.
func (o *Outbox) DeliverTaken(ctx context.Context, t *Taken, lease *Lease, s *engine.Situation, r *engine.Render) error {
	a := &attempt{o: o, d: t.Delivery, lease: lease, s: s, render: r}
	if t.Token != "" {
		a.begun = &way{route: channels.RouteReply, token: t.Token}
	}
	return o.work(ctx, a)
}

// newClaim is a claim of an attempt's own.
func (o *Outbox) newClaim() Claim {
	now := o.Deps.Now()
	return Claim{AttemptID: o.Deps.NewID(), Now: now, LeaseUntil: now.Add(attemptLease)}
}

// work takes a row that was claimed as far as it goes.
func (o *Outbox) work(ctx context.Context, a *attempt) error {
	a.to = o.Ledger
	d := a.d
	if err := a.run(ctx); err != nil && !errors.Is(err, ErrLost) {
		return errors.Join(fmt.Errorf("deliver %d: %w", d.ID, err), a.letGo(ctx), a.freeLease(ctx))
	}
	if err := a.freeLease(ctx); err != nil {
		return err
	}
	if !a.done || a.lease != nil {
		return nil // it waits for something that will ring for it, or the contact's holder goes on
	}
	next, err := o.Ledger.NextOf(ctx, d.IdentityID, o.Deps.Now())
	if err != nil {
		return fmt.Errorf("find what follows delivery %d: %w", d.ID, err)
	}
	if next != 0 {
		o.Bells.RingDelivery(next, time.Time{})
	}
	return nil
}

// attempt is one worker's hold on a delivery.
type attempt struct {
	o     *Outbox
	d     *engine.Delivery
	lease *Lease
	s     *engine.Situation // loaded when nil
	bare  bool              // s is what Addressees tell
	ch    channels.Channel
	// render is what is sent; loaded when nil.
	render *engine.Render
	// resumed: an earlier call by this route was made and its answer never read.
	resumed bool
	// lost: the platform may have taken a call for the messages that are next,
	// in this attempt or one before. No refusal makes them unsent again.
	lost bool
	// begun is the call that was begun with the claim, nil when none was.
	begun *way
	// to is where the row's states are written; the ledger when nil.
	to writes
	// heard is told of refusals; nil: nobody.
	heard func(context.Context, *channels.SendError)
	// of a row that is worked with others: the multicast that was under way, the
	// status it was read with, and whether it is somebody else's by now.
	group      string
	madeBefore bool // the run was started
	before     engine.Status
	lostRow    bool
	// said are the render's payloads; read from it when nil.
	said []channels.Payload
	// alike is what the rows of the visit are told, nil when it goes alone.
	alike *alike
	done  bool // the row is closed: the next of this identity may go
	// ownLease: the lease was taken by the attempt itself.
	ownLease bool
	// effects is put on the contact when the platform has taken the message; nil:
	// nothing is.
	effects *engine.Deltas
	// track is how taps on the links of a run's message are counted.
	track engine.Tracking
}

// letGo gives a row back that no call was made for, also when ctx has ended: a
// fault of ours, or a process that stops, must not hold it to its lease's end.
// What became of a call that was made is left to that end.
func (a *attempt) letGo(ctx context.Context) error {
	if a.d.Status != engine.Queued {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), letGoTimeout)
	defer cancel()
	err := a.release(ctx, Release{NotBefore: a.o.Deps.Now().Add(a.o.backoff(a.d.Attempt, 0)), Class: a.d.Class, Code: a.d.Code, Error: a.d.Error})
	if errors.Is(err, ErrLost) {
		return nil
	}
	return err
}

// writes is what an attempt writes about its row.
type writes interface {
	Prepare(ctx context.Context, p Prepared) error
	Begin(ctx context.Context, d *engine.Delivery, a engine.Attempt) error
	Progress(ctx context.Context, d *engine.Delivery, a engine.Attempt, messagesSent int, ids []string) error
	Finish(ctx context.Context, o Outcome) error
	Release(ctx context.Context, r Release) error
	PauseAccount(ctx context.Context, botID, accountID, reason string) error
}

// run takes the delivery through its states. Every way out without an error
// leaves the row closed or given back.
func (a *attempt) run(ctx context.Context) error {
	if goesOn, err := a.admit(ctx); !goesOn || err != nil {
		return err
	}
	if a.d.RenderID == "" {
		if ready, err := a.prepare(ctx); !ready || err != nil {
			return err
		}
	}
	return a.send(ctx)
}

// admit loads what the attempt starts from. goesOn is false when the row was
// closed or given back: it is too late, its person is gone, or a call that was
// made before cannot be repeated.
func (a *attempt) admit(ctx context.Context) (goesOn bool, err error) {
	o, d := a.o, a.d
	if !d.ExpiresAt.IsZero() && !o.Deps.Now().Before(d.ExpiresAt) && d.Status == engine.Queued {
		if d.MessagesSent > 0 { // a part of it is with the person already
			return false, a.fail(ctx, policy.Expired, "", "the rest could not go out before it expired")
		}
		return false, a.skip(ctx, policy.Expired)
	}
	if a.s == nil {
		s, err := o.Directory.Situation(ctx, d.BotID, d.IdentityID)
		switch {
		case engine.IsCode(err, engine.NotFound):
			return false, a.forgotten(ctx)
		case err != nil:
			return false, err
		}
		a.s = s
	}
	if a.ch, err = o.channel(a.s.Account); err != nil {
		return false, a.fail(ctx, "unsupported", "", err.Error())
	}
	if d.Status == engine.Sending && a.begun == nil {
		a.lost = true
		if settled, err := a.resumeLost(ctx); settled || err != nil {
			return false, err
		}
	}
	return true, nil
}

// forgotten closes a row whose person was erased between its acceptance and
// now: there is nobody to send it to, and nothing to wait for. A call that was
// under way may have reached them.
func (a *attempt) forgotten(ctx context.Context) error {
	if a.d.Status == engine.Sending {
		return a.finish(ctx, Outcome{Status: engine.Unknown, Class: "lost", Reason: policy.Erased, Error: "the contact was erased before the answer to the call was read"})
	}
	return a.finish(ctx, Outcome{Status: engine.Canceled, Reason: policy.Erased})
}

// resumeLost decides what becomes of a call whose answer nobody has read: with
// a retry key the same bytes go out again under the same key, a reply is tried
// again while its token may still live, and all else is unknown.
func (a *attempt) resumeLost(ctx context.Context) (settled bool, err error) {
	d, now := a.d, a.o.Deps.Now()
	switch channels.RouteKind(d.Route) {
	case channels.RoutePush:
		if a.ch.Limits().RetryKeys && now.Sub(d.PreparedAt) < RetryKeyLife {
			return false, nil
		}
	case channels.RouteReply:
		if d.MessagesSent > 0 {
			return false, nil // the reply itself was accepted
		}
		token, err := a.replyToken(ctx, now.Add(-ReplyRetry))
		if err != nil {
			return true, err
		}
		if token != "" {
			a.resumed = true
			return false, nil
		}
	}
	return true, a.unknown(ctx, "the answer to the call was lost")
}

// finish writes an outcome and counts it.
func (a *attempt) finish(ctx context.Context, out Outcome) error {
	out.Delivery, out.Now = a.d, a.o.Deps.Now()
	if out.MessagesSent == 0 {
		out.MessagesSent = a.d.MessagesSent
	}
	if out.Route == "" {
		out.Route = a.d.Route
	}
	if out.Status == engine.SentOut {
		out.Effects = a.effects
	}
	undelivered := (out.Status == engine.Failed || out.Status == engine.Skipped) && a.asked()
	out.EndSession = undelivered
	if err := a.to.Finish(ctx, out); err != nil {
		if _, many := a.to.(*visit); many {
			return passedOver(err)
		}
		return err
	}
	if undelivered {
		a.followUp(ctx, a.s.Session.Undelivered)
	}
	a.done = true
	a.d.Status = out.Status
	a.tell(ctx, out)
	if m := a.o.Metrics.Outcome; m != nil {
		reason := out.Reason
		if reason == "" {
			reason = out.Class
		}
		m(a.channelName(), out.Status, reason)
	}
	return nil
}

// asked reports whether this delivery's block opened the session that waits.
func (a *attempt) asked() bool {
	return a.s != nil && a.s.Session != nil && a.d.ID != 0 && a.s.Session.Origin == a.d.ID
}

// followUp orders the block an author gave for a question that could not be
// delivered. It is a delivery of its own, which policy judges again.
func (a *attempt) followUp(ctx context.Context, blockID string) {
	if blockID == "" {
		return
	}
	o, d, now := a.o, a.d, a.o.Deps.Now()
	send := engine.Send{ID: o.Deps.NewID(), BotID: d.BotID, Source: "on_undelivered", CreatedAt: now, ExpiresAt: now.Add(DefaultExpiry)}
	next := engine.Delivery{BotID: d.BotID, AccountID: d.AccountID, SendID: send.ID, OriginID: d.ID, Seq: d.Seq + 1, ContactID: d.ContactID,
		IdentityID: d.IdentityID, ChosenBecause: "follows delivery " + strconv.FormatInt(d.ID, 10), BlockID: blockID, Status: engine.Queued,
		Intent: d.Intent, Category: d.Category, Attributes: d.Attributes, NotBefore: now, ExpiresAt: send.ExpiresAt, CreatedAt: now}
	r, err := o.accept.Do(ctx, Stored{Send: send, Delivery: &next, ContactID: d.ContactID})
	if err != nil || r.Err != nil {
		o.log.Error("follow-up not stored", "delivery_id", d.ID, "block_id", blockID, "error", errors.Join(err, r.Err))
		return
	}
	o.Bells.RingContact(d.ContactID, now)
}

func (a *attempt) channelName() string {
	if a.s == nil {
		return ""
	}
	return a.s.Account.Channel
}

func (a *attempt) skip(ctx context.Context, reason string) error {
	return a.finish(ctx, Outcome{Status: engine.Skipped, Reason: reason})
}

func (a *attempt) fail(ctx context.Context, class, code, message string) error {
	return a.finish(ctx, Outcome{Status: engine.Failed, Class: class, Code: code, Error: message})
}

func (a *attempt) unknown(ctx context.Context, why string) error {
	return a.finish(ctx, Outcome{Status: engine.Unknown, Class: "lost", Error: why})
}

// release gives the row back and rings for when it is due; a row of a
// broadcast is found by its run.
func (a *attempt) release(ctx context.Context, r Release) error {
	r.Delivery, r.Now = a.d, a.o.Deps.Now()
	if r.Status == "" {
		r.Status = engine.Queued
	}
	if err := a.to.Release(ctx, r); err != nil {
		return err
	}
	if a.d.RunID == "" {
		a.o.Bells.RingDelivery(a.d.ID, r.NotBefore)
	}
	return nil
}
