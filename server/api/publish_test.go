package api_test

import (
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
