package e2e_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/blockcast/blockcast/channels/sandbox"
)

// A person writes, a block answers; by the event's free reply.
func TestPersonWritesAndIsAnswered(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mai := w.person(0)
		w.writes(mai, "Hello")
		w.hears(mai, "reply: Hello friend.|What can we do?")
		if c := w.line.Counts(); c.Free == 0 || c.Paid != 0 {
			t.Errorf("free %d, paid %d", c.Free, c.Paid)
		}
		_, err := w.line.Tap(t.Context(), shop, mai, "Pick a size")
		w.must(err)
		w.got(mai, 2)
		w.writes(mai, "large")
		w.hears(mai, "reply: Hello friend.|What can we do?", "reply: Which size?", "reply: Size L it is.")
	})
}

// The platform's own pictures of a person come in the background and serve the
// next answer.
func TestProfileIsFetched(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mai := w.person(0)
		w.writes(mai, "hello")
		w.got(mai, 1)
		for range polls {
			_, list := w.calls(http.MethodGet, "/v1/bots/"+w.bot+"/contacts?search=mai", w.token, "")
			if items, _ := list["items"].([]any); len(items) == 1 {
				return
			}
			w.pause()
		}
		t.Fatal("nobody called Mai is known")
	})
}

func TestRedeliveredWebhookIsAnsweredOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mai := w.person(0)
		e := w.writes(mai, "hello")
		w.got(mai, 1)
		for range 3 {
			_, err := w.line.Redeliver(t.Context(), shop, e.ID)
			w.must(err)
		}
		w.writes(mai, "what?")
		w.hears(mai, "reply: Hello friend.|What can we do?", "reply: Sorry?")
	})
}

// Nothing of a webhook with a wrong signature is kept.
func TestWrongSignatureIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		body := `{"destination":"U00","events":[{"type":"message","message":{"type":"text","id":"1","text":"hello"},"source":{"type":"user","userId":"` + w.person(0) + `"},"timestamp":1,"webhookEventId":"x","replyToken":"t","mode":"active"}]}`
		for _, signature := range []string{"", "bm9wZQ==", sandbox.SignLINE("another secret", []byte(body))} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.base+"/webhooks/line/"+w.account, strings.NewReader(body))
			w.must(err)
			if signature != "" {
				req.Header.Set("X-Line-Signature", signature)
			}
			res, err := http.DefaultClient.Do(req)
			w.must(err)
			res.Body.Close()
			if res.StatusCode != http.StatusUnauthorized {
				t.Errorf("signature %q: %d, want 401", signature, res.StatusCode)
			}
		}
		_, list := w.calls(http.MethodGet, "/v1/bots/"+w.bot+"/contacts", w.token, "")
		if items, _ := list["items"].([]any); len(items) != 0 {
			t.Errorf("contacts were made: %v", items)
		}
		if status, _ := w.calls(http.MethodPost, "/webhooks/line/ffffffffffffffffffffffff", "", "{}"); status != http.StatusNotFound {
			t.Errorf("an unknown account: %d, want 404", status)
		}
	})
}

// A pause goes on by itself, also when the process ended in it.
func TestPauseGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stop := w.serve()
	w.settle()
	mai := w.person(0)
	w.writes(mai, "pause")
	w.got(mai, 1)
	stop()
	w.base = ""
	w.serve()
	w.hears(mai, "reply: One.", "push: Two.")
}

// A request that is slow, with a worker that is stopped in it, makes one answer
// and tells the shop by one key that it is the same call.
func TestSlowRequestAnswersOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var mu sync.Mutex
		keys := map[string]int{}
		slow := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			mu.Lock()
			keys[r.Header.Get("Idempotency-Key")]++
			mu.Unlock()
			rw.Header().Set("Content-Type", "application/json")
			_, _ = rw.Write([]byte(`{"status":"shipped"}`))
		}))
		t.Cleanup(slow.Close)
		status, answer := w.calls(http.MethodPatch, "/v1/bots/"+w.bot, w.token, `{"values":{"shop_url":"`+slow.URL+`"}}`)
		if status != http.StatusOK {
			t.Fatalf("the bot's value: %d %v", status, answer)
		}
		mai := w.person(0)
		w.writes(mai, "status")
		w.hears(mai, "reply: It is shipped.")
		mu.Lock()
		defer mu.Unlock()
		if len(keys) != 1 || keys[""] != 0 {
			t.Errorf("the shop was called with the keys %v, want one", keys)
		}
	})
}
