package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server/problem"
	"github.com/blockcast/blockcast/server/token"
)

// problemOf turns an error of the rooms behind the API into what the caller is
// told. What is no mistake of theirs is logged and said to be internal.
func (a *API) problemOf(ctx context.Context, op *huma.Operation, err error) error {
	return a.problemNamed(ctx, op.OperationID, err)
}

func (a *API) problemNamed(ctx context.Context, operation string, err error) error {
	var p *problem.Problem
	if errors.As(err, &p) {
		return p
	}
	var e *engine.Error
	if errors.As(err, &e) {
		return mistake(e)
	}
	var refused *channels.SendError
	if errors.As(err, &refused) {
		return platformProblem(refused)
	}
	a.fault(ctx, operation, err)
	return a.fallen(err)
}

// fallen is what the caller is told of a fault that is none of theirs.
func (a *API) fallen(err error) *problem.Problem {
	var over *token.OverLimit
	switch {
	case errors.As(err, &over):
		p := problem.New(http.StatusTooManyRequests, over.Error())
		p.RetryAfter = over.Wait
		return p
	case a.Store.Away(err):
		return problem.New(http.StatusServiceUnavailable, problem.Away)
	}
	return problem.New(http.StatusInternalServerError, "internal error")
}

// mistake is a caller's mistake as a problem.
func mistake(e *engine.Error) *problem.Problem {
	p := problem.New(statusOf(e), e.Message)
	p.Hint, p.Reason = e.Hint, e.Reason
	if e.Field != "" {
		p.Errors = []problem.Detail{{Location: location(e.Field), Message: e.Message}}
	}
	return p
}

func statusOf(e *engine.Error) int {
	switch e.Code {
	case engine.NotFound:
		return http.StatusNotFound
	case engine.Conflict:
		if e.Field == keyHeader {
			return http.StatusUnprocessableEntity // the same key with another body
		}
		return http.StatusConflict
	case engine.Forbidden:
		return http.StatusForbidden
	case engine.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusUnprocessableEntity
}

// location is a field as huma names places: body.to.phone.
func location(field string) string {
	switch {
	case field == keyHeader:
		return "header." + field
	case field == "cursor" || field == "limit":
		return "query." + field
	case strings.HasPrefix(field, "body") || strings.HasPrefix(field, "path.") || strings.HasPrefix(field, "query."):
		return field
	}
	return "body." + field
}

// platformProblem is what a platform answered while the caller waited.
func platformProblem(e *channels.SendError) *problem.Problem {
	if e.Kind == channels.KindDown || e.Kind == channels.KindThrottled {
		return problem.New(http.StatusServiceUnavailable, "the platform cannot be asked just now: "+e.Message)
	}
	return problem.New(http.StatusUnprocessableEntity, "the platform refuses: "+e.Message+" ("+e.Code+")")
}

// asProblem makes huma's own errors problems: without the offending values,
// which it would echo, with the nearest of the names that were meant, and with
// the call's id.
func asProblem(schemas huma.Registry) huma.Transformer {
	return func(c huma.Context, _ string, v any) (any, error) {
		id := callerOf(c.Context()).requestID
		if id == "" {
			id = responseID(c)
		}
		switch e := v.(type) {
		case *problem.Problem:
			return e.Fill(id), nil
		case *huma.ErrorModel:
			return mistakes(c.Operation(), schemas, e).Fill(id), nil
		}
		return v, nil
	}
}

// noBody is huma's word for a call without a body, which names no place.
const noBody = "request body is required"

// mistakes is what huma found in a call.
func mistakes(op *huma.Operation, schemas huma.Registry, e *huma.ErrorModel) *problem.Problem {
	p := &problem.Problem{Status: e.Status, Detail: e.Detail}
	if e.Status >= http.StatusInternalServerError {
		p.Detail = "internal error"
		return p
	}
	if len(e.Errors) == 0 && e.Detail == noBody {
		e.Errors = []*huma.ErrorDetail{{Location: "body", Message: noBody}}
	}
	for _, d := range e.Errors {
		place, text := worded(d.Location, d.Message)
		if hint := nearest(op, schemas, d.Location, d.Message); hint != "" {
			text += "; " + hint
		}
		p.Errors = append(p.Errors, problem.Detail{Location: place, Message: text})
	}
	if len(p.Errors) > 0 {
		p.Detail = summary(p.Errors)
	}
	return p
}

// summary says what is wrong in one sentence, instead of that something is.
func summary(errors []problem.Detail) string {
	text := errors[0].Location + ": " + errors[0].Message
	if more := len(errors) - 1; more > 0 {
		text += fmt.Sprintf(" (and %d more, see errors)", more)
	}
	return text
}
