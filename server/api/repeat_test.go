package api_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// keyedCall makes a call with an Idempotency-Key.
func (h *harness) keyedCall(t *testing.T, token, path, key, body string) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, "http://localhost"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", key)
	r.Header.Set("Authorization", "Bearer "+h.tokens[token])
	res := h.do(t, r)
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(answer), res.Header
}

func TestARepeatedCallGetsTheFirstAnswer(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	base := "/v1/bots/" + h.bot.ID
	for path, body := range map[string]string{
		"/v1/bots":           `{"name": "Third"}`,
		base + "/tokens":     `{"name": "shop"}`,
		base + "/contacts":   `{"name": "Mai"}`,
		base + "/attributes": `{"name": "total", "type": "number"}`,
		base + "/accounts":   `{"channel": "line", "credentials": {"channel_secret": "s", "channel_access_token": "aa-token"}}`,
	} {
		status, first, _ := h.keyedCall(t, h.tokenFor(path), path, "key-1 "+path, body)
		if status != http.StatusCreated {
			t.Fatalf("%s: %d %s", path, status, first)
		}
		again, second, header := h.keyedCall(t, h.tokenFor(path), path, "key-1 "+path, body)
		if again != status || second != first || header.Get("Idempotency-Replayed") != "true" || header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %d %s after %s, %v", path, again, second, first, header)
		}
		other, text, _ := h.keyedCall(t, h.tokenFor(path), path, "key-1 "+path, strings.Replace(body, `"}`, ` "}`, 1))
		if other != http.StatusUnprocessableEntity || !strings.Contains(text, "header.Idempotency-Key") {
			t.Errorf("%s: %d %s for another body", path, other, text)
		}
	}
}

// tokenFor is an instance token where bots are made.
func (h *harness) tokenFor(path string) string {
	if path == "/v1/bots" {
		return "instance"
	}
	return "admin"
}

func TestACallThatCameToNothingFreesItsKey(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	path := "/v1/bots/" + h.bot.ID + "/contacts"
	if status, text, _ := h.keyedCall(t, "admin", path, "k", `{"name": "Mai", "phone": "nonsense"}`); status != http.StatusUnprocessableEntity {
		t.Fatalf("%d %s", status, text)
	}
	if status, text, _ := h.keyedCall(t, "admin", path, "k", `{"name": "Mai", "phone": "0912345678"}`); status != http.StatusCreated {
		t.Errorf("the mended call: %d %s", status, text)
	}
	if status, text, _ := h.keyedCall(t, "admin", path, strings.Repeat("k", 256), `{"name": "Mai"}`); status != http.StatusUnprocessableEntity {
		t.Errorf("a long key: %d %s", status, text)
	}
}

func TestManyAtOnceMakeOne(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	path := "/v1/bots/" + h.bot.ID + "/contacts"
	statuses := make([]int, 8)
	var all sync.WaitGroup
	for i := range statuses {
		all.Go(func() { statuses[i], _, _ = h.keyedCall(t, "admin", path, "k", `{"name": "Mai"}`) })
	}
	all.Wait()
	for _, s := range statuses {
		if s != http.StatusCreated && s != http.StatusConflict {
			t.Errorf("statuses %v", statuses)
		}
	}
	res := h.call(t, "reader", http.MethodGet, "/contacts", "")
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(body), `"name":"Mai"`); n != 1 {
		t.Errorf("%d people were made", n)
	}
}
