package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/server/problem"
)

// newHuma returns an API that speaks JSON and nothing else, writes errors as
// problems and serves no pages of its own.
func newHuma(r fiber.Router, version string) huma.API {
	schemas := huma.NewMapRegistry("#/components/schemas/", schemaName)
	format := huma.Format{Marshal: writeJSON, Unmarshal: readJSON}
	config := huma.Config{
		OpenAPI: &huma.OpenAPI{
			Info: &huma.Info{Title: "blockcast", Version: version, Description: intro},
			Components: &huma.Components{
				Schemas: schemas,
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"token": {Type: "http", Scheme: "bearer", Description: "A token of the bot, or of the instance for /v1/bots."},
				},
			},
		},
		Formats:                      map[string]huma.Format{"application/json": format, "json": format},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{asProblem(schemas)},
	}
	inner := humafiber.NewWithGroup(nil, r, config).Adapter()
	return huma.NewAPI(config, adapter{inner})
}

// schemaName is what the description calls a type: botAnswer is a Bot.
func schemaName(t reflect.Type, hint string) string {
	return strings.ReplaceAll(huma.DefaultSchemaNamer(t, hint), "Answer", "")
}

// writeJSON leaves < > & readable: nobody reads these answers as HTML.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// readJSON says of what is no JSON where it is broken.
func readJSON(data []byte, v any) error {
	err := json.Unmarshal(data, v)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return errors.New(problem.NotJSON(err))
	}
	return err
}

// adapter corrects what humafiber makes of a request.
type adapter struct{ huma.Adapter }

// Handle implements huma.Adapter.
func (a adapter) Handle(op *huma.Operation, handler func(huma.Context)) {
	a.Adapter.Handle(op, func(c huma.Context) { handler(request{c, op.SkipValidateBody}) })
}

// humaContext is huma.Context under a name that its method Context leaves free.
type humaContext huma.Context

// request is a call as the API sees it: body read by the server and clean of
// what databases refuse, path parameters unescaped.
type request struct {
	humaContext
	asItCame bool // the handler reads the body itself
}

// Unwrap gives humafiber its own context back.
func (r request) Unwrap() huma.Context { return r.humaContext }

// BodyReader reads the body the server has read.
func (r request) BodyReader() io.Reader {
	body := humafiber.Unwrap(r.humaContext).Request().Body()
	if !r.asItCame {
		body = channels.CleanJSON(body)
	}
	return bytes.NewReader(body)
}

// Param is a part of the path, unescaped.
func (r request) Param(name string) string {
	escaped := r.humaContext.Param(name)
	if text, err := url.PathUnescape(escaped); err == nil {
		return channels.CleanText(text)
	}
	return channels.CleanText(escaped)
}

// Query is a parameter of the query, clean.
func (r request) Query(name string) string { return channels.CleanText(r.humaContext.Query(name)) }

// URL is the address of the call. One that cannot be parsed has its query at
// least.
func (r request) URL() url.URL {
	raw := string(humafiber.Unwrap(r.humaContext).Request().RequestURI())
	if u, err := url.Parse(raw); err == nil {
		return *u
	}
	path, query, _ := strings.Cut(raw, "?")
	return url.URL{Path: path, RawQuery: query}
}

// SetReadDeadline does nothing: the body is here.
func (r request) SetReadDeadline(time.Time) error { return nil }
