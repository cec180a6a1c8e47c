package outbox

import (
	"context"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/policy"
)

// refusal is a call that was not accepted, with the two ways a row can go on
// from it.
type refusal struct {
	made
	now   time.Time
	tries int     // calls of this payload made before it in this turn
	out   Outcome // the row ends here; failed unless somebody knows better
	back  Release // the row is tried again
}

// refused decides what follows a call that was not accepted. again is true
// when it is to be made once more at once, by *w.
func (a *attempt) refused(ctx context.Context, m made, w *way, tries int) (again bool, err error) {
	e := m.refused
	r := refusal{made: m, now: a.o.Deps.Now(), tries: tries,
		out:  Outcome{Attempt: &m.attempt, Status: engine.Failed, Class: string(e.Kind), Code: e.Code, Error: e.Message, RequestID: e.RequestID},
		back: Release{Attempt: &m.attempt, Class: string(e.Kind), Code: e.Code, Error: e.Message}}
	if a.lost = a.lost || e.Retry == channels.RetryUnknown; a.lost {
		r.back.Status = engine.Sending // this call was refused; an earlier one may have been taken
	}
	switch {
	case e.Retry == channels.RetryUnknown && w.route == channels.RouteReply:
		return a.replyUnanswered(ctx, &r)
	case e.Retry == channels.RetryUnknown:
		return false, a.unanswered(ctx, &r)
	case e.Kind == channels.KindReplyToken:
		return a.tokenSpent(ctx, &r, w)
	case e.Kind == channels.KindAuth || e.Kind == channels.KindRestricted && e.Scope != channels.ScopeRecipient:
		return false, a.accountRefused(ctx, &r)
	case e.Kind == channels.KindQuota:
		r.back.NotBefore, r.back.Uncounted = r.now.Add(max(quotaBackoff, e.RetryAfter)), true
		return false, a.release(ctx, r.back)
	case e.Retry == channels.RetryLater:
		r.back.NotBefore = r.now.Add(a.o.backoff(a.d.Attempt, e.RetryAfter))
		r.back.Uncounted = e.Kind == channels.KindThrottled
		return false, a.release(ctx, r.back)
	}
	return false, a.refusedForGood(ctx, &r, w)
}

// replyUnanswered makes a reply nobody answered once more with the same token,
// while that is young: a spent one tells that the first was taken.
func (a *attempt) replyUnanswered(ctx context.Context, r *refusal) (again bool, err error) {
	if r.tries == 0 && r.now.Sub(r.attempt.At) < ReplyRetry {
		return true, nil
	}
	return false, a.nobodyKnows(ctx, r)
}

// unanswered gives back a row whose call nobody answered, to be made again with
// its retry key; without one that the platform still knows it could be taken
// twice.
func (a *attempt) unanswered(ctx context.Context, r *refusal) error {
	if r.attempt.RetryKey == "" || r.now.Sub(a.d.PreparedAt) >= RetryKeyLife {
		return a.nobodyKnows(ctx, r)
	}
	r.back.NotBefore = r.now.Add(a.o.backoff(a.d.Attempt, r.refused.RetryAfter))
	return a.release(ctx, r.back)
}

// tokenSpent goes over to a push when a reply token was spent or too old, and
// nothing was sent by it; after another call it may be that one that spent it.
func (a *attempt) tokenSpent(ctx context.Context, r *refusal, w *way) (again bool, err error) {
	if r.tries > 0 || a.resumed {
		return false, a.nobodyKnows(ctx, r)
	}
	*w = way{route: channels.RoutePush}
	return true, nil
}

// nobodyKnows ends a row of which nobody can say whether it was taken.
func (a *attempt) nobodyKnows(ctx context.Context, r *refusal) error {
	r.out.Status, r.out.Class = engine.Unknown, "lost"
	return a.finish(ctx, r.out)
}

// accountRefused pauses an account whose token the platform does not take, and
// keeps the row.
func (a *attempt) accountRefused(ctx context.Context, r *refusal) error {
	account := a.s.Account
	if err := a.to.PauseAccount(ctx, a.d.BotID, account.ID, r.refused.Error()); err != nil {
		return err
	}
	a.o.log.Error("account paused", "account_id", account.ID, "channel", account.Channel, "error", r.refused.Error())
	r.back.Uncounted = true
	return a.releaseQuietly(ctx, r.back)
}

// refusedForGood ends a row, unless its window has closed and something else
// may be said instead.
func (a *attempt) refusedForGood(ctx context.Context, r *refusal, w *way) error {
	if r.refused.Kind == channels.KindWindowClosed && a.d.MessagesSent == 0 {
		if w.route != channels.RouteTemplate {
			if done, err := a.instead(ctx, &r.attempt); done || err != nil {
				return err
			}
		}
		r.out.Status, r.out.Reason = engine.Skipped, a.asMade(policy.WindowClosed) // what we did not know, the platform did
	}
	r.out.Blocked = r.refused.Kind == channels.KindBlocked
	return a.finish(ctx, r.out)
}

// releaseQuietly gives the row back without ringing: its account is paused and
// resuming it will.
func (a *attempt) releaseQuietly(ctx context.Context, r Release) error {
	r.Delivery, r.Now = a.d, a.o.Deps.Now()
	r.NotBefore = r.Now
	if r.Status == "" {
		r.Status = engine.Queued
	}
	return a.to.Release(ctx, r)
}
