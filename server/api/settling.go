package api

import (
	"context"
	"net/http"
	"time"

	"github.com/blockcast/blockcast/engine"
)

type settlingAll struct {
	InBot
	Body struct {
		As      engine.Status `json:"as" enum:"sent,delivered,read,failed" doc:"What a person found out."`
		Account string        `json:"account,omitempty" doc:"Only those of this account."`
		Block   string        `json:"block,omitempty" maxLength:"200" doc:"Only those of this block, by its name, id or alias."`
		Since   *time.Time    `json:"since,omitempty" doc:"Only those asked for from then on."`
		Before  *time.Time    `json:"before,omitempty" doc:"Only those asked for before."`
		DryRun  bool          `json:"dry_run,omitempty" doc:"Only count them."`
	}
}

type settledAll struct {
	Settled int64         `json:"settled" doc:"How many were settled; on a dry run, would be."`
	As      engine.Status `json:"as"`
	DryRun  bool          `json:"dry_run,omitempty"`
}

// settlePath ends the path of the call.
const settlePath = "/sends/settle"

// settlings registers …/sends/settle.
func (a *API) settlings() {
	register(a, post("settle-sends", botPath+settlePath, "Sends", "Settle all deliveries whose answers were lost", scopeAdmin, http.StatusOK).
		about("For the morning after an outage: everything of unknown outcome that the filter means becomes what you found out. Look at some of them on the platform first."), a.settleSends)
}

func (a *API) settleSends(ctx context.Context, in *settlingAll) (*body[settledAll], error) {
	bot, b := botOf(ctx), &in.Body
	f := engine.SettleFilter{}
	if b.Account != "" {
		v, err := a.account(ctx, b.Account)
		switch {
		case engine.IsCode(err, engine.NotFound):
			return nil, invalid("account", "no account of this bot has this id")
		case err != nil:
			return nil, err
		}
		f.AccountID = v.ID
	}
	if b.Block != "" {
		all, err := a.Store.ListBlocks(ctx, bot.ID)
		if err != nil {
			return nil, err
		}
		found := findBlock(all, b.Block)
		if found == nil {
			return nil, invalid("block", "no published block has this name, id or alias")
		}
		f.BlockID = found.ID
	}
	if b.Since != nil {
		f.Since = b.Since.UTC()
	}
	if b.Before != nil {
		f.Before = b.Before.UTC()
	}
	out := settledAll{As: b.As, DryRun: b.DryRun}
	var err error
	if b.DryRun {
		out.Settled, err = a.Store.CountUnknown(ctx, bot.ID, f)
		return answer(out, err)
	}
	out.Settled, err = a.Store.SettleUnknown(ctx, bot.ID, f, b.As, a.Now())
	a.Log.Info("settled", "bot_id", bot.ID, "as", b.As, "settled", out.Settled, "request_id", callerOf(ctx).requestID)
	return answer(out, err)
}
