package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/channels/sandbox"
)

const page = "page"

// connectPage connects a pretend Page as a second account of the bot.
func (w *world) connectPage() (person string) {
	w.t.Helper()
	w.must(w.line.AddMessengerAccount(sandbox.MessengerAccount{Name: page, AppSecret: "e2e-app-secret", AccessToken: "e2e-page-token"}))
	p, err := w.line.AddPerson(sandbox.Person{Account: page, Name: "Mai Trần", Friend: true})
	w.must(err)
	w.cli("accounts", "connect", "messenger", "page_access_token=e2e-page-token", "app_secret=e2e-app-secret", "verify_token=e2e-verify", "--json")
	return p.ID
}

// One bot answers on both platforms; Messenger's receipts move the ledger on.
func TestMessengerAnswersAndReceipts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mai := w.connectPage()
		_, err := w.line.Write(t.Context(), page, mai, "size")
		w.must(err)
		if got := w.got(mai, 1); !strings.Contains(got[0], "Which size?") {
			t.Fatalf("they got %q", got)
		}
		w.settled("delivered", 1)
		w.must(w.line.See(page, mai))
		w.settled("read", 1)
		w.writes(w.person(0), "hello") // the question on Messenger takes nothing from LINE
		w.hears(w.person(0), "reply: Hello friend.|What can we do?")
	})
}

// A tag that Meta has removed is taken from old callers and never goes out.
func TestRemovedTagsNeverGoOut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mai := w.connectPage()
		_, err := w.line.Write(t.Context(), page, mai, "status of mine")
		w.must(err)
		said := len(w.got(mai, 1))
		status, answer := w.calls(http.MethodPost, "/api/bots/"+w.bot+"/users/"+mai+"/send?ahachat_token="+w.token+
			"&ahachat_message_tag=POST_PURCHASE_UPDATE&ahachat_block_name=order%20shipped&order_code=A1&total=1", "", "")
		if status != http.StatusOK || answer["success"] != true {
			t.Fatalf("%d %v", status, answer)
		}
		w.got(mai, said+1)
		for _, c := range w.line.AcceptedFor(mai) {
			if strings.Contains(string(c.Body), "POST_PURCHASE_UPDATE") {
				t.Errorf("it went out: %s", c.Body)
			}
		}
	})
}
