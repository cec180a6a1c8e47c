package api_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/blockcast/blockcast/app/people"
	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/server"
	"github.com/blockcast/blockcast/server/api"
	"github.com/blockcast/blockcast/store"
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

// A cell that a spreadsheet would compute is written so that it does not, and
// an import of the file knows what it said.
func TestAnExportAsCSVComputesNothing(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.people(t)
	change := `{"attributes": {"note": "=cmd|'/C calc'!A0", "debt": -5, "said": "'=1"}, "first_name": "@Mai", "add_tags": ["-vip"], "external_id": "+84912"}`
	if res := h.call(t, "admin", http.MethodPatch, "/contacts/1", change); res.StatusCode != http.StatusOK {
		t.Fatal(res.StatusCode)
	}
	text := h.export(t, "reader", h.bot.ID, "csv")
	table, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range table[0] {
		want, watched := map[string]string{"attributes.note": `'=cmd|'/C calc'!A0`, "attributes.debt": "-5", "attributes.said": "''=1", "first_name": "'@Mai",
			"tags": "'-vip", "external_id": "+84912"}[name]
		if got := table[2][i]; watched && got != want {
			t.Errorf("%s is written as %q, want %q", name, got, want)
		}
	}
	rows, err := people.Read(strings.NewReader(text), people.Config{Format: people.CSV})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rows.Next(); err != nil { // Lan
		t.Fatal(err)
	}
	row, err := rows.Next()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		FirstName  string            `json:"first_name"`
		ExternalID string            `json:"external_id"`
		Tags       []string          `json:"tags"`
		Attributes map[string]string `json:"attributes"`
	}
	if err := json.Unmarshal(row.JSON, &got); err != nil {
		t.Fatal(err)
	}
	want := got
	want.FirstName, want.ExternalID, want.Tags = "@Mai", "+84912", []string{"-vip"}
	want.Attributes = map[string]string{"note": "=cmd|'/C calc'!A0", "debt": "-5", "said": "'=1"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +read\n%s", d)
	}
}

// stalled is a store in which an export gets no further than its first page.
type stalled struct {
	*store.DB
	reached chan struct{}
}

func (s stalled) ListContacts(ctx context.Context, botID, search string, p engine.Page) ([]engine.Contact, string, error) {
	if p.Cursor == "" {
		people, _, err := s.DB.ListContacts(ctx, botID, search, p)
		return people, "more", err
	}
	close(s.reached)
	<-ctx.Done()
	return nil, "", ctx.Err()
}

// An export that a stopping server has no time for ends, and says so.
func TestAnExportEndsWithTheServer(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.people(t)
	var log strings.Builder
	reached := make(chan struct{})
	calls := api.New(api.Config{Store: stalled{h.db, reached}, Now: h.clock.Now, NewID: func() string { return "id" }, Log: slog.New(slog.NewTextHandler(&log, nil))})
	s := server.New(server.Config{Surfaces: []server.Surface{calls}, NewID: func() string { return "request-1" }})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served, stopped := make(chan error, 1), make(chan error, 1)
	go func() { served <- s.Serve(context.WithoutCancel(t.Context()), l) }()
	r, err := http.NewRequest(http.MethodGet, "http://"+l.Addr().String()+"/v1/bots/"+h.bot.ID+"/contacts/export", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+h.tokens["reader"])
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	<-reached
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Second)
	defer cancel()
	go func() { stopped <- s.Shutdown(ctx) }()
	body, err := io.ReadAll(res.Body)
	lines := strings.Split(strings.TrimSpace(string(body)), "\n")
	if want := `{"error":"the export broke off: begin it again","request_id":"request-1"}`; err != nil || len(lines) != 3 || lines[2] != want {
		t.Errorf("%v, the export ends with %q", err, lines)
	}
	if err := errors.Join(<-stopped, <-served); err != nil {
		t.Error(err)
	}
	if text := log.String(); strings.Contains(text, "level=ERROR") || !strings.Contains(text, "export ended by the server's stop") {
		t.Errorf("logged %s", text)
	}
}
