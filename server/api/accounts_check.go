package api

import (
	"context"
	"fmt"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
)

// checkAnswer is what a platform says about an account.
type checkAnswer struct {
	OK       bool                `json:"ok"`
	Name     string              `json:"name,omitempty" doc:"What the platform calls it."`
	State    engine.AccountState `json:"state"`
	Problems []string            `json:"problems"`
	Quota    *quotaAnswer        `json:"quota,omitempty"`
}

// quotaAnswer is how much of a paid month is left.
type quotaAnswer struct {
	Limited bool  `json:"limited"`
	Limit   int64 `json:"limit"`
	Used    int64 `json:"used"`
}

func (a *API) checkAccount(ctx context.Context, in *OneAccount) (*body[checkAnswer], error) {
	v, err := a.account(ctx, in.Account)
	if err != nil {
		return nil, err
	}
	connector, err := a.connector(v.Channel)
	if err != nil {
		return nil, err
	}
	out := checkAnswer{State: v.State, Problems: []string{}}
	if v.State == engine.AccountDisconnected {
		out.Problems = append(out.Problems, "the account is disconnected: connect it again with its credentials")
		return answer(out, nil)
	}
	found, err := connector.Identify(ctx, outbox.ChannelAccount(v))
	switch {
	case err != nil:
		out.Problems = append(out.Problems, "the platform refuses the credentials: "+err.Error())
	case found.ExternalID != v.ExternalID:
		out.Problems = append(out.Problems, "the credentials are another account's: "+found.Name)
	default:
		out.Name = found.Name
		out.Problems = append(out.Problems, a.setWebhook(ctx, connector, v)...)
		out.Quota = a.quota(ctx, v, &out)
	}
	if v.State == engine.AccountPaused {
		out.Problems = append(out.Problems, "the account is paused: "+v.Reason)
	}
	if n := v.Warning; n != (engine.AccountWarning{}) {
		out.Problems = append(out.Problems, fmt.Sprintf("on %s the platform said: %s: %s", n.At.Format("2 January 2006"), n.Code, n.Message))
	}
	out.OK = len(out.Problems) == 0
	return answer(out, nil)
}

// quota reads the month's quota where the platform has one.
func (a *API) quota(ctx context.Context, v *engine.Account, out *checkAnswer) *quotaAnswer {
	quoter, ok := a.Channels[v.Channel].(channels.Quoter)
	if !ok {
		return nil
	}
	q, err := quoter.Quota(ctx, outbox.ChannelAccount(v))
	switch {
	case err != nil:
		out.Problems = append(out.Problems, "the quota cannot be read: "+err.Error())
		return nil
	case q.Limited && q.Used >= q.Limit:
		out.Problems = append(out.Problems, fmt.Sprintf("the month's %d paid messages are used up", q.Limit))
	}
	return &quotaAnswer{q.Limited, q.Limit, q.Used}
}
