package flows

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/blocks/expression"
)

// SchemaID is what the JSON Schema calls itself.
const SchemaID = "https://blockcast.dev/schemas/flow-1.json"

// Schema returns the JSON Schema (draft 2020-12) of the document, generated
// from the Go types. Texts with {{ }} are marked by "format":
// "blockcast-template", bare expressions by "blockcast-expression".
func Schema() []byte {
	s := &schema{defs: commonDefs()}
	root := s.object(reflect.TypeFor[Document](), "")
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$id"] = SchemaID
	root["title"] = "A blockcast flow"
	s.defs["step"] = s.step()
	root["$defs"] = s.defs
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(root); err != nil {
		panic("flows: schema: " + err.Error())
	}
	return b.Bytes()
}

// schema collects the definitions of one JSON Schema.
type schema struct{ defs map[string]any }

// object is a JSON Schema, or a part of one.
type object = map[string]any

// commonDefs are the forms that fields of package blocks point at.
func commonDefs() map[string]any {
	names := []string{}
	for _, f := range expression.Facts() {
		if f.Writable {
			names = append(names, f.Name)
		}
	}
	return map[string]any{
		"template":       object{"type": "string", "format": "blockcast-template", "description": "Text with {{ expressions }} inside."},
		"expression":     object{"type": []string{"string", "number", "boolean"}, "format": "blockcast-expression", "description": "An expression, without braces."},
		"value":          object{"description": "Any JSON; its texts are templates, and one that is exactly one {{ … }} keeps its type."},
		"duration":       object{"type": "string", "format": "blockcast-template", "description": "A length of time such as 90s, 30m, 2h, 3d, 1w.", "examples": []string{"30m"}},
		"color":          object{"type": "string", "pattern": "^#[0-9a-fA-F]{6}$", "description": "#rrggbb"},
		"block_name":     object{"type": "string", "minLength": 1, "description": "The name of a block or module of the bot."},
		"attribute_name": object{"description": "A declared attribute or a writable fact.", "anyOf": []any{object{"enum": names}, object{"type": "string"}}},
	}
}

// of returns the schema of a Go type.
func (s *schema) of(t reflect.Type) object {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == typeSteps:
		return object{"type": "array", "items": ref("step")}
	case t == typeSpoken:
		return ref("step")
	case t == typeBranch:
		return object{"anyOf": []any{ref("block_name"), object{"type": "array", "items": ref("step")}}}
	case t == typeAttribute:
		return object{"anyOf": []any{object{"enum": expression.Types()}, s.define(t)}}
	case reflect.PointerTo(t).Implements(typeField):
		return reflect.New(t).Interface().(blocks.Field).Schema()
	}
	switch t.Kind() {
	case reflect.Struct:
		return s.define(t)
	case reflect.Slice:
		return object{"type": "array", "items": s.of(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": s.of(t.Elem())}
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int:
		return object{"type": "integer"}
	case reflect.Interface:
		return object{}
	}
	panic("flows: no schema for " + t.String())
}

func ref(name string) object { return object{"$ref": "#/$defs/" + name} }

// define puts a struct among the definitions, once, and points at it.
func (s *schema) define(t reflect.Type) object {
	if _, done := s.defs[t.Name()]; !done {
		s.defs[t.Name()] = nil // it may hold itself
		s.defs[t.Name()] = s.object(t, "")
	}
	return ref(t.Name())
}

// object is the schema of a struct; kind is its "type" when it is a step.
func (s *schema) object(t reflect.Type, kind string) object {
	properties, required := object{}, []string{}
	if kind != "" {
		properties["type"] = object{"const": kind}
		required = append(required, "type")
	}
	for _, f := range fieldsOf(t) {
		p := s.of(f.typ)
		if len(f.enum) > 0 {
			p = object{"type": "string", "enum": f.enum}
			if t == typeAttribute {
				p = object{"enum": f.enum}
			}
		}
		if f.doc != "" {
			p["description"] = f.doc
		}
		properties[f.name] = p
		if f.needed {
			required = append(required, f.name)
		}
	}
	o := object{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		o["required"] = required
	}
	return o
}

// step is any step: its type says which definition the rest follows.
func (s *schema) step() object {
	names := kindNames()
	var cases []any
	for _, k := range blocks.Kinds() {
		name := "step_" + k.Name
		s.defs[name] = s.object(reflect.TypeOf(k.New()).Elem(), k.Name)
		cases = append(cases, object{
			"if":   object{"properties": object{"type": object{"const": k.Name}}, "required": []string{"type"}},
			"then": ref(name),
		})
	}
	slices.Sort(names)
	return object{
		"type": "object", "required": []string{"type"},
		"properties": object{"type": object{"enum": names, "description": "What the step does."}},
		"allOf":      cases,
	}
}
