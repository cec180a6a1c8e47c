package api

import (
	"context"
	"net/http"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/engine/outbox"
)

// broadcastChecks registers what is looked at before a broadcast goes out.
func (a *API) broadcastChecks(tag, one string) {
	register(a, post("prepare-broadcast", one+"/prepare", tag, "Make everything ready, and send nothing", engine.ScopeBroadcasts, http.StatusAccepted).
		about("Writes the audience down and makes every message with its recipient's values. `…/preflight` tells how far it is and what came of it; the `prepared_id` it gives starts exactly those bytes, once. An edit voids it."), a.prepareBroadcast)
	register(a, get("get-preflight", one+"/preflight", tag, "What the newest pre-flight tells", engine.ScopeRead).
		about("Who is reached by which route and who is skipped, why; the longest, emptiest and degraded messages; quota and cost; how long it takes."), a.getPreflight)
	register(a, post("test-broadcast", one+"/test", tag, "Send it to a few people as a test", engine.ScopeBroadcasts, http.StatusOK).
		about("To at most five people, each variant of it, outside the report; nobody gets its tags or attributes."), a.testBroadcast)
	const locks = botPath + "/broadcast-locks"
	register(a, get("list-broadcast-locks", locks, tag, "List routes that are locked", engine.ScopeRead).
		about("Where what was not meant as promotion read like it, or the platform objected, the account sends no broadcast of that intent until a person has looked at it."), a.listLocks)
	register(a, post("unlock-broadcasts", locks+"/{lock}/unlock", tag, "Unlock a route, with a note", scopeAdmin, http.StatusOK), a.unlock)
}

func (a *API) prepareBroadcast(ctx context.Context, in *OneBroadcast) (*body[runAnswer], error) {
	r, err := a.Broadcasts.Prepare(ctx, botOf(ctx).ID, in.Broadcast)
	if err != nil {
		return nil, err
	}
	return answer(showRun(*r), nil)
}

// preflightAnswer is a pre-flight with its locks as callers see them.
type preflightAnswer struct {
	broadcast.Preflight
	Locks []lockAnswer `json:"locks" doc:"That keep it from being sent."`
}

func (a *API) getPreflight(ctx context.Context, in *OneBroadcast) (*body[preflightAnswer], error) {
	p, err := a.Broadcasts.Preflight(ctx, botOf(ctx).ID, in.Broadcast)
	if err != nil {
		return nil, err
	}
	return answer(preflightAnswer{*p, showLocks(p.Locks)}, nil)
}

type trying struct {
	OneBroadcast
	Body struct {
		To []sendTo `json:"to" minItems:"1" maxItems:"5" doc:"Each in one way, as in sends."`
	}
}

type testAnswer struct {
	Variant string      `json:"variant,omitempty"`
	Send    *sendAnswer `json:"send,omitempty"`
	Error   string      `json:"error,omitempty" doc:"Why this person gets none."`
}

func (a *API) testBroadcast(ctx context.Context, in *trying) (*body[list[testAnswer]], error) {
	var to []outbox.Recipient
	for _, t := range in.Body.To {
		r, err := recipient(t)
		if err != nil {
			return nil, err
		}
		to = append(to, r)
	}
	tests, err := a.Broadcasts.TestSend(ctx, botOf(ctx).ID, in.Broadcast, to)
	if err != nil {
		return nil, err
	}
	out := list[testAnswer]{Items: []testAnswer{}}
	for _, t := range tests {
		v := testAnswer{Variant: t.Variant, Error: t.Error}
		if t.Accepted != nil {
			shown, err := showSent(t.Accepted, false)
			if err != nil {
				return nil, err
			}
			v.Send = &shown.Body
		}
		out.Items = append(out.Items, v)
	}
	return answer(out, nil)
}

// lockAnswer is a route that an account may not use for broadcasts of an intent.
type lockAnswer struct {
	ID         string        `json:"id"`
	AccountID  string        `json:"account_id"`
	Intent     engine.Intent `json:"intent"`
	Reason     string        `json:"reason"`
	Hits       []engine.Hit  `json:"hits,omitempty" doc:"What read like promotion, where."`
	RunID      string        `json:"run_id,omitempty"`
	LockedAt   time.Time     `json:"locked_at"`
	UnlockedAt *time.Time    `json:"unlocked_at,omitempty"`
	UnlockedBy string        `json:"unlocked_by,omitempty"`
	Note       string        `json:"note,omitempty"`
}

func showLock(l engine.RouteLock) lockAnswer {
	return lockAnswer{ID: l.ID, AccountID: l.AccountID, Intent: l.Intent, Reason: l.Reason, Hits: l.Hits, RunID: l.RunID, LockedAt: l.LockedAt, UnlockedAt: at(l.UnlockedAt),
		UnlockedBy: l.UnlockedBy, Note: l.Note}
}

func showLocks(locks []engine.RouteLock) []lockAnswer {
	out := []lockAnswer{}
	for _, l := range locks {
		out = append(out, showLock(l))
	}
	return out
}

func (a *API) listLocks(ctx context.Context, in *struct {
	InBot
	All bool `query:"all" doc:"Also those that were unlocked."`
}) (*body[list[lockAnswer]], error) {
	locks, err := a.Broadcasts.Locks(ctx, botOf(ctx).ID, in.All)
	return listed(locks, "", err, showLock)
}

func (a *API) unlock(ctx context.Context, in *struct {
	InBot
	Lock string `path:"lock"`
	Body struct {
		Note string `json:"note" minLength:"1" doc:"What you looked at, and why it may be sent."`
	}
}) (*body[lockAnswer], error) {
	l, err := a.Broadcasts.Unlock(ctx, botOf(ctx).ID, in.Lock, callerOf(ctx).token.Name, in.Body.Note)
	if err != nil {
		return nil, err
	}
	return answer(showLock(*l), nil)
}
