package broadcast

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// Create keeps a new broadcast as a draft.
func (b *Broadcasts) Create(ctx context.Context, botID string, p engine.Plan) (*engine.Broadcast, error) {
	if err := checkLabels(&p); err != nil {
		return nil, err
	}
	return b.create(ctx, botID, p)
}

// create is Create for a plan that is called as one that is kept.
func (b *Broadcasts) create(ctx context.Context, botID string, p engine.Plan) (*engine.Broadcast, error) {
	if err := b.checkAll(ctx, botID, &p); err != nil {
		return nil, err
	}
	now := b.Deps.Now()
	out := &engine.Broadcast{ID: b.Deps.NewID(), BotID: botID, State: engine.BroadcastDraft, Version: 1, Plan: p, By: author(ctx), CreatedAt: now, UpdatedAt: now}
	if err := b.Store.CreateBroadcast(ctx, out); err != nil {
		return nil, err
	}
	return out, nil
}

// Edit replaces the plan of a broadcast that has not started. version is the
// one it was read at. One that was scheduled is a draft again: its time is
// chosen anew. A pre-flight of the plan before is void.
func (b *Broadcasts) Edit(ctx context.Context, botID, id string, version int, p engine.Plan) (*engine.Broadcast, error) {
	out, err := b.Store.Broadcast(ctx, botID, id)
	if err != nil {
		return nil, err
	}
	if !labelled(&p, &out.Plan) {
		if err := checkLabels(&p); err != nil {
			return nil, err
		}
	}
	if err := b.checkAll(ctx, botID, &p); err != nil {
		return nil, err
	}
	out.Plan, out.Version, out.State, out.Reason, out.UpdatedAt = p, version, engine.BroadcastDraft, "", b.Deps.Now()
	out.DueAt, out.DueFor, out.By = time.Time{}, "", author(ctx)
	return out, b.Store.EditBroadcast(ctx, out)
}

// checkAll says what is wrong with a plan for a bot as it stands.
func (b *Broadcasts) checkAll(ctx context.Context, botID string, p *engine.Plan) error {
	if err := check(p); err != nil {
		return err
	}
	bot, err := b.Directory.Bot(ctx, botID)
	if err != nil {
		return err
	}
	if err := b.mayTrack(bot, p); err != nil {
		return err
	}
	if _, err := b.filter(ctx, botID, &p.Audience); err != nil {
		return err
	}
	if _, err := b.reach(ctx, bot, p, b.Deps.Now()); err != nil {
		return err
	}
	rules := bot.Settings.Broadcasts
	if rules.Unsubscribe.Required && p.Intent == engine.IntentPromotional && !p.Unsubscribe {
		return invalid("unsubscribe", "the bot's settings want everything promotional to say how to unsubscribe: set unsubscribe, which adds the bot's words")
	}
	if _, err := quiet(rules.QuietHours, p); err != nil {
		return err
	}
	return checkWhen(bot, p.When)
}

// Schedule sets a broadcast to start at its plan's time, or of what repeats at
// the next.
func (b *Broadcasts) Schedule(ctx context.Context, botID, id string) (*engine.Broadcast, error) {
	out, err := b.Store.Broadcast(ctx, botID, id)
	if err != nil {
		return nil, err
	}
	bot, err := b.Directory.Bot(ctx, botID)
	if err != nil {
		return nil, err
	}
	if out.Plan.When.At == "" {
		return nil, invalid("when.at", "say at what time it is to start; start sends it now")
	}
	if out.Plan.Frozen {
		if _, err := b.heldCheck(ctx, out); err != nil {
			return nil, err
		}
	}
	now := b.Deps.Now()
	if out.DueAt, out.DueFor, err = b.firstDue(ctx, bot, out, now); err != nil {
		return nil, err
	}
	out.State, out.Reason, out.UpdatedAt = engine.BroadcastScheduled, "", now
	return out, b.Store.PlaceBroadcast(ctx, out)
}

// Start begins a run now. A second start of the same is refused.
func (b *Broadcasts) Start(ctx context.Context, botID, id string) (*engine.Run, error) {
	return b.Begin(ctx, botID, id, Beginning{})
}

// Beginning says how a run begins. The zero value is to send the plan as it is.
type Beginning struct {
	// PreparedID sends exactly what a pre-flight has made, and skips as
	// route_changed whom it may not go out to any more.
	PreparedID string
	// Expected is how many people whoever starts it thinks of: a run whose
	// audience is ten times larger is paused and asks. 0: not said.
	Expected int64
}

// Begin begins a run now. A second one is refused with Conflict; a pre-flight
// that is started twice is started once, and its run the answer to both.
func (b *Broadcasts) Begin(ctx context.Context, botID, id string, how Beginning) (*engine.Run, error) {
	of, err := b.Store.Broadcast(ctx, botID, id)
	if err != nil {
		return nil, err
	}
	if how.Expected < 0 {
		return nil, invalid("expected", "it counts people: it is 0 when nothing is expected, or more")
	}
	if how.PreparedID != "" {
		return b.beginPrepared(ctx, of, how.PreparedID)
	}
	if err := b.someWay(ctx, of); err != nil {
		return nil, err
	}
	return b.open(ctx, of, how.Expected)
}

// someWay refuses a start that could reach nobody: each account it would go out
// on is locked. Where only some are, their people are skipped and the report
// says so.
func (b *Broadcasts) someWay(ctx context.Context, of *engine.Broadcast) error {
	bot, err := b.Directory.Bot(ctx, of.BotID)
	if err != nil {
		return err
	}
	reach, err := b.reach(ctx, bot, &of.Plan, b.Deps.Now())
	if err != nil || slices.ContainsFunc(reach, func(r Reach) bool { return !r.Locked }) {
		return err
	}
	return b.unlocked(ctx, &engine.Run{BotID: of.BotID, Plan: of.Plan}, accountsOf(reach))
}

// capsOf are the frequency caps that hold for a plan.
func capsOf(bot *engine.Bot, p *engine.Plan, now time.Time) []Cap {
	var out []Cap
	for _, c := range bot.Settings.Broadcasts.Caps {
		if !p.Transactional && (c.Category == "" || c.Category == p.Category) {
			out = append(out, Cap{Category: c.Category, Most: c.Most, Since: now.AddDate(0, 0, -c.Days)})
		}
	}
	return out
}

// open begins a run of a broadcast as it was read. Where something may have to
// be asked before the first message goes out, all are made first: how many
// there are, or whether what is not to be promotion reads like it.
func (b *Broadcasts) open(ctx context.Context, of *engine.Broadcast, expected int64) (*engine.Run, error) {
	if err := b.checkAll(ctx, of.BotID, &of.Plan); err != nil {
		return nil, err
	}
	if expected > 0 || of.Plan.Intent != engine.IntentPromotional {
		requests, _, err := b.requests(ctx, of)
		if err != nil {
			return nil, err
		}
		if !requests || of.Plan.FetchNow {
			return b.openChecked(ctx, of, expected)
		}
	}
	r, err := b.newRun(ctx, of)
	if err != nil {
		return nil, err
	}
	r.StartedAt, r.Expected = r.CreatedAt, expected
	if err := b.Store.OpenRun(ctx, of, r); err != nil {
		return nil, err
	}
	b.Bells.RingRun(r.Number, time.Time{})
	return r, nil
}

// newRun is a run of a broadcast as it was read; its plan's time is the one it
// is for, and its links are counted as was meant when it began.
func (b *Broadcasts) newRun(ctx context.Context, of *engine.Broadcast) (*engine.Run, error) {
	track, err := b.trackingOf(ctx, of)
	if err != nil {
		return nil, err
	}
	r := &engine.Run{ID: b.Deps.NewID(), Plan: of.Plan, State: engine.RunFreezing, DueAt: of.DueAt, CreatedAt: b.Deps.Now()}
	if of.DueFor != "" {
		r.Plan.When.At = of.DueFor
	}
	r.Plan.Track = track
	return r, nil
}

// Pause stops a run where it is: what is under way ends, nothing else begins.
func (b *Broadcasts) Pause(ctx context.Context, botID, id, reason string) (*engine.Run, error) {
	if reason == "" {
		reason = "paused by a person"
	}
	return b.move(ctx, botID, id, []engine.RunState{engine.RunRunning}, engine.RunPaused, reason)
}

// Resume lets a paused run go on.
func (b *Broadcasts) Resume(ctx context.Context, botID, id string) (*engine.Run, error) {
	if err := b.mayResume(ctx, botID, id); err != nil {
		return nil, err
	}
	r, err := b.move(ctx, botID, id, []engine.RunState{engine.RunPaused}, engine.RunRunning, "")
	if err != nil {
		return r, err
	}
	// Whoever resumes says that there is quota again. Rows that are not hastened
	// go when they would have gone.
	if err := b.Store.HastenRows(ctx, r, b.Deps.Now()); err != nil {
		b.log.Error("rows not hastened", "run_id", r.ID, "error", err)
	}
	b.Bells.RingRun(r.Number, time.Time{})
	return r, nil
}

// mayResume says why a paused run may not go on: its route is locked.
func (b *Broadcasts) mayResume(ctx context.Context, botID, id string) error {
	runs, err := b.Store.ListRuns(ctx, botID, id)
	if err != nil || len(runs) == 0 {
		return err
	}
	accounts, err := b.accounts(ctx, botID, runs[0].Plan.Audience.Accounts)
	if err != nil {
		return err
	}
	ids := make([]string, len(accounts))
	for i := range accounts {
		ids[i] = accounts[i].ID
	}
	return b.unlocked(ctx, &runs[0], ids)
}

// Cancel ends a broadcast for good: what has not gone out will not.
func (b *Broadcasts) Cancel(ctx context.Context, botID, id string) (*engine.Run, error) {
	of, err := b.Store.Broadcast(ctx, botID, id)
	if err != nil {
		return nil, err
	}
	if of.State.Editable() {
		of.State, of.DueAt, of.DueFor, of.UpdatedAt = engine.BroadcastCanceled, time.Time{}, "", b.Deps.Now()
		return nil, b.Store.PlaceBroadcast(ctx, of)
	}
	r, err := b.move(ctx, botID, id, []engine.RunState{engine.RunFreezing, engine.RunPreparing, engine.RunRunning, engine.RunPaused}, engine.RunCanceled, "canceled by a person")
	if err == nil {
		b.Bells.RingRun(r.Number, time.Time{})
	}
	return r, err
}

// move changes the state of a broadcast's newest run.
func (b *Broadcasts) move(ctx context.Context, botID, id string, from []engine.RunState, to engine.RunState, reason string) (*engine.Run, error) {
	of, err := b.Store.Broadcast(ctx, botID, id)
	if err != nil {
		return nil, err
	}
	runs, err := b.Store.ListRuns(ctx, botID, id)
	if err != nil {
		return nil, err
	}
	if len(runs) == 0 {
		return nil, conflict(of.State, to)
	}
	moved, err := b.Store.MoveRun(ctx, &runs[0], from, to, reason, b.Deps.Now())
	if err == nil && !moved {
		err = conflict(of.State, to)
	}
	if err != nil {
		return nil, err
	}
	return &runs[0], nil
}

func conflict(is engine.BroadcastState, to engine.RunState) error {
	return &engine.Error{Code: engine.Conflict, Field: "state", Message: fmt.Sprintf("the broadcast is %s and cannot become %s", is, to)}
}
