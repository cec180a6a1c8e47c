package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/policy"
)

// send gives a prepared delivery's payloads to the platform, one call after
// another from the first that was not yet accepted.
func (a *attempt) send(ctx context.Context) error {
	if ready, err := a.unpack(ctx); !ready || err != nil {
		return err
	}
	first := 0
	for i, p := range a.said {
		if first >= a.d.MessagesSent {
			done, err := a.call(ctx, p, first, i == len(a.said)-1)
			if !done || err != nil {
				return err
			}
		}
		first += p.Messages
	}
	return nil
}

// unpack reads the payloads of what was prepared; ready is false when there is
// nothing to send and the row was closed.
func (a *attempt) unpack(ctx context.Context) (ready bool, err error) {
	if a.said != nil {
		return true, nil
	}
	d := a.d
	if a.render == nil {
		r, err := a.o.Ledger.Render(ctx, d.BotID, d.RenderID)
		if err != nil {
			return false, err
		}
		if r == nil {
			return false, a.fail(ctx, "render_gone", "", "what was to be sent is no longer kept")
		}
		a.render = r
	}
	if a.said, err = a.alike.read(a.render); err != nil {
		return false, a.fail(ctx, "render", "", "what was to be sent cannot be read: "+err.Error())
	}
	if len(a.said) == 0 {
		return false, a.skip(ctx, policy.NothingToSay)
	}
	return true, nil
}

// call makes one call. done is true when it was accepted and the next may go.
func (a *attempt) call(ctx context.Context, p channels.Payload, first int, last bool) (done bool, err error) {
	w, err := a.ready(ctx, p, first)
	if err != nil || w.route == "" {
		return false, err
	}
	for tries := 0; ; tries++ {
		made, err := a.once(ctx, p, w, first)
		if err != nil {
			return false, err
		}
		if made.refused == nil {
			return true, a.accepted(ctx, made, first+p.Messages, last)
		}
		again, err := a.refused(ctx, made, &w, tries)
		if !again || err != nil {
			return false, err
		}
	}
}

// ready chooses how a call goes out and takes its place in the account's rate;
// without a route the row was closed or given back.
func (a *attempt) ready(ctx context.Context, p channels.Payload, first int) (way, error) {
	if a.begun != nil {
		return *a.begun, nil
	}
	w, err := a.way(ctx, p, first)
	if err != nil || w.route == "" {
		return way{}, err
	}
	if wait, err := a.tokens(ctx, w.route); wait || err != nil {
		return way{}, err
	}
	return w, nil
}

// way is how a call goes out.
type way struct {
	route channels.RouteKind // "": not at all, the row was closed
	token string             // of a reply
	tag   string             // the platform's own, where the route needs one
}

// way chooses how a call goes out.
func (a *attempt) way(ctx context.Context, p channels.Payload, first int) (way, error) {
	o, d := a.o, a.d
	if d.Status == engine.Sending && channels.RouteKind(d.Route) == channels.RoutePush {
		return way{route: channels.RoutePush}, nil // the same bytes under the same key, whatever has changed since
	}
	decision := a.decide(p.Template)
	if decision.Skip != "" {
		if first > 0 { // a part of it is with the person already
			return way{}, a.fail(ctx, decision.Skip, "", "the rest may not be sent any more")
		}
		if decision.Skip == policy.WindowClosed {
			if done, err := a.instead(ctx, nil); done || err != nil {
				return way{}, err
			}
		}
		return way{}, a.skip(ctx, a.asMade(decision.Skip))
	}
	if p.Template { // its bytes are what they are, also when the person has written since
		return way{route: channels.RouteTemplate}, nil
	}
	if first == 0 && a.mayReply() {
		token, err := a.replyToken(ctx, o.Deps.Now().Add(-ReplyTokenLife))
		if err != nil || token != "" {
			return way{route: channels.RouteReply, token: token}, err
		}
	}
	if d.Status == engine.Sending && channels.RouteKind(d.Route) == channels.RouteReply && first == 0 {
		return way{}, a.unknown(ctx, "the answer to the reply was lost") // never pushed by itself: it might come twice
	}
	return way{route: channels.RoutePush, tag: decision.Tag}, nil
}

// replyToken takes a token received after since: the turn's own, else one a
// finished turn left.
func (a *attempt) replyToken(ctx context.Context, since time.Time) (string, error) {
	d := a.d
	if d.InteractionID != 0 {
		return a.o.Ledger.TakeReplyToken(ctx, d.InteractionID, d.ID, since)
	}
	if a.s.Identity.LastInboundAt.Before(since) {
		return "", nil
	}
	return a.o.Ledger.TakeSpareReplyToken(ctx, d.IdentityID, d.ID, since)
}

// tokens asks the account's rate limit; wait is true when the row was given back.
func (a *attempt) tokens(ctx context.Context, route channels.RouteKind) (wait bool, err error) {
	pause := a.limited(ctx, route)
	if pause <= 0 {
		return false, nil
	}
	return true, a.release(ctx, Release{Status: a.d.Status, NotBefore: a.o.Deps.Now().Add(pause), Class: string(channels.KindThrottled), Uncounted: true})
}

// limited takes a place in the account's rate, or says how long there is none.
func (a *attempt) limited(ctx context.Context, route channels.RouteKind) time.Duration {
	share := ShareReplies
	if a.d != nil && a.d.RunID != "" {
		share = ShareBulk
	}
	return a.o.take(ctx, a.s.Account, route, share)
}

// take takes a place in an account's rate, or says how long there is none.
func (o *Outbox) take(ctx context.Context, account *engine.Account, route channels.RouteKind, share Share) time.Duration {
	ch, ok := o.Channels[account.Channel]
	if !ok || o.Limiter == nil || ch.Limits().PushPerSecond == 0 {
		return 0
	}
	pause, err := o.Limiter.Take(ctx, account.ID+":"+string(route), ch.Limits().PushPerSecond, share)
	if err != nil {
		o.log.Warn("rate limit unreadable, going on without", "account_id", account.ID, "error", err)
		return 0
	}
	if m := o.Metrics.Waited; m != nil && pause > 0 {
		m(account.Channel, pause)
	}
	return pause
}

// made is one call that was made.
type made struct {
	attempt engine.Attempt
	sent    *channels.Sent
	refused *channels.SendError
}

// once writes that the call is about to be made, and makes it.
func (a *attempt) once(ctx context.Context, p channels.Payload, w way, first int) (made, error) {
	o, d := a.o, a.d
	m := made{attempt: engine.Attempt{ID: d.AttemptID, DeliveryID: d.ID, At: o.Deps.Now(), Route: string(w.route)}}
	key := channels.Key{Metadata: fmt.Sprintf("d:%d.%d", d.ID, first)}
	if w.route == channels.RoutePush && a.ch.Limits().RetryKeys {
		key.Retry = retryKey(d, first)
		m.attempt.RetryKey = key.Retry
	}
	if a.begun != nil {
		a.begun = nil // a second call begins by itself
	} else {
		if until := m.attempt.At.Add(callLease); d.LeaseUntil.Before(until) {
			d.LeaseUntil = until
		}
		if err := a.to.Begin(ctx, d, m.attempt); err != nil {
			return made{}, err
		}
	}
	d.Status, d.Route = engine.Sending, string(w.route)
	if d.LeaseUntil.Sub(o.Deps.Now()) < leastLease {
		return made{}, a.stoodStill(ctx)
	}
	target := channels.Target{Account: ChannelAccount(a.s.Account), To: a.s.Identity.ExternalID, Route: w.route, ReplyToken: w.token,
		Answer: d.Intent == engine.IntentReply, Tag: w.tag}
	sent, err := a.ch.Send(ctx, target, p, key)
	o.answered(&m, a.s.Account.Channel, sent, err)
	if a.heard != nil && m.refused != nil {
		a.heard(ctx, m.refused)
	}
	return m, nil
}

// answered notes and counts how a call ended.
func (o *Outbox) answered(m *made, channel string, sent *channels.Sent, err error) {
	m.attempt.EndedAt = o.Deps.Now()
	if err == nil {
		m.sent = sent
	} else if !errors.As(err, &m.refused) {
		m.refused = &channels.SendError{Kind: channels.KindDown, Retry: channels.RetryUnknown, Message: err.Error()}
	}
	m.attempt.Outcome = outcomeOf(m.refused)
	if m.refused != nil {
		m.attempt.Code, m.attempt.Message, m.attempt.RequestID = m.refused.Code, m.refused.Message, m.refused.RequestID
	} else {
		m.attempt.RequestID = sent.RequestID
	}
	if count := o.Metrics.Refused; count != nil && m.refused != nil {
		count(channel, string(m.refused.Kind))
	}
	if count := o.Metrics.Called; count != nil {
		count(channel, m.attempt.Route, m.attempt.Outcome, m.attempt.EndedAt.Sub(m.attempt.At))
	}
}

func outcomeOf(e *channels.SendError) string {
	switch {
	case e == nil:
		return "sent"
	case e.Retry == channels.RetryUnknown:
		return "lost"
	case e.Retry == channels.RetryLater:
		return "later"
	}
	return "refused"
}

// accepted records that the platform took a call.
func (a *attempt) accepted(ctx context.Context, m made, messages int, last bool) error {
	a.d.MessagesSent, a.d.RequestID, a.lost = messages, m.sent.RequestID, false
	ids := m.sent.MessageIDs
	if !a.ch.Limits().Receipts {
		ids = nil // nobody will name the messages
	}
	if !last {
		if err := a.to.Progress(ctx, a.d, m.attempt, messages, ids); err != nil {
			return err
		}
		a.d.Status = engine.Queued // until the next call is about to be made
		return nil
	}
	return a.finish(ctx, Outcome{Attempt: &m.attempt, Status: engine.SentOut, MessagesSent: messages,
		MessageIDs: ids, RequestID: m.sent.RequestID, Route: m.attempt.Route})
}

// retryNamespace makes retry keys: the same delivery, first message and
// generation always give the same UUID.
var retryNamespace = uuid.MustParse("5d0e3c0e-9a55-5f6b-8a43-6b1f6d7f0c11")

func retryKey(d *engine.Delivery, first int) string {
	return uuid.NewSHA1(retryNamespace, fmt.Appendf(nil, "%d.%d.%d", d.ID, first, d.Generation)).String()
}

// backoff doubles from a second with each attempt, spread by up to a half, and
// is never less than the platform asked for.
func (o *Outbox) backoff(attempt int, atLeast time.Duration) time.Duration {
	d := firstBackoff << min(max(attempt-1, 0), 10)
	d = min(d, longestBackoff)
	d += time.Duration(o.Deps.Rand() % uint64(d/2+1))
	return max(d, atLeast)
}
