package broadcast

import (
	"context"
	"fmt"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// Create keeps a new broadcast as a draft.
func (b *Broadcasts) Create(ctx context.Context, botID string, p engine.Plan) (*engine.Broadcast, error) {
	if err := b.checkAll(ctx, botID, &p); err != nil {
		return nil, err
	}
	now := b.Deps.Now()
	out := &engine.Broadcast{ID: b.Deps.NewID(), BotID: botID, State: engine.BroadcastDraft, Version: 1, Plan: p, CreatedAt: now, UpdatedAt: now}
	if err := b.Store.CreateBroadcast(ctx, out); err != nil {
		return nil, err
	}
	return out, nil
}

// Edit replaces the plan of a broadcast that has not started. version is the
// one it was read at. One that was scheduled is a draft again: its time is
// chosen anew.
func (b *Broadcasts) Edit(ctx context.Context, botID, id string, version int, p engine.Plan) (*engine.Broadcast, error) {
	if err := b.checkAll(ctx, botID, &p); err != nil {
		return nil, err
	}
	out, err := b.Store.Broadcast(ctx, botID, id)
	if err != nil {
		return nil, err
	}
	out.Plan, out.Version, out.State, out.Reason, out.DueAt, out.UpdatedAt = p, version, engine.BroadcastDraft, "", time.Time{}, b.Deps.Now()
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
	if _, err := b.filter(ctx, botID, &p.Audience); err != nil {
		return err
	}
	if _, err := b.reach(ctx, bot, p, b.Deps.Now()); err != nil {
		return err
	}
	if p.When.At != "" {
		_, err = moment(bot, p.When)
	}
	return err
}

// Schedule sets a broadcast to start at its plan's time.
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
	at, err := moment(bot, out.Plan.When)
	if err != nil {
		return nil, err
	}
	now := b.Deps.Now()
	if at.Before(now) {
		return nil, invalid("when.at", "%s has passed already: it is %s", at.Format(time.RFC3339), now.Format(time.RFC3339))
	}
	out.State, out.DueAt, out.UpdatedAt = engine.BroadcastScheduled, at, now
	return out, b.Store.EditBroadcast(ctx, out)
}

// Start begins a run now. A second start of the same is refused.
func (b *Broadcasts) Start(ctx context.Context, botID, id string) (*engine.Run, error) {
	of, err := b.Store.Broadcast(ctx, botID, id)
	if err != nil {
		return nil, err
	}
	return b.open(ctx, of)
}

// open begins a run of a broadcast as it was read.
func (b *Broadcasts) open(ctx context.Context, of *engine.Broadcast) (*engine.Run, error) {
	if err := b.checkAll(ctx, of.BotID, &of.Plan); err != nil {
		return nil, err
	}
	now := b.Deps.Now()
	r := &engine.Run{ID: b.Deps.NewID(), Plan: of.Plan, State: engine.RunFreezing, DueAt: of.DueAt, StartedAt: now, CreatedAt: now}
	if err := b.Store.OpenRun(ctx, of, r); err != nil {
		return nil, err
	}
	b.Bells.RingRun(r.Number, time.Time{})
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
	r, err := b.move(ctx, botID, id, []engine.RunState{engine.RunPaused}, engine.RunRunning, "")
	if err == nil {
		b.Bells.RingRun(r.Number, time.Time{})
	}
	return r, err
}

// Cancel ends a broadcast for good: what has not gone out will not.
func (b *Broadcasts) Cancel(ctx context.Context, botID, id string) (*engine.Run, error) {
	of, err := b.Store.Broadcast(ctx, botID, id)
	if err != nil {
		return nil, err
	}
	if of.State.Editable() {
		of.State, of.DueAt, of.UpdatedAt = engine.BroadcastCanceled, time.Time{}, b.Deps.Now()
		return nil, b.Store.EditBroadcast(ctx, of)
	}
	r, err := b.move(ctx, botID, id, []engine.RunState{engine.RunFreezing, engine.RunHeld, engine.RunRunning, engine.RunPaused}, engine.RunCanceled, "canceled by a person")
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
