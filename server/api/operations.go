package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/blockcast/blockcast/engine"
)

// pauseAnswer is a pause as callers see it.
type pauseAnswer struct {
	Bot    string    `json:"bot,omitempty" doc:"The bot it stops; the whole instance when absent."`
	Name   string    `json:"name,omitempty" doc:"The bot's name."`
	Reason string    `json:"reason"`
	Actor  string    `json:"actor,omitempty" doc:"The token that asked for it."`
	Since  time.Time `json:"since"`
}

// showPause is one with its bot's name.
func showPause(p engine.Pause, name string) pauseAnswer {
	actor := p.Actor
	if strings.HasPrefix(actor, CommandLine+" ") { // whose tokens last as long as a command
		actor = "the " + CommandLine
	}
	return pauseAnswer{Bot: p.BotID, Name: name, Reason: p.Reason, Actor: actor, Since: p.At}
}

// pauseState tells whether something is paused: by its own switch, or by the
// instance's.
type pauseState struct {
	Paused bool          `json:"paused"`
	Pauses []pauseAnswer `json:"pauses" doc:"The instance's and the bot's own: each ends by itself."`
}

// pauseBody says why a pause is asked for.
type pauseBody struct {
	Reason string `json:"reason" minLength:"1" maxLength:"500" doc:"For others to read."`
}

type instancePause struct{ Body pauseBody }

type botPause struct {
	InBot
	Body pauseBody
}

// pauses registers /v1/pause and …/pause.
func (a *API) pauses() {
	const tag, whole = "Operations", "/v1/pause"
	const about = "Within moments nothing more is sent or answered. Calls that are under way end. What people write is stored, and answered when the pause ends; sends are taken, and go out then unless they have expired."
	register(a, get("get-pause", whole, tag, "Say what is paused", engine.ScopeInstance), a.getPause)
	register(a, operation{id: "pause", method: http.MethodPut, path: whole, tag: tag, summary: "Pause everything", description: about,
		rule: rule{scope: engine.ScopeInstance}}, a.pause)
	register(a, remove("resume", whole, tag, "End the pause of the instance", engine.ScopeInstance).
		about("Bots that are paused by themselves stay so."), a.resumeAll)
	register(a, get("get-bot-pause", botPath+"/pause", tag, "Say whether a bot is paused", engine.ScopeRead), a.getBotPause)
	register(a, operation{id: "pause-bot", method: http.MethodPut, path: botPath + "/pause", tag: tag, summary: "Pause a bot", description: about,
		rule: rule{scope: scopeAdmin}}, a.pauseBot)
	register(a, remove("resume-bot", botPath+"/pause", tag, "End a bot's pause", scopeAdmin).
		about("A pause of the whole instance stays."), a.resumeBot)
}

func (a *API) getPause(ctx context.Context, _ *struct{}) (*body[pauseState], error) {
	pauses, err := a.Store.Pauses(ctx)
	if err != nil {
		return nil, err
	}
	names, err := a.namesOf(ctx, pauses)
	return showPauses(pauses, names, err)
}

// namesOf are the names of bots that are paused by themselves.
func (a *API) namesOf(ctx context.Context, pauses []engine.Pause) (map[string]string, error) {
	if !slices.ContainsFunc(pauses, func(p engine.Pause) bool { return p.BotID != "" }) {
		return nil, nil
	}
	return a.everyBot(ctx)
}

func (a *API) getBotPause(ctx context.Context, _ *InBot) (*body[pauseState], error) {
	bot := botOf(ctx)
	pauses, err := a.pausesOf(ctx, bot.ID)
	return showPauses(pauses, map[string]string{bot.ID: bot.Name}, err)
}

// pausesOf are those that stop a bot: the instance's and its own.
func (a *API) pausesOf(ctx context.Context, botID string) ([]engine.Pause, error) {
	all, err := a.Store.Pauses(ctx)
	return slices.DeleteFunc(all, func(p engine.Pause) bool { return p.BotID != "" && p.BotID != botID }), err
}

func showPauses(pauses []engine.Pause, names map[string]string, err error) (*body[pauseState], error) {
	out := pauseState{Paused: len(pauses) > 0, Pauses: []pauseAnswer{}}
	for _, p := range pauses {
		out.Pauses = append(out.Pauses, showPause(p, names[p.BotID]))
	}
	return answer(out, err)
}

func (a *API) pause(ctx context.Context, in *instancePause) (*body[pauseAnswer], error) {
	return a.stop(ctx, &engine.Bot{}, in.Body.Reason)
}

func (a *API) pauseBot(ctx context.Context, in *botPause) (*body[pauseAnswer], error) {
	return a.stop(ctx, botOf(ctx), in.Body.Reason)
}

// stop pauses a bot, or everything where it is none, and says so loudly.
func (a *API) stop(ctx context.Context, bot *engine.Bot, reason string) (*body[pauseAnswer], error) {
	p := engine.Pause{BotID: bot.ID, Reason: reason, Actor: callerOf(ctx).token.Name, At: a.Now()}
	if err := a.Store.Pause(ctx, p); err != nil {
		return nil, err
	}
	a.Log.Warn("paused", "bot_id", bot.ID, "reason", reason, "actor", p.Actor, "request_id", callerOf(ctx).requestID)
	return answer(showPause(p, bot.Name), nil)
}

func (a *API) resumeAll(ctx context.Context, _ *struct{}) (*none, error) { return a.goOn(ctx, "") }

func (a *API) resumeBot(ctx context.Context, _ *InBot) (*none, error) {
	return a.goOn(ctx, botOf(ctx).ID)
}

// goOn ends a pause and wakes what has waited. Should that fail the pause is
// over all the same: the reconciler finds the rows.
func (a *API) goOn(ctx context.Context, botID string) (*none, error) {
	who := callerOf(ctx)
	ended, err := a.Store.Resume(ctx, botID, who.token.Name, a.Now())
	if err != nil || !ended {
		return nil, err
	}
	a.Log.Warn("resumed", "bot_id", botID, "actor", who.token.Name, "request_id", who.requestID)
	if a.Wake == nil {
		return nil, nil
	}
	if err := a.Wake(ctx); err != nil {
		a.Log.Warn("what waited during a pause is rung for later", "bot_id", botID, "error", err)
	}
	return nil, nil
}
