package broadcast

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// Differences about which a start asks.
const (
	defaultTolerance = 20 // percent
	tenTimes         = 10
	quotaTime        = 5 * time.Second // for one platform's answer
)

// Prepare begins a pre-flight: the audience is written down and every message
// is made, and nothing goes out. Preflight tells how far it is and what came of
// it. An earlier pre-flight of the broadcast is void with it.
func (b *Broadcasts) Prepare(ctx context.Context, botID, id string) (*engine.Run, error) {
	of, err := b.Store.Broadcast(ctx, botID, id)
	if err != nil {
		return nil, err
	}
	if err := b.mayCheck(ctx, of); err != nil {
		return nil, err
	}
	r, err := b.newRun(ctx, of)
	if err != nil {
		return nil, err
	}
	r.PreparedID, r.Checking = b.Deps.NewID(), engine.CheckOnly
	if err := b.Store.OpenCheck(ctx, of, r); err != nil {
		return nil, err
	}
	b.Bells.RingRun(r.Number, time.Time{})
	return r, nil
}

// mayCheck says why a plan can have no pre-flight.
func (b *Broadcasts) mayCheck(ctx context.Context, of *engine.Broadcast) error {
	if err := b.checkAll(ctx, of.BotID, &of.Plan); err != nil {
		return err
	}
	requests, field, err := b.requests(ctx, of)
	if err == nil && requests && !of.Plan.FetchNow {
		err = invalid(field, "its block fetches from another system for each person, and a pre-flight would do so now: fetch_now lets it")
	}
	return err
}

// requests reports whether something a plan says calls authors' URLs.
func (b *Broadcasts) requests(ctx context.Context, of *engine.Broadcast) (bool, string, error) {
	bot, err := b.Directory.Bot(ctx, of.BotID)
	if err != nil {
		return false, "", err
	}
	parts, _ := portions(&of.Plan)
	for _, o := range parts {
		if o.content == nil {
			continue
		}
		block, err := b.content(ctx, bot, &of.Plan, o.content, o.field)
		if err != nil || block.Requests {
			return err == nil, o.field, err
		}
	}
	return false, "", nil
}

// checkAgain opens the run of a scheduled broadcast and makes all of it before
// anything goes out, to be compared with a pre-flight before.
func (b *Broadcasts) checkAgain(ctx context.Context, of *engine.Broadcast, last *engine.Run) error {
	if err := b.checkAll(ctx, of.BotID, &of.Plan); err != nil {
		return err
	}
	_, err := b.openChecked(ctx, of, last.Findings.Held)
	return err
}

// openChecked opens a run that makes all messages before the first goes out.
func (b *Broadcasts) openChecked(ctx context.Context, of *engine.Broadcast, expected int64) (*engine.Run, error) {
	r, err := b.newRun(ctx, of)
	if err != nil {
		return nil, err
	}
	r.StartedAt, r.Expected = r.CreatedAt, expected
	r.PreparedID, r.Checking = b.Deps.NewID(), engine.CheckStart
	if err := b.Store.OpenRun(ctx, of, r); err != nil {
		return nil, err
	}
	b.Bells.RingRun(r.Number, time.Time{})
	return r, nil
}

// lastCheck is the newest pre-flight of a broadcast's plan that was made ready,
// nil when there is none.
func (b *Broadcasts) lastCheck(ctx context.Context, of *engine.Broadcast) (*engine.Run, error) {
	list, err := b.Store.Checks(ctx, of.BotID, of.ID)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if r := &list[i]; r.Version == of.Version && r.Findings.Ready {
			return r, nil
		}
	}
	return nil, nil
}

// heldCheck is the pre-flight of a broadcast's plan that can be started.
func (b *Broadcasts) heldCheck(ctx context.Context, of *engine.Broadcast) (*engine.Run, error) {
	list, err := b.Store.Checks(ctx, of.BotID, of.ID)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(list, func(r engine.Run) bool { return r.State == engine.RunHeld && r.Version == of.Version })
	if i < 0 {
		return nil, &engine.Error{Code: engine.Conflict, Field: "frozen", Message: "its people are those a pre-flight has found, and none is ready: prepare it first"}
	}
	return &list[i], nil
}

// beginPrepared starts what a pre-flight has made.
func (b *Broadcasts) beginPrepared(ctx context.Context, of *engine.Broadcast, preparedID string) (*engine.Run, error) {
	list, err := b.Store.Checks(ctx, of.BotID, of.ID)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(list, func(r engine.Run) bool { return r.PreparedID == preparedID && r.Checking == engine.CheckOnly })
	if i < 0 {
		return nil, &engine.Error{Code: engine.NotFound, Field: "prepared_id", Message: "the broadcast has no pre-flight of this id"}
	}
	r := &list[i]
	switch {
	case !r.StartedAt.IsZero():
		return r, nil // it was started by it before
	case r.State == engine.RunHeld:
		return b.startCheck(ctx, of, r)
	case r.State == engine.RunVoided || r.State == engine.RunCanceled:
		return nil, &engine.Error{Code: engine.Conflict, Field: "prepared_id", Message: "this pre-flight cannot be started any more: " + r.Reason, Hint: "prepare it again"}
	}
	return nil, &engine.Error{Code: engine.Conflict, Field: "prepared_id", Message: "this pre-flight is not ready: its messages are still being made"}
}

// startCheck lets a held pre-flight run, once. Whom what was made for them does
// not fit any more is skipped when their turn comes.
func (b *Broadcasts) startCheck(ctx context.Context, of *engine.Broadcast, r *engine.Run) (*engine.Run, error) {
	bot, err := b.Directory.Bot(ctx, of.BotID)
	if err != nil {
		return nil, err
	}
	now := b.Deps.Now()
	reach, err := b.reach(ctx, bot, &r.Plan, now)
	if err != nil {
		return nil, err
	}
	if err := b.unlocked(ctx, r, accountsOf(reach)); err != nil {
		return nil, err
	}
	if of.State == engine.BroadcastScheduled && of.DueFor != "" {
		r.Plan.When.At = of.DueFor
	}
	started, err := b.Store.StartCheck(ctx, r, now)
	if err != nil {
		return nil, err
	}
	if !started {
		again, err := b.Store.Run(ctx, of.BotID, r.ID)
		if err == nil && again.StartedAt.IsZero() {
			err = &engine.Error{Code: engine.Conflict, Field: "state", Message: "the broadcast was started, changed or canceled meanwhile: read it again"}
		}
		return again, err
	}
	b.Bells.RingRun(r.Number, time.Time{})
	return r, nil
}

func accountsOf(reach []Reach) []string {
	var out []string
	for _, w := range reach {
		if !slices.Contains(out, w.AccountID) {
			out = append(out, w.AccountID)
		}
	}
	return out
}

// ready ends the making of a run's messages: one that was started goes on, or
// asks.
func (b *Broadcasts) ready(ctx context.Context, r *engine.Run) error {
	if r.Checking != engine.CheckStart {
		return nil
	}
	reason := differs(&r.Plan, r.Expected, r.Findings.Held)
	if hits := r.Findings.Hits; promotional(hits) {
		reason = promotionOf(r) + ": the route is locked; have a person unlock it with a note and resume, or cancel and send it as promotional"
	}
	to := engine.RunRunning
	if reason != "" {
		to = engine.RunPaused
	}
	moved, err := b.Store.MoveRun(ctx, r, []engine.RunState{engine.RunHeld}, to, reason, b.Deps.Now())
	if err == nil && moved && to == engine.RunRunning {
		b.Bells.RingRun(r.Number, time.Time{})
	}
	return err
}

// differs says by how much an audience is another than was expected, "" when it
// is within the plan's tolerance.
func differs(p *engine.Plan, expected, found int64) string {
	if expected <= 0 {
		return ""
	}
	tolerance := int64(p.Tolerance)
	if tolerance == 0 {
		tolerance = defaultTolerance
	}
	const ask = ": resume to send it to them, or cancel"
	switch {
	case found > tenTimes*expected:
		return fmt.Sprintf("the audience is %d people, more than ten times the %d that were expected%s", found, expected, ask)
	case p.When.At == "":
		return "" // whoever starts it by hand has only a number in mind
	case found > expected && (found-expected)*100 > tolerance*expected:
		return fmt.Sprintf("the audience is %d people, %d%% more than the %d of the last pre-flight%s", found, (found-expected)*100/expected, expected, ask)
	case found < expected && (expected-found)*100 > tolerance*expected:
		return fmt.Sprintf("the audience is %d people, %d%% fewer than the %d of the last pre-flight%s", found, (expected-found)*100/expected, expected, ask)
	}
	return ""
}

// quotas asks the platforms of a run's accounts what is left of a paid month.
// One that does not tell is left out.
func (b *Broadcasts) quotas(ctx context.Context, r *engine.Run) map[string]engine.AccountQuota {
	out := map[string]engine.AccountQuota{}
	for id := range r.Findings.Calls {
		a, err := b.Directory.Account(ctx, id)
		if err != nil {
			continue
		}
		asked, ok := b.Channels[a.Channel].(channels.Quoter)
		if !ok {
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, quotaTime)
		q, err := asked.Quota(ctx, outbox.ChannelAccount(a))
		cancel()
		if err != nil {
			b.log.Warn("quota unreadable", "account_id", id, "error", err)
			continue
		}
		out[id] = engine.AccountQuota{Limited: q.Limited, Left: max(q.Limit-q.Used, 0)}
	}
	return out
}
