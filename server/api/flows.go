package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/outbox"
	"github.com/blockcast/blockcast/engine/policy"
	"github.com/blockcast/blockcast/flows"
)

// FlowAnswer is a flow as callers see it.
type FlowAnswer struct {
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Published int             `json:"published" doc:"The number of the published version, 0 when there is none."`
	UpdatedAt time.Time       `json:"updated_at"`
	Draft     json.RawMessage `json:"draft,omitempty" doc:"The document last pushed; with a single flow only."`
}

func showFlow(f engine.Flow) FlowAnswer {
	return FlowAnswer{ID: f.ID, Name: f.Name, Published: f.Published, UpdatedAt: f.UpdatedAt}
}

// CheckedAnswer is what is wrong with a document.
type CheckedAnswer struct {
	OK       bool          `json:"ok" doc:"It may be published; warnings do not hinder."`
	Problems []flowProblem `json:"problems"`
}

// flowProblem is one mistake or doubt about a document, with its place.
type flowProblem struct {
	Code    string `json:"code"`
	File    string `json:"file,omitempty"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Path    string `json:"path" doc:"JSON pointer."`
	Flow    string `json:"flow,omitempty"`
	Block   string `json:"block,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty" doc:"Such as the nearest names."`
	Warning bool   `json:"warning,omitempty" doc:"Publishing is not refused for it."`
}

// pushed is a stored draft with what is wrong with it.
type pushed struct {
	FlowAnswer
	CheckedAnswer
}

// OneFlow is the path of one flow.
type OneFlow struct {
	InBot
	Flow string `path:"flow" doc:"The flow's name or id."`
}

// Document is a call whose body is a flow document.
type Document struct {
	RawBody []byte `contentType:"application/json" doc:"A flow document, see /v1/flow-schema."`
}

// flows registers …/flows.
func (a *API) flows() {
	const tag, path = "Flows", botPath + "/flows"
	register(a, get("list-flows", path, tag, "List flows", engine.ScopeRead), a.listFlows)
	register(a, get("get-flow", path+"/{flow}", tag, "Get a flow with its draft", engine.ScopeRead), a.getFlow)
	register(a, operation{id: "put-flow", method: http.MethodPut, path: path + "/{flow}", tag: tag, rule: rule{scope: engine.ScopeFlows},
		summary: "Store a document as the flow's draft", description: "The draft is stored even when it cannot be published; the answer says what is wrong with it."}.ofDocument(), a.putFlow)
	register(a, post("check-document", path+"/check", tag, "Check a document against what the bot has, and store nothing", engine.ScopeRead, http.StatusOK).ofDocument(), a.checkDocument)
	register(a, post("check-flow", path+"/{flow}/check", tag, "Check the flow's draft", engine.ScopeRead, http.StatusOK), a.checkFlow)
	register(a, operation{id: "get-flow-schema", method: http.MethodGet, path: "/v1/flow-schema", tag: tag, rule: rule{open: true},
		summary: "The JSON Schema of flow documents, for editors"}, schema)
}

func (a *API) listFlows(ctx context.Context, in *struct {
	InBot
	Paging
}) (*body[list[FlowAnswer]], error) {
	all, err := a.Store.ListFlows(ctx, botOf(ctx).ID)
	if err != nil {
		return nil, err
	}
	rows, next, err := paged(all, in.Paging, func(f engine.Flow) string { return f.ID })
	return listed(rows, next, err, showFlow)
}

func (a *API) getFlow(ctx context.Context, in *OneFlow) (*body[FlowAnswer], error) {
	f, err := a.Store.Flow(ctx, botOf(ctx).ID, in.Flow)
	if err != nil {
		return nil, err
	}
	out := showFlow(*f)
	out.Draft = f.Draft
	return answer(out, nil)
}

func (a *API) putFlow(ctx context.Context, in *struct {
	OneFlow
	Document
}) (*body[pushed], error) {
	if !json.Valid(in.RawBody) || !utf8.Valid(in.RawBody) {
		_, problems, err := a.check(ctx, in.RawBody, in.Flow)
		if err != nil {
			return nil, err
		}
		return nil, refused("the document cannot be stored", problems.Problems)
	}
	var head struct {
		Flow string `json:"flow"`
	}
	if err := json.Unmarshal(in.RawBody, &head); err != nil || head.Flow == "" {
		return nil, invalid("body.flow", "the document does not name its flow")
	}
	bot := botOf(ctx)
	if blocks.Fold(head.Flow) != blocks.Fold(in.Flow) {
		old, err := a.Store.Flow(ctx, bot.ID, in.Flow)
		if err != nil || old.ID != in.Flow || blocks.Fold(old.Name) != blocks.Fold(head.Flow) {
			return nil, invalid("body.flow", fmt.Sprintf("the document is of flow %q, the address of another", head.Flow))
		}
	}
	f, err := a.Store.SaveDraft(ctx, bot.ID, head.Flow, in.RawBody, a.Now())
	if err != nil {
		return nil, err
	}
	_, problems, err := a.check(ctx, in.RawBody, f.Name)
	return answer(pushed{showFlow(*f), problems}, err)
}

func (a *API) checkDocument(ctx context.Context, in *struct {
	InBot
	Document
}) (*body[CheckedAnswer], error) {
	var head struct {
		Flow string `json:"flow"`
	}
	_ = json.Unmarshal(in.RawBody, &head) // the check says what is wrong with it
	_, out, err := a.check(ctx, in.RawBody, head.Flow)
	return answer(out, err)
}

func (a *API) checkFlow(ctx context.Context, in *OneFlow) (*body[CheckedAnswer], error) {
	f, err := a.Store.Flow(ctx, botOf(ctx).ID, in.Flow)
	if err != nil {
		return nil, err
	}
	_, out, err := a.check(ctx, f.Draft, f.Name)
	return answer(out, err)
}

// check checks a document of a flow against what else the bot has.
func (a *API) check(ctx context.Context, data []byte, flow string) (*flows.Checked, CheckedAnswer, error) {
	catalog, err := a.catalog(ctx, flow)
	if err != nil {
		return nil, CheckedAnswer{}, err
	}
	if catalog.Files, err = a.Store.KeptFiles(ctx, botOf(ctx).ID, flows.FilesNamed(data)); err != nil {
		return nil, CheckedAnswer{}, err
	}
	checked, problems := flows.Check(data, "", catalog)
	out := CheckedAnswer{OK: checked != nil, Problems: make([]flowProblem, len(problems))}
	for i, p := range problems {
		out.Problems[i] = flowProblem(p)
	}
	return checked, out, nil
}

// catalog is what a document of a flow is checked against.
func (a *API) catalog(ctx context.Context, flow string) (flows.Catalog, error) {
	bot := botOf(ctx)
	c := flows.Catalog{NewID: a.NewID}
	library, err := a.Libraries.Library(ctx, bot.ID)
	if err != nil {
		return c, err
	}
	for _, p := range library.Flows {
		for _, b := range p.Program.Blocks {
			c.Blocks = append(c.Blocks, flows.Known{ID: b.ID, Name: b.Name, Flow: p.Name, Aliases: b.Aliases, Module: b.Module})
		}
		if blocks.Fold(p.Name) != blocks.Fold(flow) {
			addOther(&c, &p)
		} else {
			c.Before = p.Program.Attributes
		}
	}
	if c.Dependents, err = a.Broadcasts.Dependents(ctx, bot.ID); err != nil {
		return c, err
	}
	if c.Listens, err = a.Store.Listens(ctx, bot.ID, engine.TopicHandover); err != nil {
		return c, err
	}
	accounts, err := a.Store.Accounts(ctx, bot.ID)
	for _, v := range accounts {
		if v.State == engine.AccountDisconnected || slices.Contains(c.Channels, v.Channel) {
			continue
		}
		c.Channels = append(c.Channels, v.Channel)
		if policy.Windowed(v.Channel, a.Now()) {
			c.Windowed = append(c.Windowed, v.Channel)
		}
		ch, ok := a.Channels[v.Channel]
		if !ok {
			continue
		}
		c.Displays = append(c.Displays, outbox.Display(ch))
		if ch.Limits().Templates {
			c.Templated = append(c.Templated, v.Channel)
		}
	}
	return c, err
}

// addOther adds what another flow than the checked one holds on to.
func addOther(c *flows.Catalog, p *engine.Published) {
	c.Attributes = append(c.Attributes, p.Program.Attributes...)
	for _, t := range p.Program.Triggers {
		c.Triggers = append(c.Triggers, flows.KnownTrigger{Flow: p.Name, On: t.On, Channels: t.Channels, Accounts: t.Accounts})
	}
	for _, id := range p.Named {
		c.Uses = append(c.Uses, flows.Use{Flow: p.Name, Block: id})
	}
}

// schema answers the document's JSON Schema as it is.
func schema(context.Context, *struct{}) (*huma.StreamResponse, error) {
	return &huma.StreamResponse{Body: func(c huma.Context) {
		c.SetHeader("Content-Type", "application/schema+json")
		_, _ = c.BodyWriter().Write(flows.Schema()) // into memory
	}}, nil
}
