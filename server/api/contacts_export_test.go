package api_test

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// exported is what an export tells of a bot's people, by their names, without
// what is the installation's: ids and times.
func (h *harness) exported(t *testing.T, token, bot string) map[string]map[string]any {
	t.Helper()
	out := map[string]map[string]any{}
	for line := range strings.Lines(h.export(t, token, bot, "ndjson")) {
		var row map[string]any
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		for _, own := range []string{"id", "created_at"} {
			if row[own] == nil {
				t.Errorf("no %s in %s", own, line)
			}
			delete(row, own)
		}
		out[row["name"].(string)] = row
	}
	return out
}

func (h *harness) export(t *testing.T, token, bot, format string) string {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, "http://localhost/v1/bots/"+bot+"/contacts/export?format="+format, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+h.tokens[token])
	res := h.do(t, r)
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%d %v %s", res.StatusCode, err, body)
	}
	return string(body)
}

// What an export tells, an import takes in, and tells the same again.
func TestAnExportComesBackWhole(t *testing.T) {
	t.Parallel()
	from, to := newHarness(t), newHarness(t)
	for _, h := range []*harness{from, to} {
		h.people(t)
		for _, a := range []string{`{"name": "total", "type": "number"}`, `{"name": "born", "type": "date"}`, `{"name": "sizes", "type": "list"}`} {
			if res := h.call(t, "admin", http.MethodPost, "/attributes", a); res.StatusCode != http.StatusCreated {
				t.Fatal(res.StatusCode)
			}
		}
	}
	change := `{"attributes": {"total": 12.5, "born": "30/12/1990", "sizes": ["S", "M"], "note": "two\nlines, \"quoted\""}, "add_tags": ["vip", "a, b"],
		"first_name": "Mai", "email": "mai@example.com", "do_not_contact": true, "subscribed": true, "external_id": "crm-1"}`
	if res := from.call(t, "admin", http.MethodPatch, "/contacts/1", change); res.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(res.Body)
		t.Fatalf("%d %s", res.StatusCode, body)
	}
	want := from.exported(t, "reader", from.bot.ID)
	if len(want) != 2 || want["Mai"]["attributes"].(map[string]any)["born"] != "1990-12-30" {
		t.Fatalf("exported %v", want)
	}
	for range 2 { // twice changes nothing more
		r := to.call(t, "admin", http.MethodPost, "/contacts/import", from.export(t, "reader", from.bot.ID, "ndjson"))
		body, _ := io.ReadAll(r.Body)
		if r.StatusCode != http.StatusOK || !strings.Contains(string(body), `"refused":0`) {
			t.Fatalf("%d %s", r.StatusCode, body)
		}
	}
	got := to.exported(t, "reader", to.bot.ID)
	for _, people := range []map[string]map[string]any{got, want} { // where a number came from is told anew, when they left is the platform's to say
		for _, p := range people {
			for _, phone := range list(p["phones"]) {
				delete(phone.(map[string]any), "source")
			}
			for _, i := range list(p["identities"]) {
				delete(i.(map[string]any), "blocked_at")
			}
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-exported +imported\n%s", d)
	}
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

func TestAnExportAsCSVHasAColumnForEveryAttribute(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.people(t)
	if res := h.call(t, "admin", http.MethodPatch, "/contacts/1", `{"attributes": {"note": "a, b", "Tên": "x"}, "add_tags": ["vip", "a, b"]}`); res.StatusCode != http.StatusOK {
		t.Fatal(res.StatusCode)
	}
	rows, err := csv.NewReader(strings.NewReader(h.export(t, "reader", h.bot.ID, "csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 3 {
		t.Fatalf("%d rows", len(rows))
	}
	mai := map[string]string{}
	for i, name := range rows[0] {
		mai[name] = rows[2][i]
	}
	for name, want := range map[string]string{"name": "Mai", "attributes.note": "a, b", "attributes.Tên": "x", "tags": `["a, b","vip"]`, "do_not_contact": "false",
		"phones":     `[{"e164":"+84912345678","raw":"0912345678","source":"api"}]`,
		"identities": `[{"account":"Ushop","channel":"line","user":"UMai"}]`, "created_at": h.clock.Now().Format(time.RFC3339)} {
		if mai[name] != want {
			t.Errorf("%s is %q, want %q", name, mai[name], want)
		}
	}
}
