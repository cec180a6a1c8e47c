package app

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/app/keys"
)

// grepFlow asks a system with a secret, and greets everybody.
const grepFlow = `{"format": 1, "flow": "shop", "attributes": {"status": "text"},
	"triggers": [{"on": "follow", "block": "welcome"}, {"on": "keyword", "any": ["status"], "block": "look up"}, {"on": "default", "block": "welcome"}],
	"modules": [{"name": "news", "entry": {}, "steps": [{"type": "text", "text": "News."}]}],
	"blocks": [{"name": "welcome", "steps": [{"type": "text", "text": "Welcome."}]},
		{"name": "look up", "steps": [
			{"type": "request", "method": "POST", "url": "%[1]s/orders?key={{ secret.crm_key }}", "headers": {"Authorization": "Bearer {{ secret.crm_key }}"},
				"save": {"status": "body.status"}, "on_error": "welcome"},
			{"type": "request", "url": "http://127.0.0.1:1/nobody?key={{ secret.crm_key }}", "headers": {"X-Key": "{{ secret.crm_key }}"}, "on_error": "welcome"}]}]}`

// What a whole run knows as secrets stands nowhere that people look: not in the
// log at its most talkative, in metrics, in answers, in what commands print, nor
// in any column of the database, its raw file included.
func TestNoSecretIsToBeFound(t *testing.T) {
	trials(t, func(t *testing.T, s *trial) {
		s.serve()
		const crmKey = "crm-key-4be71c9a0d"
		crm := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "Bearer "+crmKey || r.URL.Query().Get("key") != crmKey {
				t.Errorf("the flow's request came as %s %v", r.URL, r.Header)
			}
			w.WriteHeader(http.StatusInternalServerError)
		}))
		t.Cleanup(crm.Close)
		s.open(fmt.Sprintf(grepFlow, crm.URL))
		said := s.does("secrets", "set", "crm_key", crmKey)
		guessed, imported := "a-token-that-was-guessed-88", "token-of-the-old-product-31c5"
		said += s.does("tokens", "import", "old", imported, "--scope", "send")
		if status, text := s.calls("PATCH", "/v1/bots/"+s.bot, s.token, `{"settings":{"all_channels":true}}`); status != http.StatusOK {
			t.Fatalf("%d %s", status, text)
		}
		mai := s.people(1)[0]
		if _, err := s.line.Write(t.Context(), "shop", mai, "status"); err != nil {
			t.Fatal(err)
		}
		s.waits(`SELECT COUNT(*) FROM interactions WHERE answered_at IS NULL`, "0")

		for _, call := range []struct{ method, path, token, body string }{
			{"POST", "/api/bots/" + s.bot + "/users/" + mai + "/send?ahachat_token=" + imported + "&ahachat_block_name=news", "", ""},
			{"POST", "/api/bots/" + s.bot + "/users/" + mai + "/send?ahachat_token=" + guessed + "&ahachat_block_name=news", "", ""},
			{"POST", "/bots/" + s.bot + "/users/nobody/send?chatfuel_token=" + imported + "&chatfuel_block_name=none", "", ""},
			{"GET", "/bots/" + s.bot + "/nothing?chatfuel_token=" + imported, "", ""},
			{"POST", "/api/bots/" + s.bot + "/phones/send?ahachat_block_name=news&phone=1&ahachat_token=" + imported + "%zz", "", ""},
			{"POST", "/webhooks/line/" + s.account + "?token=" + imported, "", `{"events":[]}`},
			{"GET", "/v1/bots/" + s.bot + "?access_token=" + imported, s.token, ""},
			{"GET", "/v1/bots/" + s.bot, guessed, ""},
			{"POST", "/v1/bots/" + s.bot + "/sends", imported, `{"to":{"phone":"x"}`},
			{"PUT", "/v1/bots/" + s.bot + "/secrets/crm_key", s.token, `{"value":"` + crmKey + `","values":"` + crmKey + `"}`},
			{"POST", "/v1/bots/" + s.bot + "/tokens", s.token, `{"name":"x","scopes":["none"],"secret":"` + imported + `"}`},
			{"PATCH", "/v1/bots/" + s.bot + "/accounts/" + s.account, s.token, `{"credentials":{"channel_access_token":"` + guessed + `"}}`},
			{"GET", "/v1/bots/" + s.bot + "/accounts", s.token, ""},
			{"GET", "/v1/bots/" + s.bot + "/secrets", s.token, ""},
			{"GET", "/v1/bots/" + s.bot + "/tokens", s.token, ""},
			{"GET", "/v1/bots/" + s.bot + "/sends", s.token, ""},
			{"GET", "/v1/pause", s.token, ""},
		} {
			_, text := s.calls(call.method, call.path, call.token, call.body)
			said += text
		}
		doors, heard := s.visits(imported, guessed)
		said += heard + s.broadcasts()
		s.goodToken.Store("a token the shop has not") // its own is refused: errors that tell of credentials
		if status, text := s.calls("POST", "/api/bots/"+s.bot+"/users/"+mai+"/send?ahachat_token="+imported+"&ahachat_block_name=news", "", ""); status != http.StatusOK {
			t.Errorf("the old product's call: %d %s", status, text)
		}
		s.waits(`SELECT state FROM accounts`, "paused")
		for _, path := range []string{"/metrics", "/readyz", "/openapi.json"} {
			_, text := s.calls("GET", path, "", "")
			said += text
		}
		for _, command := range [][]string{{"status"}, {"accounts", "list"}, {"tokens", "list"}, {"secrets", "list"}, {"sends", "list"}, {"sends", "explain"}, {"sends", "show"}, {"config"}} {
			said += s.does(command...)
		}

		secrets := map[string]string{"access token": trialAccess, "channel secret": trialSecret, "API token": s.token, "imported token": imported,
			"guessed token": guessed, "flow's secret": crmKey}
		maps.Copy(secrets, doors)
		if key := s.env["BLOCKCAST_SECRET_KEY"]; key != "" {
			secrets["instance key"] = key
		} else {
			key, err := os.ReadFile(filepath.Join(s.env["BLOCKCAST_DATA"], keys.FileName))
			if err != nil {
				t.Fatal(err)
			}
			secrets["instance key"] = strings.TrimSpace(string(key))
			note, err := readRunning(s.env["BLOCKCAST_DATA"])
			if err != nil {
				t.Fatal(err)
			}
			secrets["run's token"] = note.Token
		}
		for place, text := range map[string]string{"the log": s.log.String(), "an answer": said, "the database": s.dump()} {
			if len(text) < 1000 {
				t.Errorf("%s is suspiciously short: %q", place, text)
			}
			for name, secret := range secrets {
				for _, form := range []string{secret, escaped(secret)} {
					if at := strings.Index(text, form); at >= 0 {
						t.Errorf("the %s stands in %s: …%s…", name, place, strings.ReplaceAll(text[max(0, at-120):min(len(text), at+40)], form, "<IT>"))
					}
				}
			}
		}
		if !strings.Contains(s.log.String(), `"query":"ahachat_token,ahachat_block_name"`) {
			t.Error("the log does not show that it left the values of a query out")
		}
	})
}

// dump is all text in the database: every column of every table, and for
// SQLite the bytes of its files.
func (s *trial) dump() string {
	s.t.Helper()
	if s.env["BLOCKCAST_DATABASE_URL"] != "" {
		var b strings.Builder
		for _, table := range s.asks(`SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`) {
			for _, row := range s.asks(`SELECT to_jsonb(t)::text FROM "` + table + `" t`) {
				b.WriteString(row + "\n")
			}
		}
		return b.String()
	}
	var all bytes.Buffer
	err := filepath.WalkDir(s.env["BLOCKCAST_DATA"], func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || slices.Contains([]string{keys.FileName, runName}, d.Name()) {
			return err // two files are there to hold secrets, for their owner alone
		}
		data, err := os.ReadFile(path)
		all.Write(data)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return all.String()
}
