package e2e_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// When the person wrote long ago, Messenger lets nothing through but what it
// has approved beforehand.
func TestWindowClosed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.connectPage()
		mai := w.onPage(0)
		w.longAgo(mai)
		to := `{"to":{"identity":` + w.identityOf(mai) + `},"block":`

		without := w.sends(to + `"order shipped","attributes":{"order_code":"A1","total":1}}`)
		if without["status"] != "skipped" || without["reason"] != "window_closed" {
			t.Errorf("without a template: %v", without)
		}
		status, answer := w.calls(http.MethodPost, "/api/bots/"+w.bot+"/users/"+mai+"/send?ahachat_token="+w.token+"&ahachat_block_name=order%20shipped&order_code=A1&total=1", "", "")
		if status != http.StatusConflict || answer["success"] != false || !strings.Contains(answer["result"].(string), "wrote too long ago") {
			t.Errorf("a foreign call is answered %d %v", status, answer)
		}
		with := w.sends(to + `"order ready","attributes":{"order_code":"A2"}}`)
		if with["status"] != "queued" || with["route"] != "template" {
			t.Errorf("with a template: %v", with)
		}
		if got := w.got(mai, 1); !strings.HasPrefix(got[0], "utility:") {
			t.Errorf("it went out as %q", got)
		}
		if body := string(w.line.AcceptedFor(mai)[0].Body); !strings.Contains(body, "order_ready") || !strings.Contains(body, "A2") {
			t.Errorf("the template is %s", body)
		}
		promotional := w.sends(to + `"order ready","attributes":{"order_code":"A3"},"intent":"promotional"}`)
		if promotional["status"] != "skipped" {
			t.Errorf("promotional: %v", promotional)
		}
		if got := w.line.AcceptedFor(mai); len(got) != 1 {
			t.Errorf("they got %q", said(got))
		}
	})
}

// longAgo makes the bot know a person of the Page who wrote 25 hours ago, and
// Meta that it was so.
func (w *world) longAgo(person string) {
	w.t.Helper()
	w.imports(map[string]string{"account": w.page, "user": person})
	w.tells(wroteAt(time.Now().Add(-25*time.Hour), pageID(page), person, "hello"))
	w.heard(person, "answered")
	w.settled("skipped", 1) // the answer to it comes too late
}

// Of whom nobody knows when they wrote, the platform is asked once; its refusal
// is the outcome.
func TestWindowUnknown(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.connectPage()
		p := people[0]
		p.Account, p.Wrote = page, time.Now().Add(-25*time.Hour)
		known, err := w.line.AddPerson(p)
		w.must(err)
		w.imports(map[string]string{"account": w.page, "user": known.ID})
		sent := w.sends(`{"to":{"identity":` + w.identityOf(known.ID) + `},"block":"order shipped","attributes":{"order_code":"A1","total":1}}`)
		if sent["status"] != "queued" {
			t.Errorf("%v", sent)
		}
		if d := w.becomes(sent["delivery_id"], "skipped"); d["reason"] != "window_closed" {
			t.Errorf("%v", d)
		}
		if got := w.line.AcceptedFor(known.ID); len(got) != 0 {
			t.Errorf("they got %q", said(got))
		}
	})
}

// What waits for an account longer than it may is not sent any more.
func TestExpiredDelivery(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mai := w.knows(0)
		account := w.path("/accounts/" + w.account)
		if status, answer := w.calls(http.MethodPatch, account, w.token, `{"state":"paused"}`); status != http.StatusOK {
			t.Fatalf("pause: %d %v", status, answer)
		}
		sent := w.sends(`{"to":{"contact":` + w.contact(0) + `},"block":"order shipped","attributes":{"order_code":"A1","total":1},"expires_in":"1s"}`)
		if d := w.becomes(sent["delivery_id"], "skipped"); d["reason"] != "expired" {
			t.Errorf("%v", d)
		}
		if status, answer := w.calls(http.MethodPatch, account, w.token, `{"state":"active"}`); status != http.StatusOK {
			t.Fatalf("resume: %d %v", status, answer)
		}
		next := w.sends(`{"to":{"contact":` + w.contact(0) + `},"block":"order shipped","attributes":{"order_code":"A2","total":1}}`)
		w.becomes(next["delivery_id"], "sent")
		w.hears(mai, "reply: Welcome friend.", "push: Order A2 (1\u00a0₫) is on its way.")
	})
}
