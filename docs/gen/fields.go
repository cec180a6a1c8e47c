package main

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/blockcast/blockcast/blocks"
	"github.com/blockcast/blockcast/flows"
)

// field is one key of a JSON object as authors write it.
type field struct {
	key    string
	needed bool
	form   string
	doc    string
	inner  reflect.Type // the form of an object that has a table of its own
}

// forms names what each type of the code is to an author.
func forms() map[reflect.Type]string {
	return map[reflect.Type]string{
		reflect.TypeFor[blocks.Template]():       "text",
		reflect.TypeFor[blocks.Expression]():     "expression",
		reflect.TypeFor[blocks.Value]():          "value",
		reflect.TypeFor[blocks.Number]():         "number",
		reflect.TypeFor[blocks.Span]():           "duration",
		reflect.TypeFor[blocks.Ref]():            "block",
		reflect.TypeFor[blocks.Steps]():          "list of steps",
		reflect.TypeFor[blocks.Branch]():         "block, or list of steps",
		reflect.TypeFor[blocks.Spoken]():         "a step that speaks",
		reflect.TypeFor[blocks.Flag]():           "`true`",
		reflect.TypeFor[blocks.EventName]():      "name of an event",
		reflect.TypeFor[blocks.Consented]():      "`true`, or `{\"goto\": block}`",
		reflect.TypeFor[blocks.Color]():          "`#rrggbb`",
		reflect.TypeFor[blocks.ButtonForm]():     "[button](#buttons)",
		reflect.TypeFor[blocks.QuickReplyForm](): "[quick reply](#quick-replies)",
		reflect.TypeFor[blocks.TapForm]():        "[tap](#taps)",
		reflect.TypeFor[flows.Attribute]():       "type, or object",
		reflect.TypeFor[flows.BlockForm]():       "[block](#blocks-and-modules)",
		reflect.TypeFor[flows.TriggerForm]():     "[trigger](#triggers)",
		reflect.TypeFor[flows.Entry]():           "`{\"needs\": […]}`",
	}
}

// fieldsOf lists the keys of a struct, those of embedded ones left out that
// stand in a chapter of their own.
func fieldsOf(t reflect.Type) ([]field, error) {
	var list []field
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Type == reflect.TypeFor[blocks.Filling]() {
			filling, err := fieldsOf(f.Type)
			if err != nil {
				return nil, err
			}
			list = append(list, filling...)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		got := field{key: name, needed: options != "omitempty", doc: f.Tag.Get("doc")}
		if got.doc == "" {
			return nil, fmt.Errorf("%s.%s has no doc", t.Name(), f.Name)
		}
		form, inner, err := formOf(f.Type)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", t.Name(), f.Name, err)
		}
		got.form, got.inner = form, inner
		if enum := f.Tag.Get("enum"); enum != "" {
			got.form = "`" + strings.ReplaceAll(enum, ",", "` `") + "`"
		}
		list = append(list, got)
	}
	return list, nil
}

// formOf names the form of a type; inner is the struct that needs a table.
func formOf(t reflect.Type) (form string, inner reflect.Type, err error) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if form, ok := forms()[t]; ok {
		return form, nil, nil
	}
	switch t.Kind() {
	case reflect.Slice:
		form, inner, err = formOf(t.Elem())
		return "list of " + plural(form), inner, err
	case reflect.Map:
		form, inner, err = formOf(t.Elem())
		return "name: " + form, inner, err
	case reflect.Struct:
		return "object", t, nil
	case reflect.String:
		return "plain text", nil, nil
	case reflect.Bool:
		return "`true` or `false`", nil, nil
	case reflect.Int:
		return "whole number", nil, nil
	case reflect.Interface:
		return "value", nil, nil
	}
	return "", nil, fmt.Errorf("the documentation has no word for %s", t)
}

// plural of a form, as in list of texts.
func plural(form string) string {
	switch {
	case strings.HasPrefix(form, "["):
		name, link, _ := strings.Cut(form[1:], "]")
		name = strings.Replace(name, "reply", "replie", 1)
		return "[" + name + "s]" + link
	case form == "plain text":
		return "plain texts"
	case form == "text", form == "object":
		return form + "s"
	}
	return form
}

// fieldTable is the table of a struct's keys.
func fieldTable(t reflect.Type) (string, error) {
	list, err := fieldsOf(t)
	if err != nil {
		return "", err
	}
	out := newTable("key", "needed", "is", "meaning")
	for _, f := range list {
		out.add(code(f.key), yes(f.needed), f.form, marked(f.doc))
	}
	return out.String(), nil
}

// innerTables are the tables of the objects inside a struct.
func innerTables(t reflect.Type) (string, error) {
	list, err := fieldsOf(t)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, f := range list {
		if f.inner == nil {
			continue
		}
		text, err := wholeTable(f.inner)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "\n%s:\n\n%s", innerTitle(f), text)
	}
	return b.String(), nil
}

func innerTitle(f field) string {
	switch {
	case strings.HasPrefix(f.form, "list of"):
		return "Each of " + code(f.key)
	case strings.HasPrefix(f.form, "name:"):
		return "Each value in " + code(f.key)
	}
	return "In " + code(f.key)
}

// wholeTable is the table of a struct, what it shares with others and the
// tables of what is inside it.
func wholeTable(t reflect.Type) (string, error) {
	own, err := fieldTable(t)
	if err != nil {
		return "", err
	}
	inner, err := innerTables(t)
	return own + shared(t) + inner, err
}

// shared names the keys a struct has in common with others.
func shared(t reflect.Type) string {
	var b strings.Builder
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.Anonymous {
			continue
		}
		switch f.Type {
		case reflect.TypeFor[blocks.Speech]():
			b.WriteString("\nAlso [`when` and `quick_replies`](#steps-that-speak).\n")
		case reflect.TypeFor[blocks.Loop]():
			b.WriteString("\nAlso [`each`, `as` and `when`](#one-for-each).\n")
		case reflect.TypeFor[blocks.ActionForm]():
			b.WriteString("\nAlso [what a tap does](#what-a-tap-does).\n")
		}
	}
	return b.String()
}
