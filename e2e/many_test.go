package e2e_test

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/blockcast/blockcast/channels/sandbox"
)

// crowd makes n more people of LINE whom the bot may send broadcasts to, all of
// them told by an import, and returns their ids there.
func (w *world) crowd(n int) []string {
	w.t.Helper()
	var ids []string
	var rows []map[string]any
	for range n {
		p, err := w.line.AddPerson(sandbox.Person{Account: shop, Name: fmt.Sprintf("Person %d of %s", len(ids), randomHex(4)), Friend: true})
		w.must(err)
		ids = append(ids, p.ID)
		rows = append(rows, map[string]any{"name": p.Name, "identities": []any{map[string]any{"account": w.account, "user": p.ID, "subscribed": true}}})
	}
	importsAll(w, rows)
	return ids
}

// says plans a text to everybody and returns the broadcast's id.
func (w *world) says(text string) string {
	w.t.Helper()
	return w.field(w.cli("broadcasts", "create", text, "--text", text, "--all", "--json"), "id")
}

// stands waits until a broadcast is in a state with a reason that holds some
// words, and returns the reason.
func (w *world) stands(id, state string, words ...string) string {
	w.t.Helper()
	var is, reason string
	for range polls {
		status, b := w.calls(http.MethodGet, w.path("/broadcasts/"+id), w.token, "")
		if status != http.StatusOK {
			w.t.Fatalf("the broadcast: %d %v", status, b)
		}
		is, _ = b["state"].(string)
		reason, _ = b["reason"].(string)
		if is == state && holds(reason, words) {
			return reason
		}
		w.pause()
	}
	w.t.Fatalf("the broadcast is %s because %q, want %s with %q", is, reason, state, words)
	return ""
}

func holds(text string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// sum is how a broadcast's people stand.
func (w *world) sum(id string) string {
	w.t.Helper()
	status, r := w.calls(http.MethodGet, w.path("/broadcasts/"+id+"/report"), w.token, "")
	sum, _ := r["sum"].(string)
	if status != http.StatusOK || sum == "" {
		w.t.Fatalf("the report: %d %v", status, r)
	}
	return sum
}

// told counts how often some people got a text.
func (w *world) told(people []string, text string) int {
	w.t.Helper()
	n := 0
	for _, person := range people {
		for _, heard := range said(w.line.AcceptedFor(person)) {
			if strings.HasSuffix(heard, ": "+text) {
				n++
			}
		}
	}
	return n
}
