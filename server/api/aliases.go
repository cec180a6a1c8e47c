package api

import (
	"context"
	"strconv"

	"github.com/blockcast/blockcast/engine"
)

// aliasAnswer is an old system's id and what it means here.
type aliasAnswer struct {
	Kind    string `json:"kind" enum:"bot,identity,contact" doc:"What it names. Blocks have their aliases in the flow."`
	Foreign string `json:"foreign" minLength:"1" maxLength:"200" doc:"The id that callers of the old system send."`
	ID      string `json:"id,omitempty" doc:"What it means here; for a bot it may be left out."`
}

type newAlias struct {
	InBot
	Body aliasAnswer
}

// aliases registers …/aliases.
func (a *API) aliases() {
	register(a, operation{id: "set-alias", method: "PUT", path: botPath + "/aliases", tag: "Bots",
		summary: "Let an old system's id mean something here", rule: rule{scope: scopeAdmin},
		description: "Callers of the products we stand in for go on sending the ids they know."}, a.setAlias)
}

func (a *API) setAlias(ctx context.Context, in *newAlias) (*body[aliasAnswer], error) {
	bot, alias := botOf(ctx), in.Body
	var err error
	switch alias.Kind {
	case "bot":
		if alias.ID == "" {
			alias.ID = bot.ID
		}
		err = a.freeBotAlias(ctx, bot, alias)
	case "contact":
		err = a.knownContact(ctx, bot, alias.ID)
	case "identity":
		err = a.knownIdentity(ctx, bot, alias.ID)
	}
	if err != nil {
		return nil, err
	}
	return answer(alias, a.Store.SetAlias(ctx, bot.ID, alias.Kind, alias.Foreign, alias.ID))
}

// freeBotAlias lets a bot claim an id for itself that no other bot answers to.
func (a *API) freeBotAlias(ctx context.Context, bot *engine.Bot, alias aliasAnswer) error {
	if alias.ID != bot.ID {
		return invalid("id", "a bot's alias means the bot itself: leave id out")
	}
	other, err := a.Store.BotByAlias(ctx, alias.Foreign)
	if err != nil && !engine.IsCode(err, engine.NotFound) {
		return err
	}
	if other != nil && other.ID != bot.ID {
		return &engine.Error{Code: engine.Conflict, Field: "foreign", Message: "this id means another bot already"}
	}
	return nil
}

func (a *API) knownContact(ctx context.Context, bot *engine.Bot, id string) error {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return invalid("id", "a contact's id is a number")
	}
	c, err := a.Store.Contact(ctx, bot.ID, n)
	if err == nil && c == nil {
		err = unknown("id", "no contact has this id")
	}
	return err
}

func (a *API) knownIdentity(ctx context.Context, bot *engine.Bot, id string) error {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return invalid("id", "an identity's id is a number")
	}
	i, err := a.Store.Identity(ctx, bot.ID, n)
	if err == nil && i == nil {
		err = unknown("id", "no identity has this id")
	}
	return err
}
