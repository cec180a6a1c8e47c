package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/server/problem"
)

// An address that takes another method says which, also where it would be the
// id of one of a list.
func TestAWrongMethodIsToldTheRightOne(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	for call, allowed := range map[string]string{
		"GET /sends/bulk":         "POST",
		"GET /sends/settle":       "POST",
		"GET /contacts/import":    "POST",
		"DELETE /contacts/import": "POST",
		"DELETE /contacts/export": "GET",
		"GET /lists/csv":          "POST",
		"GET /events":             "POST",
		"PUT /contacts":           "GET, POST",
		"GET /contacts/1/merge":   "POST",
	} {
		method, path, _ := strings.Cut(call, " ")
		res := h.call(t, "admin", method, path, "")
		body, _ := io.ReadAll(res.Body)
		if got := res.Header.Get("Allow"); res.StatusCode != http.StatusMethodNotAllowed || got != allowed {
			t.Errorf("%s: %d, Allow: %q, want %q\n%s", call, res.StatusCode, got, allowed, body)
		}
	}
	if res := h.call(t, "admin", http.MethodGet, "/flows/check", ""); res.StatusCode != http.StatusNotFound {
		t.Errorf("a flow may be called check: %d", res.StatusCode)
	}
}

// Who mistypes a field reads which one they meant.
func TestAMistypedFieldIsToldTheNearest(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	for _, c := range []struct{ method, path, body, place, text string }{
		{"POST", "/sends", `{"to": {"phone": "0912345678"}, "blok": "x"}`, "body.blok", `there is no such field; did you mean "block"?`},
		{"POST", "/sends", `{"to": {"phon": "0912345678"}, "block": "x"}`, "body.to.phon", `there is no such field; did you mean "phone"?`},
		{"POST", "/sends", `{"to": {"phone": "0912345678"}, "block": "x", "zzz": 1}`, "body.zzz", "there is no such field"},
		{"POST", "/sends/bulk", `{"sends": [{"to": {"phone": "0912345678"}, "block": "x"}, {"to": {"external": "7"}, "block": "x"}]}`, "body.sends[1].to.external",
			"there is no such field"},
		{"POST", "/sends/bulk", `{"sends": [{"to": {"phone": "0912345678"}, "atributes": {}, "block": "x"}]}`, "body.sends[0].atributes", `there is no such field; did you mean "attributes"?`},
		{"GET", "/sends?limitt=3", "", "query.limitt", `there is no such parameter; did you mean "limit"?`},
	} {
		res := h.call(t, "admin", c.method, c.path, c.body)
		var p problem.Problem
		if err := json.NewDecoder(res.Body).Decode(&p); err != nil {
			t.Fatal(err)
		}
		if len(p.Errors) != 1 || p.Errors[0].Location != c.place || p.Errors[0].Message != c.text {
			t.Errorf("%s %s: %+v", c.path, c.body, p.Errors)
		}
	}
}
