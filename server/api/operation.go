package api

import (
	"context"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/problem"
)

// keyHeader makes a repeated POST safe.
const keyHeader = "Idempotency-Key"

// rule says who may call an operation.
type rule struct {
	open  bool   // without a token
	scope string // "": any token that reaches the bot
	keyed bool   // hands its Idempotency-Key on, to be kept with what it makes; other POSTs keep their answers
}

const ruleName = "rule"

func ruleOf(op *huma.Operation) rule {
	r, _ := op.Metadata[ruleName].(rule)
	return r
}

// operation is one call of the API as a resource's file describes it.
type operation struct {
	id, method, path string
	tag              string
	summary          string
	description      string
	status           int    // of success; 0: 200
	raw              bool   // the body is a document that the handler reads itself
	file             string // the type of the body that is a file, read as it comes; "" of other bodies
	rule             rule
}

// register adds an operation. Errors of handle become problems.
func register[I, O any](a *API, o operation, handle func(context.Context, *I) (*O, error)) {
	op := huma.Operation{
		OperationID: o.id, Method: o.method, Path: o.path, Tags: []string{o.tag},
		Summary: o.summary, Description: strings.TrimSpace(o.description + scopeNote(o.rule)), DefaultStatus: o.status,
		MaxBodyBytes: -1, BodyReadTimeout: -1, // the server has read it already
		SkipValidateBody: o.raw,
		Metadata:         map[string]any{ruleName: o.rule},
		Responses:        map[string]*huma.Response{"default": a.problemResponse()},
	}
	if o.file != "" {
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			o.file: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}
	}
	if !o.rule.open {
		op.Security = []map[string][]string{{"token": {}}}
	}
	if o.method == http.MethodPost && !o.rule.keyed {
		op.Parameters = append(op.Parameters, keyParam())
	}
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, a.problemOf(ctx, &op, err)
		}
		return out, nil
	})
}

func scopeNote(r rule) string {
	switch r.scope {
	case "":
		return ""
	case engine.ScopeInstance:
		return "\n\nNeeds an instance token."
	}
	return "\n\nNeeds the scope `" + r.scope + "`."
}

// problemResponse describes every answer that is no success.
func (a *API) problemResponse() *huma.Response {
	schema := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[problem.Problem](), true, "Problem")
	return &huma.Response{
		Description: "A problem, as RFC 9457 has it.",
		Content:     map[string]*huma.MediaType{problem.ContentType: {Schema: schema}},
	}
}

// Shorthands for the resources' tables.
func get(id, path, tag, summary, scope string) operation {
	return operation{id: id, method: http.MethodGet, path: path, tag: tag, summary: summary, rule: rule{scope: scope}}
}

func post(id, path, tag, summary, scope string, status int) operation {
	return operation{id: id, method: http.MethodPost, path: path, tag: tag, summary: summary, rule: rule{scope: scope}, status: status}
}

func patch(id, path, tag, summary, scope string) operation {
	return operation{id: id, method: http.MethodPatch, path: path, tag: tag, summary: summary, rule: rule{scope: scope}}
}

func remove(id, path, tag, summary, scope string) operation {
	return operation{id: id, method: http.MethodDelete, path: path, tag: tag, summary: summary, rule: rule{scope: scope}, status: http.StatusNoContent}
}

// about adds a description.
func (o operation) about(text string) operation {
	o.description = text
	return o
}

// ofDocument marks an operation whose body the handler reads itself.
func (o operation) ofDocument() operation {
	o.raw = true
	return o
}

// ofFile marks an operation whose body is a file. It keeps no answers by key:
// that would need the body whole.
func (o operation) ofFile() operation {
	o.file, o.rule.keyed = "application/octet-stream", true
	return o
}

// ofStream marks an operation whose body is a file of a type, read as it comes
// unless the call has a key.
func (o operation) ofStream(contentType string) operation {
	o.raw, o.file = true, contentType
	return o
}

// botPath is that of a bot; what is the bot's lies below it.
const botPath = "/v1/bots/{bot}"

// InBot is the path parameter of all calls about a bot.
type InBot struct {
	Bot string `path:"bot" doc:"The bot's id."`
}

// none is an answer without a body.
type none struct{}

// body is an answer with one.
type body[T any] struct{ Body T }

func answer[T any](v T, err error) (*body[T], error) {
	if err != nil {
		return nil, err
	}
	return &body[T]{v}, nil
}
