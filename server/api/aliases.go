package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/blockcast/blockcast/engine"
)

// Kinds of aliases.
const (
	aliasBot      = "bot"
	aliasAccount  = "account"
	aliasBlock    = "block"
	aliasTag      = "tag"
	aliasContact  = "contact"
	aliasIdentity = "identity"
)

// AliasAnswer is an old system's id and what it means here.
type AliasAnswer struct {
	Kind    string `json:"kind" enum:"bot,account,block,tag,identity,contact" doc:"What it names; a module is a block."`
	Foreign string `json:"foreign" minLength:"1" maxLength:"200" doc:"The id that callers of the old system send."`
	ID      string `json:"id,omitempty" doc:"What it means here: an id, or a block's or tag's name. For a bot it may be left out."`
}

func showAlias(v engine.Alias) AliasAnswer { return AliasAnswer(v) }

type newAlias struct {
	InBot
	Body AliasAnswer
}

type aliasQuery struct {
	InBot
	Paging
	Kind string `query:"kind" enum:"bot,account,block,tag,identity,contact" doc:"Only these."`
}

type oneAlias struct {
	InBot
	Kind    string `path:"kind" enum:"bot,account,block,tag,identity,contact"`
	Foreign string `path:"foreign" doc:"The old system's id."`
}

// aliases registers …/aliases.
func (a *API) aliases() {
	const tag, path = "Aliases", botPath + "/aliases"
	register(a, operation{id: "set-alias", method: http.MethodPut, path: path, tag: tag,
		summary: "Let an old system's id mean something here", rule: rule{scope: scopeAdmin},
		description: "Callers of the products we stand in for go on sending the ids they know."}, a.setAlias)
	register(a, get("list-aliases", path, tag, "List what old systems' ids mean", engine.ScopeRead).
		about("Blocks may have aliases in their flow besides; those are listed with the blocks."), a.listAliases)
	register(a, remove("delete-alias", path+"/{kind}/{foreign}", tag, "Let an old system's id mean nothing", scopeAdmin), a.deleteAlias)
}

func (a *API) setAlias(ctx context.Context, in *newAlias) (*body[AliasAnswer], error) {
	bot, alias := botOf(ctx), in.Body
	alias.Foreign = strings.TrimSpace(alias.Foreign)
	var err error
	switch alias.Kind {
	case aliasBot:
		if alias.ID == "" {
			alias.ID = bot.ID
		}
		err = a.freeBotAlias(ctx, bot, alias)
	case aliasAccount:
		err = a.knownAccount(ctx, bot, alias.ID)
	case aliasBlock:
		alias.ID, err = a.knownBlock(ctx, bot, alias)
	case aliasTag:
		alias.ID, err = a.knownTag(ctx, bot, alias.ID)
	case aliasContact:
		err = a.knownContact(ctx, bot, alias.ID)
	case aliasIdentity:
		err = a.knownIdentity(ctx, bot, alias.ID)
	}
	if err != nil {
		return nil, err
	}
	return answer(alias, a.Store.SetAlias(ctx, bot.ID, alias.Kind, alias.Foreign, alias.ID))
}

func (a *API) listAliases(ctx context.Context, in *aliasQuery) (*body[list[AliasAnswer]], error) {
	rows, next, err := a.Store.ListAliases(ctx, botOf(ctx).ID, in.Kind, in.page())
	return listed(rows, next, err, showAlias)
}

func (a *API) deleteAlias(ctx context.Context, in *oneAlias) (*none, error) {
	return nil, a.Store.DeleteAlias(ctx, botOf(ctx).ID, in.Kind, in.Foreign)
}

// freeBotAlias lets a bot claim an id for itself that no other bot answers to.
func (a *API) freeBotAlias(ctx context.Context, bot *engine.Bot, alias AliasAnswer) error {
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

func (a *API) knownAccount(ctx context.Context, bot *engine.Bot, id string) error {
	v, err := a.Store.Account(ctx, id)
	if err != nil && !engine.IsCode(err, engine.NotFound) {
		return err
	}
	if v == nil || v.BotID != bot.ID {
		return unknown("id", "no account has this id")
	}
	return nil
}

// knownBlock is the id of a block or module that is published, by its name, id
// or alias. An id that names another block by itself is refused: it would never
// be asked.
func (a *API) knownBlock(ctx context.Context, bot *engine.Bot, alias AliasAnswer) (string, error) {
	library, err := a.Libraries.Library(ctx, bot.ID)
	if err != nil {
		return "", err
	}
	_, block, err := library.Find(alias.ID)
	var e *engine.Error
	if errors.As(err, &e) {
		return "", &engine.Error{Code: e.Code, Field: "id", Message: e.Message, Hint: e.Hint}
	}
	if err != nil {
		return "", err
	}
	if _, other, err := library.Find(alias.Foreign); err == nil && other.ID != block.ID {
		return "", &engine.Error{Code: engine.Conflict, Field: "foreign", Message: "a published block is called so already"}
	}
	return block.ID, nil
}

func (a *API) knownTag(ctx context.Context, bot *engine.Bot, name string) (string, error) {
	t, err := a.Store.Tag(ctx, bot.ID, name)
	if err != nil {
		return "", err
	}
	return t.Name, nil
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
