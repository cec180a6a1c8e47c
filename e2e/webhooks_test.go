package e2e_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// receiver is a system of the bot's owner that verifies what it is told, by the
// rules of Standard Webhooks and no code of ours.
type receiver struct {
	t      *testing.T
	mu     sync.Mutex
	secret []byte
	fail   int            // calls that are still to be refused
	calls  map[string]int // by webhook-id
	taken  []told
}

type told struct {
	id   string
	Type string `json:"type"`
	Bot  string `json:"bot_id"`
	Data struct {
		Note    string         `json:"note"`
		Data    map[string]any `json:"data"`
		Contact struct {
			ID int64 `json:"id"`
		} `json:"contact"`
		Account struct {
			UserID string `json:"user_id"`
		} `json:"account"`
		Delivery struct {
			Reason string `json:"reason"`
		} `json:"delivery"`
	} `json:"data"`
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		r.t.Error(err)
	}
	id := q.Header.Get("webhook-id")
	r.mu.Lock()
	defer r.mu.Unlock()
	mac := hmac.New(sha256.New, r.secret)
	fmt.Fprintf(mac, "%s.%s.%s", id, q.Header.Get("webhook-timestamp"), body)
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); !slices.Contains(strings.Fields(q.Header.Get("webhook-signature")), want) {
		r.t.Errorf("the signature %q of %s does not fit", q.Header.Get("webhook-signature"), body)
	}
	r.calls[id]++
	if r.fail > 0 {
		r.fail--
		http.Error(w, "not now", http.StatusInternalServerError)
		return
	}
	v := told{id: id}
	if err := json.Unmarshal(body, &v); err != nil {
		r.t.Errorf("%s: %v", body, err)
	}
	r.taken = append(r.taken, v)
	_, _ = io.WriteString(w, "thanks") // who does not read it has gone
}

// got waits until n notices were taken.
func (r *receiver) got(w *world, n int) []told {
	w.t.Helper()
	for range polls {
		r.mu.Lock()
		taken := slices.Clone(r.taken)
		r.mu.Unlock()
		if len(taken) >= n {
			return taken
		}
		w.pause()
	}
	w.t.Fatalf("%d notices were taken, not %d", len(r.taken), n)
	return nil
}

// A handover and a notify reach the owner's system once each, signed, also when
// it refuses the first call.
func TestWebhooksAreToldOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := &receiver{t: t, calls: map[string]int{}, fail: 1}
		server := httptest.NewServer(r)
		defer server.Close()
		made := w.cli("webhooks", "create", server.URL+"/hook", "--topic", "handover,event:person_wanted,contact.blocked,delivery.skipped", "--json")
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(w.field(made, "secret"), "whsec_"))
		w.must(err)
		r.mu.Lock()
		r.secret = key
		r.mu.Unlock()

		mai := w.person(0)
		w.writes(mai, "hello") // nobody listens to that
		w.got(mai, 1)
		w.writes(mai, "person")
		w.got(mai, 2)
		taken := r.got(w, 2)
		slices.SortFunc(taken, func(a, b told) int { return strings.Compare(a.Type, b.Type) })
		if taken[0].Type != "event:person_wanted" || fmt.Sprint(taken[0].Data.Data) != "map[size: total:0]" || taken[1].Type != "handover" || taken[1].Data.Note != "asked for a person" {
			t.Errorf("it was told %+v", taken)
		}
		for _, v := range taken {
			if v.Data.Account.UserID != mai || v.Data.Contact.ID == 0 || v.Bot != w.bot {
				t.Errorf("%s tells of %+v", v.Type, v)
			}
		}

		id := w.field(made, "id")
		list := w.deliveries(id, 2)
		attempts := 0
		for _, d := range list {
			attempts += int(d["attempts"].(float64))
			if d["code"] != 200.0 || d["answer"] != "thanks" {
				t.Errorf("a delivery is %v", d)
			}
		}
		if attempts != 3 {
			t.Errorf("%d attempts were made, want one refused and two taken", attempts)
		}
		w.cli("webhooks", "redeliver", id, fmt.Sprint(list[0]["id"]))
		if again := r.got(w, 3); again[2].id != list[0]["message_id"] {
			t.Errorf("again it was told %+v, not %v", again[2], list[0])
		}

		hua := w.person(1)
		w.writes(hua, "remind")
		w.got(hua, 1)
		_, err = w.line.Unfollow(t.Context(), shop, hua)
		w.must(err)
		if left := r.got(w, 4)[3]; left.Type != "contact.blocked" || left.Data.Account.UserID != hua {
			t.Errorf("of who left it was told %+v", left)
		}
		if last := r.got(w, 5)[4]; last.Type != "delivery.skipped" || last.Data.Delivery.Reason != "blocked" || last.Data.Contact.ID == 0 {
			t.Errorf("of what did not go out it was told %+v", last)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		sum := 0
		for _, n := range r.calls {
			sum += n
		}
		if sum != 6 || len(r.calls) != 4 {
			t.Errorf("four notices were posted %d times (%v), want one refused and five taken", sum, r.calls)
		}
	})
}

// deliveries waits until n notices to a webhook are delivered.
func (w *world) deliveries(id string, n int) []map[string]any {
	w.t.Helper()
	var out []map[string]any
	for range polls {
		_, page := w.calls(http.MethodGet, w.path("/webhooks/"+id+"/deliveries?status=delivered"), w.token, "")
		items, _ := page["items"].([]any)
		if len(items) == n {
			for _, item := range items {
				v, _ := item.(map[string]any)
				out = append(out, v)
			}
			return out
		}
		w.pause()
	}
	w.t.Fatalf("there are not %d deliveries", n)
	return nil
}
