package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/flows"
	"github.com/blockcast/blockcast/server/problem"
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
	Uses []attributeUse `json:"uses" doc:"The published blocks that name it, the segments, and the broadcasts that are still to be sent."`
}

type attributeUse struct {
	Flow  string `json:"flow,omitempty"`
	Block string `json:"block,omitempty"`
	By    string `json:"by,omitempty" doc:"Of what is no flow: segment \"Taipei\", scheduled broadcast \"Winter\"."`
	How   string `json:"how" enum:"declares,sets,reads,names"`
}

// String says a use in words.
func (u attributeUse) String() string {
	switch {
	case u.By != "":
		return "the " + u.By + " names it"
	case u.Block == "":
		return fmt.Sprintf("flow %q declares it", u.Flow)
	}
	return fmt.Sprintf("block %q of flow %q %s it", u.Block, u.Flow, u.How)
}

// attributes registers …/attributes.
func (a *API) attributes() {
	const tag, path = "Attributes", botPath + "/attributes"
	register(a, get("list-attributes", path, tag, "List declared attributes", engine.ScopeRead), a.listAttributes)
	register(a, post("declare-attribute", path, tag, "Declare an attribute", engine.ScopeFlows, http.StatusCreated).
		about("Callers' values are converted to its type, and refused where they cannot be. A flow declares its own when it is published."), a.declareAttribute)
	register(a, get("get-attribute", path+"/{attribute}", tag, "Get an attribute with all that names it", engine.ScopeRead), a.getAttribute)
	register(a, remove("delete-attribute", path+"/{attribute}", tag, "Delete a declaration, and what people have of it", engine.ScopeFlows).
		about("Refused while published flows, segments or broadcasts that are still to be sent name it; the answer lists them. "+
			"An attribute keeps its name: to give it another, declare that, publish flows that use it, and delete the old one."), a.deleteAttribute)
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
	bot := botOf(ctx)
	all, err := a.Store.ListAttributes(ctx, bot.ID)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(v engine.Attribute) bool { return v.Name == in.Attribute })
	if i < 0 {
		return nil, unknown("path.attribute", fmt.Sprintf("there is no attribute %q", in.Attribute))
	}
	uses, err := a.usesOfAttribute(ctx, bot.ID, in.Attribute)
	return answer(usedAttributeAnswer{showAttribute(all[i]), uses}, err)
}

// usesOfAttribute looks for an attribute in everything the bot has published, in
// its segments, and in what is still to be sent.
func (a *API) usesOfAttribute(ctx context.Context, botID, name string) ([]attributeUse, error) {
	out := []attributeUse{}
	err := a.lookThrough(ctx, botID, "attribute", func(flow string, v *engine.FlowVersion) error {
		found, err := flows.AttributeUses(v.Document, name)
		for _, u := range found {
			out = append(out, attributeUse{Flow: flow, Block: u.Block, How: u.How})
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	dependents, err := a.Broadcasts.Dependents(ctx, botID)
	if err != nil {
		return nil, err
	}
	for _, d := range dependents {
		if slices.Contains(d.Attributes, name) {
			out = append(out, attributeUse{By: d.What, How: "names"})
		}
	}
	return out, nil
}

func (a *API) deleteAttribute(ctx context.Context, in *struct {
	OneAttribute
	Force bool `query:"force" doc:"Also while something names it."`
}) (*none, error) {
	bot := botOf(ctx)
	if !in.Force {
		uses, err := a.usesOfAttribute(ctx, bot.ID, in.Attribute)
		if err != nil {
			return nil, err
		}
		if len(uses) > 0 {
			p := problem.New(http.StatusConflict, fmt.Sprintf("something names the attribute %q", in.Attribute))
			p.Hint = "take it out there first, or send force to delete it all the same"
			for _, u := range uses {
				p.Errors = append(p.Errors, problem.Detail{Location: "path.attribute", Message: u.String()})
			}
			return nil, p
		}
	}
	return nil, a.Store.DeleteAttribute(ctx, bot.ID, in.Attribute)
}
