package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/server"
	"github.com/blockcast/blockcast/server/api"
	"github.com/blockcast/blockcast/server/compat/ahachat"
	"github.com/blockcast/blockcast/server/compat/botbonnie"
	"github.com/blockcast/blockcast/server/compat/firstline"
	"github.com/blockcast/blockcast/server/compat/omnichat"
)

var (
	address   = regexp.MustCompile(`"\$HOST(/[^"?]*)(?:\?[^"]*)?"`)
	phpRoute  = regexp.MustCompile(`"https://bots\.example\.com(/[^"?]*)`)
	jsonBody  = regexp.MustCompile(`-d '(\{.*\})'`)
	pathParam = regexp.MustCompile(`:[a-z]+|\{[a-z]+\}`)
)

// methodOf is how a call names another method than POST.
var methodOf = regexp.MustCompile(` -X ([A-Z]+) `)

// TestCalls looks up every address that a page prints among the routes the
// server has, and every field of a send's body in the API's description.
func TestCalls(t *testing.T) {
	t.Parallel()
	routes := served()
	known, err := sendKeys()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, p := range read(t) {
		for _, s := range snippets(p.have) {
			for _, call := range strings.Split(joined(s.text), "\n") {
				paths := append(address.FindAllStringSubmatch(call, -1), phpRoute.FindAllStringSubmatch(call, -1)...)
				for _, m := range paths {
					found++
					t.Run(fmt.Sprintf("%s line %d %s", p.name, s.line, m[1]), func(t *testing.T) {
						t.Parallel()
						method := methodIn(s.language, call)
						if !slices.ContainsFunc(routes, func(r server.Route) bool { return r.Method == method && fits(r.Path, m[1]) }) {
							t.Errorf("the server has no %s %s", method, m[1])
						}
						if strings.HasSuffix(m[1], "/sends") {
							checkBody(t, call, known)
						}
					})
				}
			}
		}
	}
	if found < 10 {
		t.Errorf("only %d calls found", found)
	}
}

// methodIn is the method of a call as a page prints it.
func methodIn(language, call string) string {
	m := methodOf.FindStringSubmatch(call)
	switch {
	case m != nil:
		return m[1]
	case language == "php" || strings.Contains(call, " -d ") || strings.Contains(call, "--data"):
		return "POST"
	}
	return "GET"
}

// served are the routes callers have.
func served() []server.Route {
	newID := func() string { return "" }
	return server.New(server.Config{NewID: newID, Surfaces: []server.Surface{
		api.New(api.Config{Now: asOf, NewID: newID}),
		ahachat.New(ahachat.Config{Now: asOf}),
		botbonnie.New(botbonnie.Config{Now: asOf}),
		firstline.New(firstline.Config{Now: asOf}),
		omnichat.New(omnichat.Config{Now: asOf}),
	}}).Routes()
}

// fits reports whether an address is one of a route.
func fits(route, path string) bool {
	pattern := "^"
	at := 0
	for _, p := range pathParam.FindAllStringIndex(route, -1) {
		pattern += regexp.QuoteMeta(route[at:p[0]]) + "[^/]+"
		at = p[1]
	}
	return regexp.MustCompile(pattern + regexp.QuoteMeta(route[at:]) + "$").MatchString(path)
}

func sendKeys() ([]string, error) {
	d, err := describedAPI()
	if err != nil {
		return nil, err
	}
	var keys []string
	for name := range d.Components.Schemas["NewSendBody"].Properties {
		keys = append(keys, name)
	}
	return keys, nil
}

// checkBody checks the fields of a send's JSON body.
func checkBody(t *testing.T, call string, known []string) {
	t.Helper()
	m := jsonBody.FindStringSubmatch(call)
	if m == nil {
		return
	}
	var body map[string]any
	if err := json.Unmarshal([]byte(m[1]), &body); err != nil {
		t.Fatalf("%v in the body %s", err, m[1])
	}
	for name := range body {
		if !slices.Contains(known, name) {
			t.Errorf("a send has no field %q", name)
		}
	}
}

func TestFits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		route, path string
		want        bool
	}{
		{"/v1/bots/:bot/sends", "/v1/bots/$BOT/sends", true},
		{"/v1/bots/:bot/sends", "/v1/bots/$BOT/send", false},
		{"/v1/bots/:bot", "/v1/bots/$BOT/sends", false},
	} {
		if got := fits(c.route, c.path); got != c.want {
			t.Errorf("%s for %s: %v", c.route, c.path, got)
		}
	}
}
