package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/engine"
)

// attributeAnswer is a declared attribute.
type attributeAnswer struct {
	Name       string `json:"name"`
	Type       string `json:"type" enum:"text,number,boolean,date,datetime,list,json"`
	Default    any    `json:"default,omitempty"`
	DeclaredBy string `json:"declared_by" doc:"The flow's name, or api."`
	Contacts   int64  `json:"contacts" doc:"How many people have one."`
}

func showAttribute(v engine.Attribute) attributeAnswer {
	return attributeAnswer{v.Name, v.Type, v.Default, v.DeclaredBy, v.Contacts}
}

type newAttribute struct {
	InBot
	Body struct {
		Name    string `json:"name" minLength:"1" maxLength:"100" doc:"As flows and callers write it."`
		Type    string `json:"type,omitempty" enum:"text,number,boolean,date,datetime,list,json" default:"text"`
		Default any    `json:"default,omitempty" doc:"What people have who have none."`
	}
}

// OneAttribute is the path of one attribute.
type OneAttribute struct {
	InBot
	Attribute string `path:"attribute" doc:"Its name."`
}

// usedAttributeAnswer is an attribute with all that names it.
type usedAttributeAnswer struct {
	attributeAnswer
	Uses []use `json:"uses" doc:"The published blocks that name it, the segments, and the broadcasts that are still to be sent."`
}

// attributes registers …/attributes.
func (a *API) attributes() {
	const tag, path = "Attributes", botPath + "/attributes"
	register(a, get("list-attributes", path, tag, "List declared attributes", engine.ScopeRead), a.listAttributes)
	register(a, post("declare-attribute", path, tag, "Declare an attribute", engine.ScopeFlows, http.StatusCreated).
		about("Callers' values are converted to its type, and refused where they cannot be. A flow declares its own when it is published."), a.declareAttribute)
	register(a, get("get-attribute", path+"/{attribute}", tag, "Get an attribute with all that names it", engine.ScopeRead), a.getAttribute)
	register(a, patch("rename-attribute", path+"/{attribute}", tag, "Rename an attribute", engine.ScopeFlows).
		about("Everybody keeps what they have of it, by the new name. Refused while published flows, segments or broadcasts that are still to be sent name it, which go on using the old one; the answer lists them. "+
			"To go over without a gap, publish flows that use the new name, which declares it, and rename with `merge`."), a.renameAttribute)
	register(a, remove("delete-attribute", path+"/{attribute}", tag, "Delete a declaration, and what people have of it", engine.ScopeFlows).
		about("Refused while published flows, segments or broadcasts that are still to be sent name it; the answer lists them."), a.deleteAttribute)
}

func (a *API) listAttributes(ctx context.Context, in *struct {
	InBot
	Paging
}) (*body[list[attributeAnswer]], error) {
	all, err := a.Store.ListAttributes(ctx, botOf(ctx).ID)
	if err != nil {
		return nil, err
	}
	rows, next, err := paged(all, in.Paging, func(v engine.Attribute) string { return v.Name })
	return listed(rows, next, err, showAttribute)
}

func (a *API) declareAttribute(ctx context.Context, in *newAttribute) (*body[attributeAnswer], error) {
	v := engine.Attribute{BotID: botOf(ctx).ID, Name: strings.TrimSpace(in.Body.Name), Type: in.Body.Type, Default: in.Body.Default, DeclaredBy: "api"}
	if v.Name == "" {
		return nil, invalid("name", "an attribute needs a name")
	}
	if err := v.Check(); err != nil {
		return nil, err
	}
	return answer(showAttribute(v), a.Store.DeclareAttribute(ctx, v))
}

func (a *API) getAttribute(ctx context.Context, in *OneAttribute) (*body[usedAttributeAnswer], error) {
	return answer(a.shownAttribute(ctx, in.Attribute))
}

// shownAttribute is an attribute of the call's bot with all that names it.
func (a *API) shownAttribute(ctx context.Context, name string) (usedAttributeAnswer, error) {
	bot := botOf(ctx)
	all, err := a.Store.ListAttributes(ctx, bot.ID)
	if err != nil {
		return usedAttributeAnswer{}, err
	}
	i := slices.IndexFunc(all, func(v engine.Attribute) bool { return v.Name == name })
	if i < 0 {
		return usedAttributeAnswer{}, unknown("path.attribute", fmt.Sprintf("there is no attribute %q", name))
	}
	uses, err := a.usesOf(ctx, bot.ID, "attribute", name)
	return usedAttributeAnswer{showAttribute(all[i]), uses}, err
}

func (a *API) renameAttribute(ctx context.Context, in *struct {
	OneAttribute
	Body struct {
		Name  string `json:"name" minLength:"1" maxLength:"100" doc:"Its new name."`
		Merge bool   `json:"merge,omitempty" doc:"Also where the new name is declared already, with the same type: whoever has both keeps what they have of the new one."`
		Force bool   `json:"force,omitempty" doc:"Also while something names it by the old one."`
	}
}) (*body[usedAttributeAnswer], error) {
	v, err := a.shownAttribute(ctx, in.Attribute)
	if err != nil {
		return nil, err
	}
	to := engine.Attribute{Name: strings.TrimSpace(in.Body.Name), Type: v.Type}
	switch {
	case to.Name == "":
		return nil, invalid("name", "an attribute needs a name")
	case to.Name == v.Name:
		return nil, invalid("name", fmt.Sprintf("it is called %q already", v.Name))
	}
	if err := to.Check(); err != nil {
		return nil, err
	}
	if !in.Body.Force {
		hint := "publish flows that use the new name, change the rest, and rename it then with merge; or send force to move what people have all the same"
		if err := unnamed("attribute", v.Name, v.Uses, hint); err != nil {
			return nil, err
		}
	}
	if err := a.Store.RenameAttribute(ctx, botOf(ctx).ID, v.Name, to.Name, in.Body.Merge); err != nil {
		return nil, err
	}
	return answer(a.shownAttribute(ctx, to.Name))
}

func (a *API) deleteAttribute(ctx context.Context, in *struct {
	OneAttribute
	Force bool `query:"force" doc:"Also while something names it."`
}) (*none, error) {
	if !in.Force {
		v, err := a.shownAttribute(ctx, in.Attribute)
		if err != nil {
			return nil, err
		}
		if err := unnamed("attribute", v.Name, v.Uses, "take it out there first, or send force to delete it all the same"); err != nil {
			return nil, err
		}
	}
	return nil, a.Store.DeleteAttribute(ctx, botOf(ctx).ID, in.Attribute)
}
