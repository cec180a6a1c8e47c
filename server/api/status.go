package api

import (
	"context"
	"slices"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// recentTroubles is how many of the last errors a status shows.
const recentTroubles = 8

// statusAnswer is the whole instance on one screen.
type statusAnswer struct {
	Version  string           `json:"version"`
	Now      time.Time        `json:"now"`
	Paused   []pauseAnswer    `json:"paused" doc:"What a person has stopped."`
	Accounts []accountTrouble `json:"accounts" doc:"Connections that do not send, with the reason."`
	Counts   []accountCount   `json:"account_counts"`
	Ledger   ledgerAnswer     `json:"ledger"`
	Inbox    inboxAnswer      `json:"inbox"`
	Errors   []troubleAnswer  `json:"errors" doc:"What failed lately, the newest first."`
	Running  []processAnswer  `json:"processes" doc:"Those heard of in the last minute."`
}

type accountTrouble struct {
	Bot     string `json:"bot"`
	BotName string `json:"bot_name"`
	ID      string `json:"id"`
	Channel string `json:"channel"`
	Name    string `json:"name"`
	State   string `json:"state"`
	Reason  string `json:"reason,omitempty"`
}

type accountCount struct {
	Channel string              `json:"channel"`
	State   engine.AccountState `json:"state"`
	Count   int64               `json:"count"`
}

type ledgerAnswer struct {
	Open      map[engine.Status]int64 `json:"open" doc:"Deliveries that something is still to be done for; counted up to 100,000."`
	Recent    map[engine.Status]int64 `json:"recent" doc:"The newest 100,000 deliveries by state."`
	OldestDue *time.Time              `json:"oldest_due,omitempty" doc:"Since when the longest waiting one of a working account should have gone out."`
	Receipts  int64                   `json:"receipts" doc:"Platforms' words that are not applied yet."`
}

type inboxAnswer struct {
	Open   int64      `json:"open" doc:"What people did and nobody has answered yet."`
	Oldest *time.Time `json:"oldest,omitempty"`
	Poison int64      `json:"poison" doc:"Events of the last day that could not be stored as they were."`
}

type troubleAnswer struct {
	At      time.Time `json:"at"`
	Bot     string    `json:"bot"`
	BotName string    `json:"bot_name"`
	What    string    `json:"what" enum:"delivery,turn"`
	ID      int64     `json:"id"`
	Class   string    `json:"class,omitempty"`
	Text    string    `json:"text,omitempty"`
}

type processAnswer struct {
	ID        string    `json:"id"`
	Role      string    `json:"role"`
	Version   string    `json:"version"`
	StartedAt time.Time `json:"started_at"`
	SeenAt    time.Time `json:"seen_at"`
	ClockMS   float64   `json:"clock_ms" doc:"How far the database's clock is ahead of the process's own, in milliseconds."`
}

// status registers /v1/status.
func (a *API) status() {
	register(a, get("get-status", "/v1/status", "Operations", "Look at the whole instance", engine.ScopeInstance).
		about("What is paused, which accounts do not send, the ledger and the inbox, the last errors and the processes at work."), a.getStatus)
}

func (a *API) getStatus(ctx context.Context, _ *struct{}) (*body[statusAnswer], error) {
	now := a.Now()
	v, err := a.Store.Survey(ctx, now)
	if err != nil {
		return nil, err
	}
	troubles, err := a.Store.Troubles(ctx, recentTroubles)
	if err != nil {
		return nil, err
	}
	bots, err := a.everyBot(ctx)
	if err != nil {
		return nil, err
	}
	out := statusAnswer{Version: a.Version, Now: now, Paused: []pauseAnswer{}, Accounts: []accountTrouble{}, Counts: []accountCount{},
		Ledger: ledgerAnswer{Open: v.Open, Recent: v.Recent, OldestDue: at(v.OldestDue), Receipts: v.Receipts},
		Inbox:  inboxAnswer{Open: v.Inbox, Oldest: at(v.OldestInbox), Poison: v.Poison},
		Errors: []troubleAnswer{}, Running: []processAnswer{}}
	for _, p := range v.Pauses {
		out.Paused = append(out.Paused, showPause(p, bots[p.BotID]))
	}
	for _, c := range v.Accounts {
		out.Counts = append(out.Counts, accountCount(c))
	}
	for _, t := range troubles {
		out.Errors = append(out.Errors, troubleAnswer{t.At, t.BotID, bots[t.BotID], t.What, t.ID, t.Class, t.Text})
	}
	for _, p := range v.Processes {
		out.Running = append(out.Running, processAnswer{p.ID, p.Role, p.Version, p.StartedAt, p.SeenAt, float64(p.Apart.Microseconds()) / 1000})
	}
	if out.Accounts, err = a.silentAccounts(ctx, v, bots); err != nil {
		return nil, err
	}
	return answer(out, nil)
}

// everyBot is each bot's name by its id.
func (a *API) everyBot(ctx context.Context) (map[string]string, error) {
	names := map[string]string{}
	for p := (engine.Page{Limit: 200}); ; {
		bots, next, err := a.Store.ListBots(ctx, p)
		if err != nil {
			return nil, err
		}
		for _, b := range bots {
			names[b.ID] = b.Name
		}
		if p.Cursor = next; next == "" {
			return names, nil
		}
	}
}

// silentAccounts are those that are connected and do not send. Where a survey
// saw none no bot is asked for its own.
func (a *API) silentAccounts(ctx context.Context, v *engine.Survey, bots map[string]string) ([]accountTrouble, error) {
	out := []accountTrouble{}
	if !slices.ContainsFunc(v.Accounts, func(c engine.AccountCount) bool { return c.State == engine.AccountPaused }) {
		return out, nil
	}
	list, err := a.Store.PausedAccounts(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range list {
		out = append(out, accountTrouble{c.BotID, bots[c.BotID], c.ID, c.Channel, c.Name, string(c.State), c.Reason})
	}
	return out, nil
}
