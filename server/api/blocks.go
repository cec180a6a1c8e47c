package api

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
)

// blockAnswer is a block or module that callers can address.
type blockAnswer struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Flow    string   `json:"flow"`
	Module  bool     `json:"module" doc:"It only speaks."`
	Version int      `json:"version" doc:"Of its flow."`
	Aliases []string `json:"aliases" doc:"Old systems' ids and names for it."`
	Needs   []string `json:"needs" doc:"The attributes a caller should bring."`
	Calls   calls    `json:"calls" doc:"Ready to copy; put your token and the person in."`
}

// calls send a block.
type calls struct {
	Native      string `json:"native"`
	AhaChat     string `json:"ahachat" doc:"AhaChat's call by phone."`
	AhaChatUser string `json:"ahachat_user" doc:"AhaChat's call by the platform's user id."`
}

// blocks registers …/blocks.
func (a *API) blocks() {
	const tag, path = "Blocks", botPath + "/blocks"
	register(a, get("list-blocks", path, tag, "List what can be sent", engine.ScopeRead), a.listBlocks)
	register(a, get("get-block", path+"/{block}", tag, "Get a block with calls that send it", engine.ScopeRead), a.getBlock)
}

func (a *API) listBlocks(ctx context.Context, in *struct {
	InBot
	Paging
}) (*body[list[blockAnswer]], error) {
	bot := botOf(ctx)
	all, err := a.Store.ListBlocks(ctx, bot.ID)
	if err != nil {
		return nil, err
	}
	rows, next, err := paged(all, in.Paging, func(b engine.BlockInfo) string { return b.ID })
	return listed(rows, next, err, func(b engine.BlockInfo) blockAnswer { return a.showBlock(bot, b, nil) })
}

func (a *API) getBlock(ctx context.Context, in *struct {
	InBot
	Block string `path:"block" doc:"Its name, id or alias."`
}) (*body[blockAnswer], error) {
	bot := botOf(ctx)
	all, err := a.Store.ListBlocks(ctx, bot.ID)
	if err != nil {
		return nil, err
	}
	b := findBlock(all, in.Block)
	if b == nil {
		var names []string
		for _, b := range all {
			names = append(append(names, b.Name), b.Aliases...)
		}
		return nil, &engine.Error{Code: engine.NotFound, Field: "path.block", Message: "no published block has this name, id or alias", Hint: blocks.DidYouMean(in.Block, names)}
	}
	attributes, err := a.Store.ListAttributes(ctx, bot.ID)
	return answer(a.showBlock(bot, *b, attributes), err)
}

// findBlock finds a block as callers name it: by name, then id, then alias.
func findBlock(all []engine.BlockInfo, named string) *engine.BlockInfo {
	folded := blocks.Fold(named)
	for _, is := range []func(*engine.BlockInfo) bool{
		func(b *engine.BlockInfo) bool { return blocks.Fold(b.Name) == folded },
		func(b *engine.BlockInfo) bool { return b.ID == folded },
		func(b *engine.BlockInfo) bool {
			for _, alias := range b.Aliases {
				if blocks.Fold(alias) == folded {
					return true
				}
			}
			return false
		},
	} {
		for i := range all {
			if is(&all[i]) {
				return &all[i]
			}
		}
	}
	return nil
}

func (a *API) showBlock(bot *engine.Bot, b engine.BlockInfo, declared []engine.Attribute) blockAnswer {
	return blockAnswer{ID: b.ID, Name: b.Name, Flow: b.Flow, Module: b.Module, Version: b.Version, Aliases: orEmpty(b.Aliases), Needs: orEmpty(b.Needs),
		Calls: calls{Native: a.nativeCall(bot, &b, declared), AhaChat: a.ahaChatCall(bot, &b, declared, "phones/send", "&phone=0900000000"), AhaChatUser: a.ahaChatCall(bot, &b, declared, "users/USER_ID/send", "")}}
}

// nativeCall is a curl line for our own API.
func (a *API) nativeCall(bot *engine.Bot, b *engine.BlockInfo, declared []engine.Attribute) string {
	attributes := map[string]any{}
	for _, name := range b.Needs {
		attributes[name] = sampleOf(name, declared)
	}
	order := map[string]any{"to": map[string]string{"phone": "0900000000"}, "block": b.Name}
	if len(attributes) > 0 {
		order["attributes"] = attributes
	}
	text, err := json.Marshal(order)
	if err != nil {
		return ""
	}
	return "curl -X POST " + quoted(a.PublicURL+"/v1/bots/"+bot.ID+"/sends") +
		" -H 'Authorization: Bearer TOKEN' -H 'Content-Type: application/json' -d " + quoted(string(text))
}

// ahaChatCall is a curl line for callers of AhaChat.
func (a *API) ahaChatCall(bot *engine.Bot, b *engine.BlockInfo, declared []engine.Attribute, path, to string) string {
	u := a.PublicURL + "/api/bots/" + bot.ID + "/" + path + "?ahachat_token=TOKEN&ahachat_block_name=" + url.QueryEscape(b.Name) + to
	for _, name := range b.Needs {
		sample := sampleOf(name, declared)
		if text, isText := sample.(string); isText {
			u += "&" + url.QueryEscape(name) + "=" + text
			continue
		}
		value, err := json.Marshal(sample)
		if err != nil {
			return ""
		}
		u += "&" + url.QueryEscape(name) + "=" + url.QueryEscape(string(value))
	}
	return "curl -X POST " + quoted(u)
}

// sampleOf is a value that an attribute takes, to stand in a call. An
// attribute that is not declared, or that holds a text, takes anything.
func sampleOf(name string, declared []engine.Attribute) any {
	i := slices.IndexFunc(declared, func(v engine.Attribute) bool { return v.Name == name })
	if i < 0 {
		return "…"
	}
	switch declared[i].Type {
	case "number":
		return 100
	case "boolean":
		return true
	case "date":
		return "2026-12-30"
	case "datetime":
		return "2026-12-30T09:00"
	case "list":
		return []any{}
	case "json":
		return map[string]any{}
	}
	return "…"
}

// quoted is a text as a shell takes it for one word.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
