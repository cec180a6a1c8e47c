package script

import (
	"bytes"
	"encoding/json"
)

// SchemaID is the address the schema calls itself by.
const SchemaID = "https://blockcast.dev/schemas/flow-test.json"

// object is a piece of JSON Schema.
type object = map[string]any

// Schema returns the JSON Schema of scripts, for editors.
func Schema() ([]byte, error) {
	stubs := object{"type": "array", "items": object{"$ref": "#/$defs/stub"}, "description": "Answers to the requests of flows: the first that fits is given."}
	known := object{"type": "object", "description": "What is known of the person: attributes, facts, tags and subscribed."}
	root := object{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SchemaID, "title": "Test script of a flow",
		"type": "object", "additionalProperties": false, "required": []string{"cases"},
		"properties": object{
			"$schema": aText(), "note": object{},
			"flows":   described(aListOf(aText()), "The flow files, relative to this one. Default: orders.json for orders.test.json."),
			"channel": described(aText(), "The channel the person writes on. Default: line."),
			"bot": object{"type": "object", "additionalProperties": false, "description": "Where the bot is at home.", "properties": object{
				"time_zone": described(aText(), "IANA name, such as Asia/Taipei. Default: UTC."),
				"region":    described(object{"type": "string", "pattern": "^[A-Za-z]{2}$"}, "Country whose national phone numbers are understood."),
				"month_day": described(aYes(), "Whether dates are read as 12/30 rather than 30/12."),
			}},
			"at": described(aText(), "When each case begins, in the bot's zone: 2026-03-02T09:00, a Monday, unless said."),
			"as": known, "stubs": stubs,
			"secrets": object{"type": "object", "additionalProperties": aText(), "description": "What secret.x reads."},
			"cases":   object{"type": "array", "minItems": 1, "maxItems": MaxCases, "items": object{"$ref": "#/$defs/case"}},
		},
		"$defs": object{
			"case": object{"type": "object", "additionalProperties": false, "required": []string{"name", "steps"}, "properties": object{
				"note": object{}, "name": described(aText(), "What the case shows, in a few words."), "as": known, "at": described(aText(), "When the case begins, where not as the others."), "stubs": stubs,
				"steps": object{"type": "array", "minItems": 1, "maxItems": maxSteps, "items": object{"$ref": "#/$defs/step"}},
			}},
			"step":   stepForm(),
			"expect": expectForm(),
			"stub":   stubForm(),
		},
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(root)
	return b.Bytes(), err
}

func stepForm() object {
	properties := object{
		"note":   object{},
		"pick":   described(aText(), "What is picked in the calendar, or shared, that the tapped button opens."),
		"with":   object{"type": "object", "description": "Attributes that the caller of send brings."},
		"expect": object{"$ref": "#/$defs/expect"},
	}
	var one []object
	for _, a := range acts() {
		properties[a.key] = described(a.form, a.doc)
		one = append(one, object{"required": []string{a.key}})
	}
	return object{"type": "object", "additionalProperties": false, "properties": properties, "oneOf": one}
}

func expectForm() object {
	properties := object{}
	for _, e := range expectations() {
		properties[e.key] = described(e.form, e.doc)
	}
	return object{"type": "object", "additionalProperties": false, "minProperties": 1, "properties": properties, "description": "What must come of the step."}
}

func stubForm() object {
	return object{"type": "object", "additionalProperties": false, "required": []string{"url"}, "properties": object{
		"note":    object{},
		"url":     described(aText(), "The address, perhaps with a method before it; * stands for any text, and without a ? every query is meant."),
		"status":  described(object{"type": "integer", "minimum": 100, "maximum": 599}, "200 unless said."),
		"headers": object{"type": "object", "additionalProperties": aText()},
		"body":    described(object{}, "What is answered: a text as it is, all else as JSON."),
		"file":    described(aText(), "A file that holds the body, relative to this one."),
		"lost":    described(aYes(), "The answer never comes."),
		"times":   described(aCount(), "How often it answers before the next one does; for ever unless said."),
	}}
}

// described is a form with a description.
func described(form object, doc string) object {
	out := object{"description": doc}
	for k, v := range form {
		out[k] = v
	}
	return out
}

func aText() object                { return object{"type": "string"} }
func aYes() object                 { return object{"type": "boolean"} }
func aCount() object               { return object{"type": "integer", "minimum": 1} }
func anObject() object             { return object{"type": "object"} }
func onlyTrue() object             { return object{"const": true} }
func aListOf(item object) object   { return object{"type": "array", "items": item} }
func anyOf(forms ...object) object { return object{"anyOf": forms} }
func oneOrMore(form object) object { return anyOf(form, aListOf(form)) }
func placeForm() object {
	return object{"type": "object", "additionalProperties": false, "required": []string{"latitude", "longitude"}, "properties": object{
		"title": aText(), "address": aText(),
		"latitude":  object{"type": "number", "minimum": -90, "maximum": 90},
		"longitude": object{"type": "number", "minimum": -180, "maximum": 180},
	}}
}

func waitsForm() object {
	return anyOf(object{"const": false}, aText(), object{"type": "object", "additionalProperties": false, "properties": object{
		"for":     described(aText(), "An ask's expect, or \"pause\"."),
		"block":   described(aText(), "The block it waits in."),
		"attempt": described(object{"type": "integer"}, "Which answer is awaited, from 1."),
		"ends_in": described(object{"type": []string{"string", "null"}}, "How long it still waits, as in 2h; null for ever."),
	}})
}

func requestsForm() object {
	return aListOf(anyOf(aText(), object{"type": "object", "additionalProperties": false, "required": []string{"request"}, "properties": object{
		"request": aText(), "body": described(object{}, "The body: a text as it is, all else as JSON."),
	}}))
}

func toldForm() object {
	return aListOf(anyOf(aText(), object{"type": "object", "additionalProperties": false, "required": []string{"topic"}, "properties": object{
		"topic": aText(), "data": described(anObject(), "Of a notify step its own data, else all that is told; what is not named may be anything."),
	}}))
}
