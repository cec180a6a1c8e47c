package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/flows"
	"github.com/blockcast/blockcast/server/problem"
)

// use is a place that names an attribute or a tag.
type use struct {
	Flow  string `json:"flow,omitempty"`
	Block string `json:"block,omitempty"`
	By    string `json:"by,omitempty" doc:"Of what is no flow: segment \"VIPs\", scheduled broadcast \"Winter\"."`
	How   string `json:"how" enum:"declares,sets,adds,removes,reads,names" doc:"Attributes are declared and set, tags added and removed."`
}

// String says a use in words.
func (u use) String() string {
	switch {
	case u.By != "":
		return "the " + u.By + " names it"
	case u.Block == "":
		return fmt.Sprintf("flow %q declares it", u.Flow)
	}
	return fmt.Sprintf("block %q of flow %q %s it", u.Block, u.Flow, u.How)
}

// usesOf looks for an attribute or a tag in everything a bot has published, in
// its segments, and in what is still to be sent.
func (a *API) usesOf(ctx context.Context, botID, kind, name string) ([]use, error) {
	mentions, names := flows.AttributeUses, func(d flows.Dependent) bool { return slices.Contains(d.Attributes, name) }
	if kind == "tag" {
		mentions, names = flows.TagUses, func(d flows.Dependent) bool { return slices.Contains(d.Tags, flows.Fold(name)) }
	}
	out := []use{}
	err := a.lookThrough(ctx, botID, kind, func(flow string, v *engine.FlowVersion) error {
		found, err := mentions(v.Document, name)
		for _, m := range found {
			out = append(out, use{Flow: flow, Block: m.Block, How: m.How})
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
		if names(d) {
			out = append(out, use{By: d.What, How: "names"})
		}
	}
	return out, nil
}

// unnamed refuses a change of what something names, and says what; hint is what
// to do about it.
func unnamed(kind, name string, uses []use, hint string) error {
	if len(uses) == 0 {
		return nil
	}
	p := problem.New(http.StatusConflict, fmt.Sprintf("something names the %s %q", kind, name))
	p.Hint = hint
	for _, u := range uses {
		p.Errors = append(p.Errors, problem.Detail{Location: "path." + kind, Message: u.String()})
	}
	return p
}

// lookThrough calls look with every published version of a bot and the name of
// its flow. what is looked for is named in its error.
func (a *API) lookThrough(ctx context.Context, botID, what string, look func(flow string, v *engine.FlowVersion) error) error {
	versions, err := a.Store.PublishedVersions(ctx, botID)
	if err != nil {
		return err
	}
	all, err := a.Store.ListFlows(ctx, botID)
	if err != nil {
		return err
	}
	names := make(map[string]string, len(all))
	for _, f := range all {
		names[f.ID] = f.Name
	}
	for i := range versions {
		if err := look(names[versions[i].FlowID], &versions[i]); err != nil {
			return fmt.Errorf("look for %s in version %d: %w", what, versions[i].ID, err)
		}
	}
	return nil
}
