package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Another bot's token learns nothing and changes nothing, by any route, whether
// it names this bot or its own with this bot's ids.
func TestAnotherBotsTokenLearnsNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mai := w.knows(0)
		_, sent := w.calls(http.MethodPost, w.path("/sends"), w.token, `{"to":{"user":"`+mai+`","account":"`+w.account+`"},"block":"welcome"}`)
		w.got(mai, 2)
		w.settled("sent", 2)
		other := w.field(w.cli("bots", "create", "rival", "--json"), "id")
		rival := w.field(w.cli("tokens", "create", "rival", "--bot", "rival", "--scope", "send,agent,read,contacts,flows,broadcasts,admin", "--json"), "token")

		ids := map[string]string{"account": w.account, "attribute": "order_code", "block": "welcome", "contact": w.contact(0),
			"flow": "shop", "identity": fmt.Sprint(sent["identity_id"]), "secret": "shop_key", "send": fmt.Sprint(sent["id"]), "tag": "vip", "webhook": "", "delivery": "1", "token": "e2e", "version": "1", "kind": "block", "foreign": "old"}
		w.cli("secrets", "set", "shop_key", "a value of this bot's", "--bot", "shop")
		ids["webhook"] = w.field(w.cli("webhooks", "create", "http://127.0.0.1:9/", "--topic", "*", "--bot", "shop", "--json"), "id")
		prices := filepath.Join(t.TempDir(), "prices.pdf")
		w.must(os.WriteFile(prices, []byte("%PDF-1.7 of this bot"), 0o600))
		ids["media"] = w.field(w.cli("media", "upload", prices, "--bot", "shop", "--json"), "id")
		w.tries("webhooks", "test", ids["webhook"], "--bot", "shop") // nobody answers; it is there now
		w.cli("contacts", "patch", w.contact(0), "--tag", "vip", "--bot", "shop")
		ids["broadcast"] = w.field(w.cli("broadcasts", "create", "autumn", "--block", "welcome", "--all", "--allow-questions", "--allow-requests", "--bot", "shop", "--json"), "id")
		advertises := w.field(w.cli("broadcasts", "create", "orders", "--text", "Flash sale: 50% off everything, last chance!", "--intent", "utility", "--all", "--bot", "shop", "--json"), "id")
		w.tries("broadcasts", "prepare", advertises, "--bot", "shop")
		ids["lock"] = w.lock()
		w.cli("segments", "save", "regulars", "true", "--bot", "shop")
		ids["segment"] = "regulars"
		_, list := w.calls(http.MethodPost, w.path("/lists"), w.token, `{"phones":["0912345601"]}`)
		ids["list"] = fmt.Sprint(list["id"])
		before := w.snapshot(ids)
		walked := 0
		for _, r := range w.routes() {
			if !strings.Contains(r.path, "{bot}") {
				continue
			}
			for _, bot := range []string{w.bot, other} {
				if bot == other && strings.Count(r.path, "{") == 1 {
					continue // its own list
				}
				path := strings.ReplaceAll(r.path, "{bot}", bot)
				for name, id := range ids {
					path = strings.ReplaceAll(path, "{"+name+"}", id)
				}
				if strings.Contains(path, "{") {
					t.Fatalf("%s has a parameter this test does not know", r.path)
				}
				if bot == other && r.makes {
					continue // makes something of its own under a name of this bot's
				}
				status, answer := w.calls(r.method, path, rival, r.body)
				walked++
				if status != http.StatusNotFound {
					t.Errorf("%s %s with the rival's token: %d %v, want 404", r.method, path, status, answer)
				}
				if text := fmt.Sprint(answer); strings.Contains(text, mai) || strings.Contains(text, "912345601") || strings.Contains(text, "Welcome") {
					t.Errorf("%s %s tells %v", r.method, path, answer)
				}
			}
		}
		if walked < 40 {
			t.Errorf("only %d calls were walked", walked)
		}
		if after := w.snapshot(ids); after != before {
			t.Errorf("something has changed:\n%s\nwas\n%s", after, before)
		}
	})
}

// lock is the id of the bot's only locked way, as soon as there is one.
func (w *world) lock() string {
	w.t.Helper()
	for range polls {
		_, list := w.calls(http.MethodGet, w.path("/broadcast-locks"), w.token, "")
		if items, _ := list["items"].([]any); len(items) == 1 {
			id, _ := items[0].(map[string]any)["id"].(string)
			return id
		}
		w.pause()
	}
	w.t.Fatal("nothing is locked")
	return ""
}

// path is one of the bot's.
func (w *world) path(rest string) string { return "/v1/bots/" + w.bot + rest }

// snapshot is what the bot's own token sees.
func (w *world) snapshot(ids map[string]string) string {
	w.t.Helper()
	var all []any
	for _, path := range []string{"", "/accounts", "/attributes", "/blocks", "/contacts", "/contacts/" + ids["contact"], "/flows", "/flows/shop/versions", "/secrets", "/media", "/webhooks", "/webhooks/" + ids["webhook"] + "/deliveries", "/sends", "/tags", "/conversations", "/segments", "/lists", "/broadcasts", "/broadcast-locks"} {
		_, v := w.calls(http.MethodGet, w.path(path), w.token, "")
		all = append(all, v)
	}
	text, err := json.MarshalIndent(all, "", " ")
	w.must(err)
	return string(text)
}

// route is one call the API describes.
type route struct {
	method, path, body string
	makes              bool
}

// routes reads the API's own description, with bodies that would be taken.
func (w *world) routes() []route {
	w.t.Helper()
	_, spec := w.calls(http.MethodGet, "/openapi.json", "", "")
	bodies := map[string]string{
		"change-bot": `{"name":"stolen"}`, "connect-account": `{"channel":"line","credentials":{"channel_secret":"a","channel_access_token":"b"}}`,
		"change-account": `{"state":"paused"}`, "create-webhook": `{"url":"https://rival.example.com/","topics":["*"]}`, "change-webhook": `{"url":"https://rival.example.com/"}`, "set-alias": `{"kind":"bot","foreign":"x","ours":"y"}`, "declare-attribute": `{"name":"order_code","type":"number"}`,
		"create-contact": `{"name":"x"}`, "import-contacts": `{"phone":"0912345601","name":"stolen"}`, "change-contact": `{"name":"stolen"}`, "check-document": `{"format":1,"flow":"shop","blocks":[]}`,
		"put-flow": `{"format":1,"flow":"shop","blocks":[]}`, "publish-flow": `{}`, "send": `{"to":{"phone":"0912345601"},"block":"welcome"}`,
		"settle-send": `{"as":"failed"}`, "settle-sends": `{"as":"failed"}`, "pause-bot": `{"reason":"stolen"}`, "post-event": `{"event":"order_paid","to":{"phone":"0912345601"}}`, "create-token": `{"name":"x","scopes":["read"]}`, "set-secret": `{"value":"stolen"}`, "rename-attribute": `{"name":"stolen","force":true}`, "rename-tag": `{"name":"stolen","force":true}`, "take-conversation": `{"for":"1h"}`,
		"reply": `{"messages":[{"type":"text","text":"stolen"}]}`, "merge-contacts": `{"other":2}`, "restore-flow": `{"version":1}`,
		"create-broadcast": `{"subject":"x","content":{"block":"welcome"},"audience":{"all":true}}`, "edit-broadcast": `{"version":1,"plan":{"subject":"stolen","content":{"block":"welcome"},"audience":{"all":true}}}`,
		"test-broadcast": `{"to":[{"phone":"0912345601"}]}`, "unlock-broadcasts": `{"note":"stolen"}`, "repeat-broadcast": `{"outcome":"accepted"}`, "list-of-broadcast": `{"people":{"outcome":"accepted"},"name":"stolen"}`,
		"create-segment": `{"name":"x","audience":{"all":true}}`, "change-segment": `{"name":"stolen"}`, "estimate-segment": `{}`, "create-list": `{"phones":["0912345601"]}`,
		"estimate-audience": `{"audience":{"all":true}}`, "explain-audience": `{"where":"true","contact":1}`, "write-audience": `{"all":[]}`,
		"send-bulk": `{"sends":[{"to":{"phone":"0912345601"},"block":"welcome"}]}`,
	}
	makes := map[string]bool{"put-flow": true, "declare-attribute": true, "set-secret": true}
	var out []route
	paths, _ := spec["paths"].(map[string]any)
	for path, methods := range paths {
		for method, o := range methods.(map[string]any) {
			op, _ := o.(map[string]any)
			id, _ := op["operationId"].(string)
			if id == "" {
				continue
			}
			out = append(out, route{method: strings.ToUpper(method), path: path, body: bodies[id], makes: makes[id]})
		}
	}
	return out
}
