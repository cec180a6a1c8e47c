package app

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// TestWebhooksByHand has an address told, tries it, and changes it.
func TestWebhooksByHand(t *testing.T) {
	t.Parallel()
	var status atomic.Int64
	status.Store(http.StatusOK)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(int(status.Load()))
		_, _ = io.WriteString(w, "thanks for "+r.Header.Get("Webhook-Id")[:4]) // the test reads what arrived
	}))
	defer receiver.Close()
	data := filepath.Join(t.TempDir(), "data")
	server := serving(t, data, "blockcast serves", "--allow-host", strings.TrimPrefix(receiver.URL, "http://"))
	defer server.stop()
	do := func(code int, want string, args ...string) string {
		t.Helper()
		out, errs, got := typedIn(t, nil, append(append([]string{"webhooks"}, args...), "--data", data)...)
		if got != code || !strings.Contains(out+errs, want) {
			t.Fatalf("webhooks %v: code %d, want %d and %q:\n%s%s", args, got, code, want, out, errs)
		}
		return out
	}
	if _, errs, code := typedIn(t, nil, "bots", "create", "Tiệm Sao Mai", "--data", data); code != 0 {
		t.Fatal(errs)
	}

	do(exitFine, "(none)", "list")
	do(exitUsage, "topic", "create", receiver.URL)
	do(exitUsage, `there is no topic "returns"`, "create", receiver.URL, "--topic", "handover,returns")
	var made webhookView
	out := do(exitFine, "whsec_", "create", receiver.URL+"/hook", "--topic", "handover,event:order_returned", "--topic", "account.paused", "--json")
	if err := json.Unmarshal([]byte(out), &made); err != nil || len(made.Topics) != 3 {
		t.Fatalf("%+v, %v", made, err)
	}
	do(exitFine, "delivered after ", "test", made.ID)
	do(exitFine, "it answered 200: thanks for msg_", "deliveries", made.ID)
	status.Store(http.StatusInternalServerError)
	do(exitFailed, "it answered 500", "test", made.ID)
	if out := do(exitFine, "webhook.test", "deliveries", made.ID, "--status", "failed", "--limit", "5"); strings.Count(out, "\n") != 2 {
		t.Errorf("failed deliveries:\n%s", out)
	}

	do(exitUsage, "say what to change", "change", made.ID)
	do(exitFine, "/other is told of * (active)", "change", made.ID, "--to", receiver.URL+"/other", "--topic", "*")
	do(exitFine, "disabled: disabled by hand", "disable", made.ID)
	do(exitFine, "disabled by hand", "list")
	do(exitRefused, "the webhook is disabled", "redeliver", made.ID, "1")
	do(exitFine, "(active)", "enable", made.ID)
	do(exitFine, "is posted now", "redeliver", made.ID, "1")
	do(exitAbsent, `no delivery "99"`, "redeliver", made.ID, "99")
	if out := do(exitFine, "keep it now", "rotate", made.ID, "--overlap", "2d"); strings.Contains(out, made.Secret) {
		t.Error("the secret is the same after a rotation")
	}
	if out := do(exitFine, "old_secret_until", "show", made.ID); strings.Contains(out, "whsec_") {
		t.Errorf("a secret is shown again:\n%s", out)
	}
	do(exitFine, "deleted "+made.ID, "delete", made.ID)
	do(exitAbsent, "no webhook", "test", made.ID)

	do(exitFine, "warning: nothing arrives there: the address belongs to a private or reserved network: 127.0.0.1 (the server's setting --allow-host 127.0.0.1:9 opens it)", "create", "http://127.0.0.1:9/", "--topic", "*")
	inside := do(exitFine, "whsec_", "create", "http://127.0.0.1:9/", "--topic", "*", "--json")
	if err := json.Unmarshal([]byte(inside), &made); err != nil {
		t.Fatal(err)
	}
	do(exitFailed, "the server's setting --allow-host 127.0.0.1:9 opens it", "test", made.ID)
}
