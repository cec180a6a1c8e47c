package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/blockcast/blockcast/engine"
)

const broadcastsPath = botPath + "/broadcasts"

// broadcastAnswer is a broadcast as callers see it.
type broadcastAnswer struct {
	ID        string                `json:"id"`
	State     engine.BroadcastState `json:"state" enum:"draft,scheduled,running,paused,finished,canceled,missed"`
	Reason    string                `json:"reason,omitempty" doc:"Why it is paused, missed or canceled."`
	Version   int                   `json:"version" doc:"Raised by each change; an edit names the one it was made on."`
	DueAt     *time.Time            `json:"due_at,omitempty" doc:"When the next run begins."`
	CreatedAt time.Time             `json:"created_at"`
	UpdatedAt time.Time             `json:"updated_at"`
	Plan      engine.Plan           `json:"plan" doc:"What it says, to whom and when."`
	Runs      []runAnswer           `json:"runs,omitempty" doc:"The newest first; with a single broadcast only."`
}

// runAnswer is one execution of a broadcast.
type runAnswer struct {
	ID        string          `json:"id"`
	Number    int             `json:"number" doc:"Of the broadcast's runs, from 1; its checks are counted with them."`
	Version   int             `json:"version" doc:"Of the broadcast when the run began."`
	State     engine.RunState `json:"state"`
	Reason    string          `json:"reason,omitempty"`
	DueAt     *time.Time      `json:"due_at,omitempty"`
	FrozenAt  *time.Time      `json:"frozen_at,omitempty" doc:"When its audience was known."`
	StartedAt *time.Time      `json:"started_at,omitempty"`
	ClosedAt  *time.Time      `json:"closed_at,omitempty"`
	CreatedAt time.Time       `json:"created_at"`
}

func showBroadcast(b engine.Broadcast) broadcastAnswer {
	return broadcastAnswer{ID: b.ID, State: b.State, Reason: b.Reason, Version: b.Version, DueAt: at(b.DueAt), CreatedAt: b.CreatedAt, UpdatedAt: b.UpdatedAt, Plan: b.Plan}
}

func showRun(r engine.Run) runAnswer {
	return runAnswer{ID: r.ID, Number: r.N, Version: r.Version, State: r.State, Reason: r.Reason, DueAt: at(r.DueAt), FrozenAt: at(r.FrozenAt), StartedAt: at(r.StartedAt),
		ClosedAt: at(r.ClosedAt), CreatedAt: r.CreatedAt}
}

type newBroadcast struct {
	InBot
	Body engine.Plan
}

// OneBroadcast is the path of one broadcast.
type OneBroadcast struct {
	InBot
	Broadcast string `path:"broadcast" doc:"The broadcast's id."`
}

// OneRun is a broadcast with one of its runs.
type OneRun struct {
	OneBroadcast
	Run string `query:"run" doc:"The id of the run that is meant; the newest when left out."`
}

// broadcasts registers …/broadcasts.
func (a *API) broadcasts() {
	const tag, one = "Broadcasts", broadcastsPath + "/{broadcast}"
	register(a, post("create-broadcast", broadcastsPath, tag, "Plan a broadcast", engine.ScopeBroadcasts, http.StatusCreated).
		about("A draft: nothing goes out before it is started or its time is scheduled. An audience is said in exactly one way: `{\"all\": true}`, an expression in `where`, a `segment`, or a `list`."), a.createBroadcast)
	register(a, get("list-broadcasts", broadcastsPath, tag, "List broadcasts, the newest first", engine.ScopeRead), a.listBroadcasts)
	register(a, get("get-broadcast", one, tag, "Get a broadcast with its runs", engine.ScopeRead), a.getBroadcast)
	register(a, operation{id: "edit-broadcast", method: http.MethodPut, path: one, tag: tag, summary: "Change what a broadcast is to do",
		description: "Until it starts. The whole plan is given, with the version that it changes: another version is 409. One that was scheduled is a draft again, whose time is chosen anew.",
		rule:        rule{scope: engine.ScopeBroadcasts}}, a.editBroadcast)
	a.broadcastVersions(tag, one)
	register(a, remove("delete-broadcast", one, tag, "Delete a draft that never ran", engine.ScopeBroadcasts), a.deleteBroadcast)
	a.broadcastChecks(tag, one)
	a.broadcastSteps(tag, one)
	a.broadcastReports(tag, one)
}

func (a *API) createBroadcast(ctx context.Context, in *newBroadcast) (*body[broadcastAnswer], error) {
	if err := a.readPlan(ctx, &in.Body); err != nil {
		return nil, err
	}
	b, err := a.Broadcasts.Create(written(ctx), botOf(ctx).ID, in.Body)
	if err != nil {
		return nil, err
	}
	return answer(showBroadcast(*b), nil)
}

// readPlan makes the attributes of a plan what they are declared to be.
func (a *API) readPlan(ctx context.Context, p *engine.Plan) error {
	if len(p.Attributes) == 0 {
		return nil
	}
	d, _, err := a.Outbox.ReadAttributes(ctx, botOf(ctx), p.Attributes)
	if err != nil {
		given := map[string]json.RawMessage{}
		for name := range p.Attributes {
			given[name] = nil
		}
		return placed(err, given)
	}
	for name := range d.Facts {
		return invalid("attributes."+name, "a broadcast sets attributes of your own, not what is known of the person")
	}
	p.Attributes = d.Set
	return nil
}

func (a *API) listBroadcasts(ctx context.Context, in *struct {
	InBot
	Paging
	State engine.BroadcastState `query:"state" enum:"draft,scheduled,running,paused,finished,canceled,missed"`
}) (*body[list[broadcastAnswer]], error) {
	rows, next, err := a.Store.ListBroadcasts(ctx, botOf(ctx).ID, in.State, in.page())
	return listed(rows, next, err, showBroadcast)
}

func (a *API) getBroadcast(ctx context.Context, in *OneBroadcast) (*body[broadcastAnswer], error) {
	return a.showWhole(ctx, in.Broadcast)
}

// showWhole is a broadcast with its runs.
func (a *API) showWhole(ctx context.Context, id string) (*body[broadcastAnswer], error) {
	bot := botOf(ctx).ID
	b, err := a.Store.Broadcast(ctx, bot, id)
	if err != nil {
		return nil, err
	}
	runs, err := a.Store.ListRuns(ctx, bot, id)
	if err != nil {
		return nil, err
	}
	out := showBroadcast(*b)
	for _, r := range runs {
		out.Runs = append(out.Runs, showRun(r))
	}
	return answer(out, nil)
}

func (a *API) editBroadcast(ctx context.Context, in *struct {
	OneBroadcast
	Body struct {
		Version int         `json:"version" minimum:"1" doc:"The one the change was made on."`
		Plan    engine.Plan `json:"plan" doc:"The whole of it."`
	}
}) (*body[broadcastAnswer], error) {
	if err := a.readPlan(ctx, &in.Body.Plan); err != nil {
		return nil, err
	}
	b, err := a.Broadcasts.Edit(written(ctx), botOf(ctx).ID, in.Broadcast, in.Body.Version, in.Body.Plan)
	if err != nil {
		return nil, err
	}
	return answer(showBroadcast(*b), nil)
}

func (a *API) deleteBroadcast(ctx context.Context, in *OneBroadcast) (*none, error) {
	return nil, a.Broadcasts.Delete(ctx, botOf(ctx).ID, in.Broadcast)
}
