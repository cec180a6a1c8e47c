package api

import (
	"maps"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/blockcast/blockcast/blocks"
)

// What huma says of a field and of a parameter that a call does not have.
const (
	noSuchField     = "unexpected property"
	noSuchParameter = "unknown query parameter"
)

// nearest hints at the field or the parameter of a call that a mistyped one was
// meant to be; "" when none is near.
func nearest(op *huma.Operation, schemas huma.Registry, location, message string) string {
	if op == nil {
		return ""
	}
	at := strings.LastIndexByte(location, '.')
	if at < 0 {
		return ""
	}
	where, name := location[:at], location[at+1:]
	switch message {
	case noSuchParameter:
		return blocks.DidYouMean(name, parameters(op))
	case noSuchField:
		return blocks.DidYouMean(name, fields(bodyOf(op), schemas, where))
	}
	return ""
}

// parameters are the names of a call's query.
func parameters(op *huma.Operation) (names []string) {
	for _, p := range op.Parameters {
		if p.In == "query" {
			names = append(names, p.Name)
		}
	}
	return names
}

func bodyOf(op *huma.Operation) *huma.Schema {
	if op.RequestBody == nil || op.RequestBody.Content["application/json"] == nil {
		return nil
	}
	return op.RequestBody.Content["application/json"].Schema
}

// fields are the names that an object of a body may have, which stands at a
// place such as body.to or body.sends[3].
func fields(s *huma.Schema, schemas huma.Registry, place string) []string {
	for i, part := range strings.Split(place, ".") {
		name, _, item := strings.Cut(part, "[")
		if i > 0 {
			if s = whole(s, schemas); s == nil {
				return nil
			}
			s = s.Properties[name]
		}
		if s = whole(s, schemas); item && s != nil {
			s = whole(s.Items, schemas)
		}
	}
	if s == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(s.Properties))
}

// whole is what a schema refers to, or itself.
func whole(s *huma.Schema, schemas huma.Registry) *huma.Schema {
	if s != nil && s.Ref != "" {
		return schemas.SchemaFromRef(s.Ref)
	}
	return s
}
