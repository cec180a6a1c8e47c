package api

import (
	"context"
	"net/http"
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

type oneAttribute struct {
	InBot
	Attribute string `path:"attribute" doc:"Its name."`
}

// attributes registers …/attributes.
func (a *API) attributes() {
	const tag, path = "Attributes", botPath + "/attributes"
	register(a, get("list-attributes", path, tag, "List declared attributes", engine.ScopeRead), a.listAttributes)
	register(a, post("declare-attribute", path, tag, "Declare an attribute", engine.ScopeFlows, http.StatusCreated).
		about("Callers' values are converted to its type, and refused where they cannot be. A flow declares its own when it is published."), a.declareAttribute)
	register(a, remove("delete-attribute", path+"/{attribute}", tag, "Delete a declaration", engine.ScopeFlows), a.deleteAttribute)
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

func (a *API) deleteAttribute(ctx context.Context, in *oneAttribute) (*none, error) {
	return nil, a.Store.DeleteAttribute(ctx, botOf(ctx).ID, in.Attribute)
}
