package app

import (
	"context"
	"encoding/json"
	"strconv"
)

// attributesCommands manage the attributes a bot's contacts can have.
type attributesCommands struct {
	List    attributesList    `cmd:"" help:"List the declared attributes."`
	Declare attributesDeclare `cmd:"" help:"Declare an attribute."`
	Show    attributesShow    `cmd:"" help:"Show all that names an attribute."`
	Rename  attributesRename  `cmd:"" help:"Rename an attribute; people keep what they have. Refused, with a list, while something names it."`
	Delete  attributesDelete  `cmd:"" help:"Forget an attribute and what people have of it. Refused, with a list, while something names it."`
}

type attributeView struct {
	Name       string          `json:"name"`
	Type       string          `json:"type"`
	Default    json.RawMessage `json:"default"`
	DeclaredBy string          `json:"declared_by"`
	Contacts   int64           `json:"contacts"`
}

type attributesList struct {
	botConnection `embed:""`
}

func (c *attributesList) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		t := newTable("NAME", "TYPE", "DEFAULT", "DECLARED BY", "PEOPLE")
		return showList(ctx, s.session, s.path("attributes"), maxItems, t, func(a attributeView) []string {
			return []string{a.Name, a.Type, plain(a.Default), a.DeclaredBy, strconv.FormatInt(a.Contacts, 10)}
		})
	})
}

type attributesDeclare struct {
	botConnection `embed:""`
	Name          string `arg:"" help:"Its name, as flows and callers write it."`
	Type          string `default:"text" enum:"text,number,date,datetime,boolean,json,list" help:"${enum}."`
	Default       string `placeholder:"JSON" help:"Value for people who have none."`
}

func (c *attributesDeclare) Run(ctx context.Context, p *Process, s *settings) error {
	return c.with(ctx, p, s, func(s *botSession) error {
		body := map[string]any{"name": c.Name, "type": c.Type}
		if c.Default != "" {
			body["default"] = jsonOrText(c.Default)
		}
		raw, err := s.post(ctx, s.path("attributes"), body)
		if err != nil {
			return err
		}
		return s.show(raw, func() error { return s.line("declared %s as %s", c.Name, c.Type) })
	})
}

// jsonOrText takes a value of the command line as JSON where it is some, else
// as text: 5, true and [1,2] are what they look like.
func jsonOrText(s string) any {
	var v any
	if decodeExact(json.RawMessage(s), &v) == nil && json.Valid([]byte(s)) {
		return v
	}
	return s
}
