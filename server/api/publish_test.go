package api_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// Flows that are published at the same moment see each other: one of them gets
// the trigger of all who follow, the others are told whose it is.
func TestOneOfManyPublishesGetsATrigger(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	names := []string{"spring", "summer", "autumn", "winter"}
	for _, name := range names {
		document := `{"format": 1, "flow": "` + name + `", "blocks": [{"name": "hello ` + name + `", "steps": [{"type": "text", "text": "Hi"}]}],
			"triggers": [{"on": "follow", "block": "hello ` + name + `"}, {"on": "default", "block": "hello ` + name + `"}]}`
		if res := h.call(t, "admin", http.MethodPut, "/flows/"+name, document); res.StatusCode != http.StatusOK {
			t.Fatalf("push %s: %d", name, res.StatusCode)
		}
	}
	statuses := make([]int, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() { statuses[i] = h.call(t, "admin", http.MethodPost, "/flows/"+name+"/publish", "").StatusCode })
	}
	all.Wait()
	count := map[int]int{}
	for _, s := range statuses {
		count[s]++
	}
	if count[http.StatusCreated] != 1 || count[http.StatusUnprocessableEntity] != len(names)-1 {
		t.Errorf("statuses %v, want one 201 and three 422", statuses)
	}
}

// call makes one call about the harness's bot.
func (h *harness) call(t *testing.T, token, method, path, body string) *http.Response {
	t.Helper()
	r, err := http.NewRequest(method, "http://localhost/v1/bots/"+h.bot.ID+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Authorization", "Bearer "+h.tokens[token])
	return h.do(t, r)
}

// Publishing tells by their names the broadcasts and segments that would miss
// what the draft leaves out, and refuses pictures that nobody would see.
func TestPublishLooksAfterWhatDependsOnIt(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.people(t)
	const flow = `{"format": 1, "flow": "shop"%s}`
	push := func(rest string) string {
		t.Helper()
		res := h.call(t, "admin", http.MethodPut, "/flows/shop", fmt.Sprintf(flow, rest))
		return textOf(t, res, http.StatusOK)
	}
	made := func(path, body string) string {
		t.Helper()
		return textOf(t, h.call(t, "admin", http.MethodPost, path, body), http.StatusCreated)
	}
	push(`, "attributes": {"city": "text"}, "modules": [{"name": "Sale", "steps": [{"type": "text", "text": "Sale in {{ city }}"}]}]`)
	made("/flows/shop/publish", "")
	made("/segments", `{"name": "In Hue", "audience": {"where": "city == 'Hue'"}}`)
	id := idOf(t, made("/broadcasts", `{"subject": "Winter", "content": {"block": "sale"}, "audience": {"segment": "in hue"}, "when": {"at": "2026-12-24T09:00"}}`))
	textOf(t, h.call(t, "admin", http.MethodPost, "/broadcasts/"+id+"/schedule", ""), http.StatusOK)

	for _, want := range []string{`module \"Sale\" is gone, but the scheduled broadcast \"Winter\" names it`, `no flow declares attribute \"city\" any more, but the segment \"In Hue\" names it`} {
		if got := push(`, "modules": [{"name": "Other", "steps": [{"type": "text", "text": "x"}]}]`); !strings.Contains(got, want) {
			t.Errorf("the draft's check lacks %s: %s", want, got)
		}
	}
	if got := made("/flows/shop/publish", ""); !strings.Contains(got, `\"Winter\"`) {
		t.Errorf("publishing does not warn: %s", got)
	}

	push(`, "modules": [{"name": "Other", "steps": [{"type": "image", "url": "media:0123456789abcdef0123456789abcdef"}]}]`)
	if got := textOf(t, h.call(t, "admin", http.MethodPost, "/flows/shop/publish", ""), http.StatusUnprocessableEntity); !strings.Contains(got, "the bot keeps no file") {
		t.Errorf("a file that is not there is published: %s", got)
	}
}

// An attribute is not taken from under what names it: a refusal lists all of it.
func TestAnAttributeInUseIsKept(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.people(t)
	made := func(path, body string) string {
		t.Helper()
		return textOf(t, h.call(t, "admin", http.MethodPost, path, body), http.StatusCreated)
	}
	res := h.call(t, "admin", http.MethodPut, "/flows/shop", `{"format": 1, "flow": "shop", "attributes": {"city": "text"}, "modules": [{"name": "Sale", "steps": [{"type": "text", "text": "Sale in {{ city }}"}]}]}`)
	textOf(t, res, http.StatusOK)
	made("/flows/shop/publish", "")
	made("/segments", `{"name": "In Hue", "audience": {"where": "city == 'Hue'"}}`)
	id := idOf(t, made("/broadcasts", `{"subject": "Winter", "content": {"block": "sale"}, "audience": {"where": "has(city)"}, "when": {"at": "2026-12-24T09:00"}}`))
	textOf(t, h.call(t, "admin", http.MethodPost, "/broadcasts/"+id+"/schedule", ""), http.StatusOK)

	refused := textOf(t, h.call(t, "admin", http.MethodDelete, "/attributes/city", ""), http.StatusConflict)
	for _, want := range []string{`flow \"shop\" declares it`, `block \"Sale\" of flow \"shop\" reads it`, `the segment \"In Hue\" names it`, `the scheduled broadcast \"Winter\" names it`} {
		if !strings.Contains(refused, want) {
			t.Errorf("the refusal lacks %s: %s", want, refused)
		}
	}
	if got := textOf(t, h.call(t, "reader", http.MethodGet, "/attributes/city", ""), http.StatusOK); !strings.Contains(got, `"by":"segment \"In Hue\""`) {
		t.Errorf("its uses are %s", got)
	}
	textOf(t, h.call(t, "reader", http.MethodGet, "/attributes/town", ""), http.StatusNotFound)
	textOf(t, h.call(t, "admin", http.MethodDelete, "/attributes/city?force=true", ""), http.StatusNoContent)
}

func textOf(t *testing.T, res *http.Response, status int) string {
	t.Helper()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != status {
		t.Fatalf("%d: %s", res.StatusCode, body)
	}
	return string(body)
}

func idOf(t *testing.T, answer string) string {
	t.Helper()
	var v struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal([]byte(answer), &v); err != nil || v.ID == "" {
		t.Fatalf("%v: %s", err, answer)
	}
	return v.ID
}
