package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/channels/sandbox"
)

// rival is another bot of the instance, with accounts of its own.
type rival struct {
	bot, token     string
	line, page     string // its accounts' ids
	person, reader string // who is known on each of them
}

// Of the rival's Page.
const (
	rivalPage = "rival page"
	rivalLine = "rival"
)

func (w *world) rival() *rival {
	w.t.Helper()
	w.must(w.line.AddLINEAccount(sandbox.LINEAccount{Name: rivalLine, UserID: rivalUser(), ChannelSecret: "rival-secret", AccessToken: "rival-access"}))
	w.must(w.line.AddMessengerAccount(sandbox.MessengerAccount{Name: rivalPage, AppSecret: "rival-app-secret", AccessToken: "rival-page-token"}))
	r := &rival{bot: w.field(w.cli("bots", "create", "rival", "--json"), "id")}
	r.token = w.field(w.cli("tokens", "create", "rival", "--bot", "rival", "--scope", "send,read,contacts", "--json"), "token")
	r.line = w.field(w.cli("accounts", "connect", "line", "channel_secret=rival-secret", "channel_access_token=rival-access", "--bot", "rival", "--json"), "id")
	r.page = w.connects("rival", "page_access_token=rival-page-token", "app_secret=rival-app-secret", "verify_token=rival-verify")
	for _, p := range []*sandbox.Person{{Account: rivalLine, Name: "Lan", Friend: true}, {Account: rivalPage, Name: "Lan", Friend: true}} {
		known, err := w.line.AddPerson(*p)
		w.must(err)
		w.writesTo(p.Account, known.ID, "hi")
		if p.Account == rivalLine {
			r.person = known.ID
		} else {
			r.reader = known.ID
		}
	}
	return r
}

// sees is all that the rival's token sees, once both people are known by name.
func (w *world) sees(r *rival) string {
	w.t.Helper()
	var all []any
	for _, what := range []string{"contacts", "sends", "accounts", "conversations"} {
		for range polls {
			_, v := w.calls(http.MethodGet, "/v1/bots/"+r.bot+"/"+what, r.token, "")
			if what != "contacts" || strings.Count(fmt.Sprint(v["items"]), " name:Lan") >= 2 {
				all = append(all, v)
				break
			}
			w.pause()
		}
	}
	text, err := json.MarshalIndent(all, "", " ")
	w.must(err)
	return string(text)
}

// Who holds one tenant's secret changes nothing of another's, neither by a
// LINE webhook with the other's destination nor by a Page's entry beside one's
// own.
func TestWebhooksWithAnotherTenantsEntries(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.connectPage()
		r := w.rival()
		mai := w.onPage(0)
		before := w.sees(r)

		body := left(r.person)
		if status := w.postsLine(w.account, secret, body); status != http.StatusOK {
			t.Errorf("LINE's webhook with another destination: %d, want 200", status)
		}
		if status := w.postsLine(r.line, secret, body); status != http.StatusUnauthorized {
			t.Errorf("at the other's address with this one's secret: %d, want 401", status)
		}

		ours, theirs, now := pageID(page), pageID(rivalPage), time.Now()
		two, err := json.Marshal(map[string]any{"object": "page", "entry": []any{
			map[string]any{"id": theirs, "time": 1, "messaging": []any{wroteAt(now, theirs, r.reader, "stop"), colleagueWroteAt(now, theirs, r.reader, "I take over")}},
			map[string]any{"id": ours, "time": 1, "messaging": []any{wroteAt(now, ours, mai, "hello")}},
		}})
		w.must(err)
		if _, err := w.line.PostMessenger(t.Context(), page, two); err != nil {
			t.Errorf("two Pages' entries: %v", err)
		}
		if got := w.got(mai, 1); !strings.HasPrefix(got[0], "response: Hello") {
			t.Errorf("this one's own entry is answered by %q", got)
		}
		w.settled("delivered", 1)
		if after := w.sees(r); after != before {
			t.Errorf("the other's data has changed:\n%s\nwas\n%s", after, before)
		}
		for _, contact := range []string{r.person, r.reader} {
			_, list := w.calls(http.MethodGet, w.path("/contacts?search="+contact), w.token, "")
			if items, _ := list["items"].([]any); len(items) != 0 {
				t.Errorf("this bot knows the other's person: %v", items)
			}
		}
	})
}

// left is the webhook's body that tells the rival's LINE account that somebody
// has blocked it.
func left(person string) string {
	return fmt.Sprintf(`{"destination":%q,"events":[{"type":"unfollow","source":{"type":"user","userId":%q},"timestamp":%d,"webhookEventId":"01RIVAL","mode":"active"}]}`,
		rivalUser(), person, time.Now().UnixMilli())
}

// rivalUser is what LINE calls the rival's account.
func rivalUser() string { return sandbox.LINEUserID("rival bot") }

// postsLine posts a webhook to an account's address under a secret.
func (w *world) postsLine(account, secret, body string) int {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.base+"/webhooks/line/"+account, strings.NewReader(body))
	w.must(err)
	req.Header.Set("X-Line-Signature", sandbox.SignLINE(secret, []byte(body)))
	res, err := http.DefaultClient.Do(req)
	w.must(err)
	res.Body.Close()
	return res.StatusCode
}
