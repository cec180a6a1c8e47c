package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// Another bot's token learns nothing of a bot, on any route: the answer is the
// one that a bot gets that is not there.
func TestAnotherBotsTokenLearnsNothing(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.people(t)
	call := func(method, path, bot string) (int, string) {
		path = strings.NewReplacer(":bot", bot, ":version", "1", ":kind", "bot").Replace(path)
		for _, name := range []string{":account", ":contact", ":flow", ":block", ":send", ":token", ":attribute", ":secret", ":tag", ":identity", ":foreign"} {
			path = strings.ReplaceAll(path, name, "1")
		}
		r, err := http.NewRequest(method, "http://localhost"+path, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+h.tokens["other"])
		r.Header.Set("Content-Type", "application/json")
		res := h.do(t, r)
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(body)
	}
	walked := 0
	for _, route := range h.Routes() {
		if !strings.Contains(route.Path, ":bot") {
			continue
		}
		walked++
		status, body := call(route.Method, route.Path, h.bot.ID)
		if status != http.StatusNotFound {
			t.Errorf("%s %s: %d %s", route.Method, route.Path, status, body)
		}
		if _, nobody := call(route.Method, route.Path, "65f0c0ffee0000000000ffff"); body != nobody {
			t.Errorf("%s %s: %s for a bot that is there, %s for none", route.Method, route.Path, body, nobody)
		}
	}
	if walked < 35 {
		t.Errorf("only %d routes were walked", walked)
	}
}

// Without a token nothing answers but what describes the API.
func TestNoTokenNoAnswer(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	open := map[string]bool{"/v1/flow-schema": true, "/openapi.json": true, "/docs": true, "/healthz": true, "/readyz": true, "/metrics": true}
	for _, route := range h.Routes() {
		r, err := http.NewRequest(route.Method, "http://localhost"+strings.ReplaceAll(route.Path, ":bot", h.bot.ID), strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		want := http.StatusUnauthorized
		if open[route.Path] {
			want = http.StatusOK
		}
		if got := h.do(t, r).StatusCode; got != want {
			t.Errorf("%s %s: %d, want %d", route.Method, route.Path, got, want)
		}
	}
}

// The description is valid OpenAPI 3.1 and knows every route.
func TestDescription(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	r, err := http.NewRequest(http.MethodGet, "http://localhost/openapi.json", nil)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(h.do(t, r).Body)
	if err != nil {
		t.Fatal(err)
	}
	var head struct {
		OpenAPI string                    `json:"openapi"`
		Paths   map[string]map[string]any `json:"paths"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		t.Fatal(err)
	}
	if head.OpenAPI != "3.1.0" {
		t.Errorf("OpenAPI %q", head.OpenAPI)
	}
	for _, route := range h.Routes() {
		if !strings.HasPrefix(route.Path, "/v1/") || route.Method == http.MethodHead {
			continue
		}
		if _, ok := head.Paths[braced(route.Path)][strings.ToLower(route.Method)]; !ok {
			t.Errorf("%s %s is not described", route.Method, route.Path)
		}
	}
	for _, leak := range []string{"ErrorModel", "ErrorDetail", "$schema"} {
		if strings.Contains(string(data), leak) {
			t.Errorf("the description speaks of %s", leak)
		}
	}
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		t.Fatal(err)
	}
	if len(doc.Paths.Map()) != len(head.Paths) {
		t.Errorf("%d paths are read of %d", len(doc.Paths.Map()), len(head.Paths))
	}
}

// braced is a route's path as OpenAPI writes it.
func braced(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if name, ok := strings.CutPrefix(p, ":"); ok {
			parts[i] = "{" + name + "}"
		}
	}
	return strings.Join(parts, "/")
}

// The page shows the description without asking anybody else for anything.
func TestPageLoadsNothingFromElsewhere(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	r, err := http.NewRequest(http.MethodGet, "http://localhost/docs", nil)
	if err != nil {
		t.Fatal(err)
	}
	res := h.do(t, r)
	page, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		t.Errorf("%d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	if !strings.Contains(string(page), "openapi.json") {
		t.Error("the page does not read the description")
	}
	for _, from := range []string{"http://", "https://", "//cdn", "@import"} {
		if strings.Contains(string(page), from) {
			t.Errorf("the page holds %s", from)
		}
	}
}
