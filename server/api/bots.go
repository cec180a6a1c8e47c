package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/broadcast"
	"github.com/blockcast/blockcast/server/token"
)

// botAnswer is a bot as callers see it.
type botAnswer struct {
	ID            string             `json:"id"`
	Name          string             `json:"name"`
	TimeZone      string             `json:"time_zone" doc:"IANA name."`
	DefaultRegion string             `json:"default_region" doc:"The country whose national phone numbers are understood, ISO 3166-1."`
	Settings      engine.BotSettings `json:"settings"`
	Values        map[string]any     `json:"values,omitempty" doc:"What flows read as bot.x; with a single bot only."`
	CreatedAt     time.Time          `json:"created_at"`
}

func showBot(b engine.Bot) botAnswer {
	return botAnswer{ID: b.ID, Name: b.Name, TimeZone: b.TimeZone, DefaultRegion: b.DefaultRegion, Settings: b.Settings, CreatedAt: b.CreatedAt}
}

type newBot struct {
	Body struct {
		Name          string             `json:"name" minLength:"1" maxLength:"100"`
		TimeZone      string             `json:"time_zone,omitempty" default:"UTC" doc:"IANA name, such as Asia/Ho_Chi_Minh."`
		DefaultRegion string             `json:"default_region,omitempty" pattern:"^[A-Z]{2}$" doc:"Such as VN. Without it only international phone numbers are understood."`
		Settings      engine.BotSettings `json:"settings,omitempty"`
	}
}

type changeBot struct {
	InBot
	Body struct {
		Name          *string         `json:"name,omitempty" minLength:"1" maxLength:"100"`
		TimeZone      *string         `json:"time_zone,omitempty"`
		DefaultRegion *string         `json:"default_region,omitempty" pattern:"^([A-Z]{2})?$"`
		Settings      *settingsChange `json:"settings,omitempty"`
		Values        map[string]any  `json:"values,omitempty" doc:"What flows read as bot.x; null removes one."`
	}
}

// settingsChange changes some settings and leaves the others.
type settingsChange struct {
	MonthDay         *bool                     `json:"month_day,omitempty" doc:"Dates are 12/30/2023 rather than 30/12/2023."`
	RefuseHandedOver *bool                     `json:"refuse_handed_over,omitempty" doc:"Refuse utility sends while a person holds the chat."`
	AllChannels      *bool                     `json:"all_channels,omitempty" doc:"A foreign product's call may use other channels than the product's."`
	Broadcasts       *engine.BroadcastSettings `json:"broadcasts,omitempty" doc:"Rules for what goes to many: quiet hours, frequency caps, unsubscribing, prices. Given, it replaces them all."`
}

// bots registers /v1/bots.
func (a *API) bots() {
	const tag = "Bots"
	register(a, post("create-bot", "/v1/bots", tag, "Make a bot", engine.ScopeInstance, http.StatusCreated), a.createBot)
	register(a, get("list-bots", "/v1/bots", tag, "List the bots a token reaches", ""), a.listBots)
	register(a, get("get-bot", botPath, tag, "Get a bot with its shared values", engine.ScopeRead), a.getBot)
	register(a, patch("change-bot", botPath, tag, "Change a bot", scopeAdmin).
		about("What is left out stays as it is."), a.changeBot)
}

func (a *API) createBot(ctx context.Context, in *newBot) (*body[botAnswer], error) {
	b := engine.Bot{ID: a.NewID(), Name: strings.TrimSpace(in.Body.Name), TimeZone: in.Body.TimeZone, DefaultRegion: in.Body.DefaultRegion,
		Settings: in.Body.Settings, CreatedAt: a.Now()}
	if err := checkBot(&b); err != nil {
		return nil, err
	}
	if err := a.Broadcasts.MayCount(b.Settings.Broadcasts.Track); err != nil {
		return nil, err
	}
	return answer(showBot(b), a.Store.CreateBot(ctx, b))
}

func (a *API) listBots(ctx context.Context, in *struct{ Paging }) (*body[list[botAnswer]], error) {
	t := callerOf(ctx).token
	if !token.Instance(t) {
		b, err := a.Store.Bot(ctx, t.BotID)
		if err != nil {
			return nil, err
		}
		return listed([]engine.Bot{*b}, "", nil, showBot)
	}
	rows, next, err := a.Store.ListBots(ctx, in.page())
	return listed(rows, next, err, showBot)
}

func (a *API) getBot(ctx context.Context, _ *InBot) (*body[botAnswer], error) {
	out := showBot(*botOf(ctx))
	values, err := a.Store.BotValues(ctx, out.ID)
	out.Values = values
	return answer(out, err)
}

func (a *API) changeBot(ctx context.Context, in *changeBot) (*body[botAnswer], error) {
	b := *botOf(ctx)
	set(&b.Name, in.Body.Name)
	set(&b.TimeZone, in.Body.TimeZone)
	set(&b.DefaultRegion, in.Body.DefaultRegion)
	if s := in.Body.Settings; s != nil {
		set(&b.Settings.MonthDay, s.MonthDay)
		set(&b.Settings.RefuseHandedOver, s.RefuseHandedOver)
		set(&b.Settings.AllChannels, s.AllChannels)
		if s.Broadcasts != nil && s.Broadcasts.Track != b.Settings.Broadcasts.Track {
			if err := a.Broadcasts.MayCount(s.Broadcasts.Track); err != nil {
				return nil, err
			}
		}
		set(&b.Settings.Broadcasts, s.Broadcasts)
	}
	b.Name = strings.TrimSpace(b.Name)
	if err := checkBot(&b); err != nil {
		return nil, err
	}
	if err := a.Store.UpdateBot(ctx, b); err != nil {
		return nil, err
	}
	if len(in.Body.Values) > 0 {
		if err := a.Store.SetBotValues(ctx, b.ID, in.Body.Values); err != nil {
			return nil, err
		}
	}
	out := showBot(b)
	var err error
	out.Values, err = a.Store.BotValues(ctx, b.ID)
	return answer(out, err)
}

// checkBot refuses what no schema can tell.
func checkBot(b *engine.Bot) error {
	if b.Name == "" {
		return invalid("name", "a bot needs a name")
	}
	if _, err := time.LoadLocation(b.TimeZone); err != nil || b.TimeZone == "Local" || b.TimeZone == "" {
		return invalid("time_zone", "the time zone is not known: use an IANA name such as Asia/Taipei")
	}
	return broadcast.CheckSettings(&b.Settings.Broadcasts)
}

// set writes a value that a patch brings.
func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

func invalid(field, message string) error {
	return &engine.Error{Code: engine.Invalid, Field: field, Message: message}
}

func unknown(field, message string) error {
	return &engine.Error{Code: engine.NotFound, Field: field, Message: message}
}
