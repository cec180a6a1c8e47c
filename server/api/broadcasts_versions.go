package api

import (
	"context"
	"strconv"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
)

// planVersionAnswer is what a broadcast was to do at one of its versions.
type planVersionAnswer struct {
	Version int          `json:"version"`
	By      string       `json:"by,omitempty" doc:"The token that wrote it; absent where it is not known."`
	At      *time.Time   `json:"at,omitempty" doc:"When it was written; absent where it is not known."`
	Changed []string     `json:"changed,omitempty" doc:"The parts of the plan that differ from the version before, such as audience."`
	Plan    *engine.Plan `json:"plan,omitempty" doc:"With a single version only."`
}

func showPlanVersion(v broadcast.Version) planVersionAnswer {
	return planVersionAnswer{Version: v.Version, By: v.By, At: at(v.At), Changed: v.Changed}
}

// broadcastVersions registers …/versions of a broadcast.
func (a *API) broadcastVersions(tag, one string) {
	register(a, get("list-broadcast-versions", one+"/versions", tag, "List what a broadcast was to do, the newest version first", engine.ScopeRead).
		about("Each edit makes one. The newest 100 are kept, for 13 months after they were replaced. Of a broadcast that is older than this list the versions before its newest are not known."), a.listBroadcastVersions)
	register(a, get("get-broadcast-version", one+"/versions/{version}", tag, "Get a version of a broadcast with its plan", engine.ScopeRead).
		about("To go back to it, give its plan to an edit."), a.getBroadcastVersion)
}

func (a *API) listBroadcastVersions(ctx context.Context, in *struct {
	OneBroadcast
	Paging
}) (*body[list[planVersionAnswer]], error) {
	all, err := a.Broadcasts.Versions(ctx, botOf(ctx).ID, in.Broadcast)
	if err != nil {
		return nil, err
	}
	rows, next, err := paged(all, in.Paging, func(v broadcast.Version) string { return strconv.Itoa(v.Version) })
	return listed(rows, next, err, showPlanVersion)
}

func (a *API) getBroadcastVersion(ctx context.Context, in *struct {
	OneBroadcast
	Version int `path:"version" minimum:"1"`
}) (*body[planVersionAnswer], error) {
	v, err := a.Broadcasts.Version(ctx, botOf(ctx).ID, in.Broadcast, in.Version)
	if err != nil {
		return nil, err
	}
	out := showPlanVersion(*v)
	out.Plan = &v.Plan
	return answer(out, nil)
}

// written is a call whose plans are its token's.
func written(ctx context.Context) context.Context {
	return broadcast.By(ctx, callerOf(ctx).token.Name)
}
