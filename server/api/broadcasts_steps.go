package api

import (
	"context"
	"net/http"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

type pausing struct {
	OneBroadcast
	Body *struct {
		Reason string `json:"reason,omitempty" maxLength:"200" doc:"For whoever finds it paused."`
	}
}

// broadcastSteps registers what moves a broadcast on.
func (a *API) broadcastSteps(tag, one string) {
	step := func(id, name, summary, about string) operation {
		return post(id, one+"/"+name, tag, summary, engine.ScopeBroadcasts, http.StatusOK).about(about)
	}
	register(a, step("schedule-broadcast", "schedule", "Have it start at its plan's time", "The plan says when, in `when.at`."), a.scheduleBroadcast)
	register(a, step("start-broadcast", "start", "Start it now", "Starting twice is refused: it is sent once. From here on it can only be paused, resumed and canceled."), a.startBroadcast)
	register(a, step("pause-broadcast", "pause", "Pause it where it is", "Calls that are under way end; nothing else begins."), a.pauseBroadcast)
	register(a, step("resume-broadcast", "resume", "Let it go on", ""), a.resumeBroadcast)
	register(a, step("cancel-broadcast", "cancel", "End it for good", "What has not gone out will not. What has stays in its report."), a.cancelBroadcast)
}

func (a *API) scheduleBroadcast(ctx context.Context, in *OneBroadcast) (*body[broadcastAnswer], error) {
	b, err := a.Broadcasts.Schedule(ctx, botOf(ctx).ID, in.Broadcast)
	if err != nil {
		return nil, err
	}
	return answer(showBroadcast(*b), nil)
}

type starting struct {
	OneBroadcast
	Body *struct {
		PreparedID string `json:"prepared_id,omitempty" doc:"Of a pre-flight: sends exactly what it has made, and skips whom it may not go out to any more."`
		Expected   int64  `json:"expected,omitempty" minimum:"0" doc:"How many people you think of: an audience ten times larger pauses and asks."`
	}
}

func (a *API) startBroadcast(ctx context.Context, in *starting) (*body[broadcastAnswer], error) {
	var how broadcast.Beginning
	if in.Body != nil {
		how = broadcast.Beginning{PreparedID: in.Body.PreparedID, Expected: in.Body.Expected}
	}
	if _, err := a.Broadcasts.Begin(ctx, botOf(ctx).ID, in.Broadcast, how); err != nil {
		return nil, err
	}
	return a.showWhole(ctx, in.Broadcast)
}

func (a *API) pauseBroadcast(ctx context.Context, in *pausing) (*body[broadcastAnswer], error) {
	reason := ""
	if in.Body != nil {
		reason = in.Body.Reason
	}
	if _, err := a.Broadcasts.Pause(ctx, botOf(ctx).ID, in.Broadcast, reason); err != nil {
		return nil, err
	}
	return a.showWhole(ctx, in.Broadcast)
}

func (a *API) resumeBroadcast(ctx context.Context, in *OneBroadcast) (*body[broadcastAnswer], error) {
	if _, err := a.Broadcasts.Resume(ctx, botOf(ctx).ID, in.Broadcast); err != nil {
		return nil, err
	}
	return a.showWhole(ctx, in.Broadcast)
}

func (a *API) cancelBroadcast(ctx context.Context, in *OneBroadcast) (*body[broadcastAnswer], error) {
	if _, err := a.Broadcasts.Cancel(ctx, botOf(ctx).ID, in.Broadcast); err != nil {
		return nil, err
	}
	return a.showWhole(ctx, in.Broadcast)
}
