package e2e_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/channels/sandbox"
)

// knows makes the bot know a person with a phone, as the platform's friend.
func (w *world) knows(n int) (person string) {
	w.t.Helper()
	person = w.person(n)
	_, err := w.line.Follow(w.t.Context(), shop, person)
	w.must(err)
	w.got(person, 1)
	id := w.contact(0)
	status, answer := w.calls(http.MethodPatch, fmt.Sprintf("/v1/bots/%s/contacts/%s", w.bot, id), w.token, `{"phone":"`+people[n].Phone+`"}`)
	if status != http.StatusOK {
		w.t.Fatalf("the phone: %d %v", status, answer)
	}
	w.named(id)
	return person
}

// named waits until it is known what a contact is called: the platform is asked
// beside the first answer.
func (w *world) named(contact string) {
	w.t.Helper()
	for range polls {
		if _, c := w.calls(http.MethodGet, w.path("/contacts/"+contact), w.token, ""); c["name"] != nil && c["name"] != "" {
			return
		}
		w.pause()
	}
	w.t.Fatalf("nobody knows what contact %s is called", contact)
}

// allChannels lets the calls of Messenger's products use LINE.
func (w *world) allChannels() {
	w.t.Helper()
	status, answer := w.calls(http.MethodPatch, "/v1/bots/"+w.bot, w.token, `{"settings":{"all_channels":true}}`)
	if status != http.StatusOK {
		w.t.Fatalf("the setting: %d %v", status, answer)
	}
}

// contact returns the id of the nth newest contact.
func (w *world) contact(n int) string {
	w.t.Helper()
	_, list := w.calls(http.MethodGet, "/v1/bots/"+w.bot+"/contacts", w.token, "")
	items, _ := list["items"].([]any)
	if len(items) <= n {
		w.t.Fatalf("there is no contact %d: %v", n, list)
	}
	c, _ := items[n].(map[string]any)
	return fmt.Sprint(c["id"])
}

// shipped is the AhaChat call that sends the module by phone.
func (w *world) shipped(phone, code, total string) string {
	q := url.Values{"ahachat_token": {w.token}, "ahachat_message_tag": {"NON_PROMOTIONAL_SUBSCRIPTION"},
		"ahachat_block_name": {"Order Shipped"}, "phone": {phone}, "order_code": {code}, "total": {total}}
	return "/api/bots/" + w.bot + "/phones/send?" + q.Encode()
}

// A system calls, a block goes out.
func TestAhaChatByPhone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.allChannels()
		mai := w.knows(0)
		status, answer := w.calls(http.MethodPost, w.shipped("0912 345 601", "A1024", "1280000"), "", "")
		if status != http.StatusOK || answer["success"] != true || answer["result"] != "ok" || answer["delivery_id"] == nil {
			t.Fatalf("%d %v", status, answer)
		}
		got := w.got(mai, 2)
		if !strings.HasSuffix(got[1], "Order A1024 (1.280.000\u00a0₫) is on its way.") {
			t.Errorf("they got %q", got[1])
		}
		out := w.cli("sends", "explain", fmt.Sprint(answer["delivery_id"]))
		if !strings.Contains(out, "sent") {
			t.Errorf("explained as %s", out)
		}
	})
}

// Chatfuel's call by user id.
func TestChatfuelByUser(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.allChannels()
		mai := w.knows(0)
		status, answer := w.calls(http.MethodPost, "/bots/"+w.bot+"/users/"+mai+"/send?chatfuel_token="+w.token+
			"&chatfuel_block_name=order%20shipped&order_code=B7&total=5", "", "{}")
		if status != http.StatusOK || answer["success"] != true {
			t.Fatalf("%d %v", status, answer)
		}
		w.got(mai, 2)
	})
}

// A refusal is answered and stands in the ledger, with its reason.
func TestRefusalHasItsReason(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.allChannels()
		mai := w.knows(0)
		_, err := w.line.Unfollow(t.Context(), shop, mai)
		w.must(err)
		status, answer := w.calls(http.MethodPost, w.shipped("0912345601", "A1", "1"), "", "")
		if status != http.StatusConflict || answer["success"] != false || !strings.Contains(fmt.Sprint(answer["result"]), "block") {
			t.Fatalf("%d %v", status, answer)
		}
		for path, want := range map[string]int{
			w.shipped("0999999999", "A1", "1"):                                   http.StatusNotFound,
			w.shipped("12", "A1", "1"):                                           http.StatusBadRequest,
			w.shipped("0912345601", "A1", "many"):                                http.StatusBadRequest,
			strings.Replace(w.shipped("0912345601", "A1", "1"), "Order", "O", 1): http.StatusNotFound,
			strings.Replace(w.shipped("0912345601", "A1", "1"), w.token, "x", 1): http.StatusUnauthorized,
		} {
			status, answer := w.calls(http.MethodPost, path, "", "")
			if status != want || answer["success"] != false || answer["result"] == "" {
				t.Errorf("%s: %d %v, want %d", path, status, answer, want)
			}
		}
	})
}

// The platform's faults: throttled, down, an answer lost after it was taken.
func TestFaultsEndInOneMessage(t *testing.T) {
	for name, fault := range map[string]sandbox.Fault{
		"throttled": {Kind: sandbox.Throttle, Endpoint: "push", Count: 1},
		"error":     {Kind: sandbox.ServerError, Endpoint: "push", Count: 1},
		"lost":      {Kind: sandbox.Lost, Endpoint: "push", Count: 1},
		"reset":     {Kind: sandbox.Reset, Endpoint: "push", Count: 1},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				mai := w.knows(0)
				w.must(w.line.SetFaults(fault))
				// Force the push: the follow's reply token is used by the welcome.
				status, answer := w.calls(http.MethodPost, "/v1/bots/"+w.bot+"/sends", w.token,
					`{"to":{"contact":`+w.contact(0)+`},"block":"order shipped","attributes":{"order_code":"A1","total":7}}`)
				if status != http.StatusAccepted {
					t.Fatalf("%d %v", status, answer)
				}
				w.hears(mai, "reply: Welcome friend.", "push: Order A1 (7\u00a0₫) is on its way.")
				w.settled("sent", 2)
				if got := w.line.AcceptedFor(mai); len(got) != 2 {
					t.Errorf("they got %v", said(got))
				}
			})
		})
	}
}

// settled waits until that many deliveries have the status.
func (w *world) settled(status string, n int) {
	w.t.Helper()
	for range polls {
		_, list := w.calls(http.MethodGet, "/v1/bots/"+w.bot+"/sends?status="+status, w.token, "")
		if items, _ := list["items"].([]any); len(items) == n {
			return
		}
		w.pause()
	}
	w.t.Fatalf("there are never %d %s deliveries", n, status)
}

// The queue is a bell: emptied while sends wait, all of them still go out.
func TestQueueEmptiedWhileSendsWait(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.production()
	stop := w.serve()
	w.settle()
	mai := w.knows(0)
	stop()
	w.base = ""
	stop = w.serve("--no-worker")
	for n := range 5 {
		status, answer := w.calls(http.MethodPost, "/v1/bots/"+w.bot+"/sends", w.token,
			fmt.Sprintf(`{"to":{"contact":%s},"block":"order shipped","attributes":{"order_code":"A%d","total":1}}`, w.contact(0), n))
		if status != http.StatusAccepted {
			t.Fatalf("%d %v", status, answer)
		}
	}
	w.emptyQueue()
	w.run("", "work")
	w.hears(mai, "reply: Welcome friend.",
		"push: Order A0 (1\u00a0₫) is on its way.", "push: Order A1 (1\u00a0₫) is on its way.", "push: Order A2 (1\u00a0₫) is on its way.",
		"push: Order A3 (1\u00a0₫) is on its way.", "push: Order A4 (1\u00a0₫) is on its way.")
	stop()
}

// Several workers share the work; nobody gets anything twice.
func TestTwoWorkersSendOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.production()
	w.serve()
	w.settle()
	w.run("", "work")
	w.run("", "work")
	mai := w.knows(0)
	want := []string{"reply: Welcome friend."}
	for n := range 20 {
		status, answer := w.calls(http.MethodPost, "/v1/bots/"+w.bot+"/sends", w.token,
			fmt.Sprintf(`{"to":{"contact":%s},"block":"order shipped","attributes":{"order_code":"A%d","total":1}}`, w.contact(0), n))
		if status != http.StatusAccepted {
			t.Fatalf("%d %v", status, answer)
		}
		want = append(want, fmt.Sprintf("push: Order A%d (1\u00a0₫) is on its way.", n))
	}
	w.hears(mai, want...)
	w.settled("sent", 21)
	if got := w.line.AcceptedFor(mai); len(got) != 21 {
		t.Errorf("they got %d calls, want 21", len(got))
	}
}
