package e2e_test

import (
	"net/http"
	"strings"
	"testing"
)

// One bot answers on both platforms; Messenger's receipts move the ledger on.
func TestMessengerAnswersAndReceipts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.connectPage()
		mai := w.onPage(0)
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
		w.connectPage()
		mai := w.onPage(0)
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
