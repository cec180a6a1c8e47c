package api

import (
	"context"
	"fmt"
	"strings"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/flows"
)

// TagAnswer is a tag with how many people have it.
type TagAnswer struct {
	Name     string `json:"name"`
	Contacts int64  `json:"contacts" doc:"How many people have it."`
}

func showTag(t engine.Tag) TagAnswer { return TagAnswer(t) }

// tagHint is what to do about a tag that something names.
const tagHint = "take it out there first, or send force to do it all the same"

// usedTagAnswer is a tag with all that names it.
type usedTagAnswer struct {
	TagAnswer
	Uses []use `json:"uses" doc:"The published blocks, the segments, and the broadcasts still to be sent that name it. A tag that an expression puts together, such as bought {{ product }}, is not found."`
}

// OneTag is the path of one tag.
type OneTag struct {
	InBot
	Tag string `path:"tag" doc:"Its name; case does not matter."`
}

type changeTag struct {
	OneTag
	Body struct {
		Name  string `json:"name" minLength:"1" doc:"Its new name."`
		Force bool   `json:"force,omitempty" doc:"Also while something names it by the old one."`
	}
}

type deleteTag struct {
	OneTag
	Force bool `query:"force" doc:"Also while something names it."`
}

// tags registers …/tags.
func (a *API) tags() {
	const tag, path = "Tags", botPath + "/tags"
	register(a, get("list-tags", path, tag, "List tags with how many people have each", engine.ScopeRead), a.listTags)
	register(a, get("get-tag", path+"/{tag}", tag, "Get a tag with all that names it", engine.ScopeRead), a.getTag)
	register(a, patch("rename-tag", path+"/{tag}", tag, "Rename a tag", engine.ScopeContacts).
		about("Everybody who has it keeps it. While published blocks, segments or broadcasts that are still to be sent name it the call is refused and lists them: they would go on using the old name."), a.renameTag)
	register(a, remove("delete-tag", path+"/{tag}", tag, "Take a tag off everybody and forget it", engine.ScopeContacts).
		about("While published blocks, segments or broadcasts that are still to be sent name it the call is refused and lists them."), a.deleteTag)
}

func (a *API) listTags(ctx context.Context, in *struct {
	InBot
	Paging
}) (*body[list[TagAnswer]], error) {
	all, err := a.Store.ListTags(ctx, botOf(ctx).ID)
	if err != nil {
		return nil, err
	}
	rows, next, err := paged(all, in.Paging, func(t engine.Tag) string { return t.Name })
	return listed(rows, next, err, showTag)
}

func (a *API) getTag(ctx context.Context, in *OneTag) (*body[usedTagAnswer], error) {
	return answer(a.shownTag(ctx, in.Tag))
}

// shownTag is a tag of the call's bot with all that names it.
func (a *API) shownTag(ctx context.Context, name string) (usedTagAnswer, error) {
	bot := botOf(ctx)
	t, err := a.Store.Tag(ctx, bot.ID, name)
	if err != nil {
		return usedTagAnswer{}, err
	}
	uses, err := a.usesOf(ctx, bot.ID, "tag", t.Name)
	return usedTagAnswer{showTag(*t), uses}, err
}

func (a *API) renameTag(ctx context.Context, in *changeTag) (*body[usedTagAnswer], error) {
	to := strings.TrimSpace(in.Body.Name)
	switch {
	case to == "":
		return nil, invalid("name", "a tag needs a name")
	case len(to) > blocks.MaxTagName:
		return nil, invalid("name", fmt.Sprintf("a tag's name has at most %d bytes", blocks.MaxTagName))
	}
	t, err := a.shownTag(ctx, in.Tag)
	if err != nil {
		return nil, err
	}
	if respelt := flows.Fold(to) == flows.Fold(t.Name); !respelt && !in.Body.Force {
		if err := unnamed("tag", t.Name, t.Uses, tagHint); err != nil {
			return nil, err
		}
	}
	if err := a.Store.RenameTag(ctx, botOf(ctx).ID, in.Tag, to); err != nil {
		return nil, err
	}
	return answer(a.shownTag(ctx, to))
}

func (a *API) deleteTag(ctx context.Context, in *deleteTag) (*none, error) {
	t, err := a.shownTag(ctx, in.Tag)
	if err != nil {
		return nil, err
	}
	if !in.Force {
		if err := unnamed("tag", t.Name, t.Uses, tagHint); err != nil {
			return nil, err
		}
	}
	return nil, a.Store.DeleteTag(ctx, botOf(ctx).ID, in.Tag)
}
