package notify_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/blockcast/blockcast/engine"
	"github.com/blockcast/blockcast/engine/enginetest"
	"github.com/blockcast/blockcast/engine/notify"
)

func TestAPostingIsSignedAndTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.tell(1)
	w.deliver()
	w.deliver() // nothing is left
	if len(w.calls) != 1 {
		t.Fatalf("%d calls were made", len(w.calls))
	}
	r := w.calls[0]
	mac := hmac.New(sha256.New, []byte("0123456789abcdef01234567"))
	fmt.Fprintf(mac, "%s.%s.%s", r.Headers["Webhook-Id"], r.Headers["Webhook-Timestamp"], r.Body)
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); r.Headers["Webhook-Signature"] != want {
		t.Errorf("signature %q, want %q", r.Headers["Webhook-Signature"], want)
	}
	if r.Method != "POST" || r.Headers["Content-Type"] != "application/json" || r.Timeout != 10*time.Second || r.Headers["Webhook-Timestamp"] != fmt.Sprint(enginetest.Began.Unix()) {
		t.Errorf("the call is %+v", r)
	}
	p := w.postings()[0]
	if p.Status != engine.PostingDelivered || p.Code != 200 || p.Attempts != 1 || p.ClosedAt.IsZero() || len(p.Answer) != notify.MaxAnswer || p.Took <= 0 {
		t.Errorf("the posting is %+v", p)
	}
}

// TestKnownSignature holds the example of https://www.standardwebhooks.com's own
// libraries.
func TestKnownSignature(t *testing.T) {
	t.Parallel()
	got := notify.Sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestBothSecretsSignWhileOneIsReplaced(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := w.hook
	h.OldSecret, h.OldUntil, h.Secret = h.Secret, enginetest.Began.Add(time.Hour), notify.Secret([]byte("another key of 24 bytes."))
	w.put(h)
	w.tell(1)
	w.deliver()
	w.clock.Advance(2 * time.Hour)
	w.tell(1)
	w.deliver()
	for i, want := range [][]string{{h.Secret, h.OldSecret}, {h.Secret}} {
		r := w.calls[i]
		var at int64
		if _, err := fmt.Sscan(r.Headers["Webhook-Timestamp"], &at); err != nil {
			t.Fatal(err)
		}
		var signatures []string
		for _, secret := range want {
			signatures = append(signatures, notify.Sign(secret, r.Headers["Webhook-Id"], time.Unix(at, 0), r.Body))
		}
		if got := r.Headers["Webhook-Signature"]; got != strings.Join(signatures, " ") {
			t.Errorf("call %d is signed %q, want %q", i+1, got, signatures)
		}
	}
}
