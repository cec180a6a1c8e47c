package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/blockcast/blockcast/engine/policy"
	"github.com/blockcast/blockcast/server"
	"github.com/blockcast/blockcast/server/api"
	"github.com/blockcast/blockcast/server/problem"
)

// asOf is the day the table of tags speaks of: after every end it knows.
func asOf() time.Time {
	last := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for _, t := range policy.MessageTags(last) {
		if end, err := time.Parse(time.DateOnly, t.EndedOn); err == nil && end.After(last) {
			last = end
		}
	}
	return last
}

// messageTags is the table of message tags; those with the same life share a
// row.
func messageTags(*source) (string, error) {
	type life struct{ products, until, now string }
	var order []life
	tags := map[life][]string{}
	for _, tag := range policy.MessageTags(asOf()) {
		l := life{strings.Join(tag.Products, ", "), tag.EndedOn, marked(sentence(tag.Now))}
		if tags[l] == nil {
			order = append(order, l)
		}
		tags[l] = append(tags[l], code(tag.Tag))
	}
	t := newTable("tags", "sent by callers of", "the platform took them until", "what is done with them now")
	for _, l := range order {
		t.add(strings.Join(tags[l], " "), l.products, l.until, l.now)
	}
	return t.String(), nil
}

// scopesPart is the table of a token's scopes.
func scopesPart(s *source) (string, error) {
	list, err := s.constants("engine", prefixed("Scope"))
	if err != nil {
		return "", err
	}
	t := newTable("scope", "lets a caller")
	err = described(list, map[string]string{
		"send":       "Send blocks, modules and texts, by the calls of AhaChat, Chatfuel, BotBonnie, FIRST LINE and Omnichat too.",
		"agent":      "Send as a person of yours would: the intent `agent`, the message tag `HUMAN_AGENT`.",
		"read":       "Read what the bot has; FIRST LINE's search for people and Omnichat's broadcasts and contacts too.",
		"contacts":   "Make, change and erase people, by Omnichat's call too.",
		"flows":      "Store and publish flows.",
		"broadcasts": "Plan, start, pause and cancel broadcasts, by Omnichat's call too.",
		"admin":      "Everything of the bot, its accounts and tokens too. Only `agent` must be given by itself.",
		"instance":   "Everything, bots too. Such a token is no bot's. The command line makes one for itself, for as long as it runs.",
	}, func(c named, text string) { t.add(code(c.value), text) })
	return t.String(), err
}

// problemPart is the table of an error's fields.
func problemPart(*source) (string, error) {
	t := newTable("field", "is")
	for _, of := range []struct {
		prefix string
		typ    reflect.Type
	}{{"", reflect.TypeFor[problem.Problem]()}, {"errors[].", reflect.TypeFor[problem.Detail]()}} {
		for i := range of.typ.NumField() {
			f := of.typ.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name != "-" {
				t.add(code(of.prefix+name), f.Tag.Get("doc"))
			}
		}
	}
	return t.String(), nil
}

// openAPI is the part of the API's description that is shown here.
type openAPI struct {
	Paths map[string]map[string]struct {
		ID          string `json:"operationId"`
		Tags        []string
		Summary     string
		Description string
	}
	Components struct {
		Schemas map[string]struct {
			Properties map[string]struct{ Description string }
		}
	}
}

// describedAPI is what the server says at /openapi.json.
func describedAPI() (*openAPI, error) {
	a := api.New(api.Config{Now: asOf, NewID: func() string { return "" }})
	server.New(server.Config{Surfaces: []server.Surface{a}, NewID: func() string { return "" }})
	var d openAPI
	if err := json.Unmarshal(a.OpenAPI(), &d); err != nil {
		return nil, fmt.Errorf("read the description of the API: %w", err)
	}
	return &d, nil
}

// neededScope ends the description of a call.
var neededScope = regexp.MustCompile("Needs (?:the scope `([a-z]+)`|an (instance) token)")

// callsPart is the table of all calls of the native API, by what they are
// about.
func callsPart(*source) (string, error) {
	d, err := describedAPI()
	if err != nil {
		return "", err
	}
	byTag := map[string][]string{}
	methods := []string{"get", "post", "put", "patch", "delete"}
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		for _, method := range methods {
			op, ok := d.Paths[path][method]
			if !ok {
				continue
			}
			scope := neededScope.FindStringSubmatch(op.Description)
			row := newRow(code(strings.ToUpper(method)+" "+path), op.Summary, strings.Join(scope[min(1, len(scope)):], ""))
			tag := strings.Join(op.Tags, ", ")
			byTag[tag] = append(byTag[tag], row)
		}
	}
	var b strings.Builder
	for _, tag := range slices.Sorted(maps.Keys(byTag)) {
		fmt.Fprintf(&b, "**%s**\n\n%s%s\n", tag, newTable("call", "does", "needs the scope").String(), strings.Join(byTag[tag], ""))
	}
	if b.Len() == 0 {
		return "", fmt.Errorf("the API describes no call")
	}
	return b.String(), nil
}

// sendFields is the table of what a send takes.
func sendFields(*source) (string, error) {
	d, err := describedAPI()
	if err != nil {
		return "", err
	}
	body, ok := d.Components.Schemas["NewSendBody"]
	if !ok {
		return "", fmt.Errorf("the API describes no NewSendBody")
	}
	t := newTable("field", "is")
	for _, name := range slices.Sorted(maps.Keys(body.Properties)) {
		if name == "$schema" {
			continue
		}
		what := body.Properties[name].Description
		if name == "to" {
			what = "Who is meant; see below. Needed."
		}
		t.add(code(name), what)
	}
	return t.String(), nil
}
