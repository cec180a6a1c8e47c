package messenger_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/channels/channeltest"
)

func TestSignature(t *testing.T) {
	t.Parallel()
	const (
		body      = `{"object":"page","entry":[{"id":"100200300400500","time":1795000000500,"messaging":[{"sender":{"id":"700800900100200"},"recipient":{"id":"100200300400500"},"timestamp":1795000000123,"message":{"mid":"m_TEST-0001","text":"Caf\u00e9 \u2615 ok?"}}]}]}`
		reencoded = `{"object":"page","entry":[{"id":"100200300400500","time":1795000000500,"messaging":[{"sender":{"id":"700800900100200"},"recipient":{"id":"100200300400500"},"timestamp":1795000000123,"message":{"mid":"m_TEST-0001","text":"Café ☕ ok?"}}]}]}`

		name        = "X-Hub-Signature-256"
		good        = "sha256=f32a6f1b8a5c332eac470c86a5166d2c7d575a0c3a7024ba06849919b81fed62"
		ofReencoded = "sha256=2549cb728cc35f96fa607c8ee90583f6572a9dcd8d05fd39ea23ea27f4d0a2ab"
		sha1        = "sha1=ba2ee608782209544c0c5058bf9523833c3220f5"
	)
	if len(body) != 248 || len(reencoded) != 241 {
		t.Fatalf("the vectors have %d and %d bytes, want 248 and 241", len(body), len(reencoded))
	}
	for what, c := range map[string]struct {
		header http.Header
		body   string
		ok     bool
	}{
		"as Meta signs":              {http.Header{name: {good}}, body, true},
		"header in small letters":    {http.Header{strings.ToLower(name): {good}}, body, true},
		"of other bytes":             {http.Header{name: {ofReencoded}}, reencoded, true}, // we only see bytes
		"read and written again":     {http.Header{name: {good}}, reencoded, false},
		"another body's":             {http.Header{name: {ofReencoded}}, body, false},
		"a line feed more":           {http.Header{name: {good}}, body + "\n", false},
		"missing":                    {nil, body, false},
		"empty":                      {http.Header{name: {""}}, body, false},
		"only the prefix":            {http.Header{name: {"sha256="}}, body, false},
		"without the prefix":         {http.Header{name: {strings.TrimPrefix(good, "sha256=")}}, body, false},
		"in capitals":                {http.Header{name: {strings.ToUpper(good)}}, body, false},
		"with digits in capitals":    {http.Header{name: {"sha256=" + strings.ToUpper(strings.TrimPrefix(good, "sha256="))}}, body, false},
		"cut":                        {http.Header{name: {good[:len(good)-2]}}, body, false},
		"with more after it":         {http.Header{name: {good + "00"}}, body, false},
		"no hex":                     {http.Header{name: {"sha256=" + strings.Repeat("z", 64)}}, body, false},
		"only the old one":           {http.Header{"X-Hub-Signature": {sha1}}, body, false},
		"the old one under the name": {http.Header{name: {sha1}}, body, false},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			_, err := channel().Receive(account(), &channels.Request{Method: http.MethodPost, Header: c.header, Body: []byte(c.body)})
			if c.ok && err != nil || !c.ok && !errors.Is(err, channels.ErrSignature) {
				t.Errorf("got %v, want it taken: %v", err, c.ok)
			}
		})
	}
}

// Anybody can compute an HMAC with an empty key, and knows the empty token.
func TestNoSecretTakesNothing(t *testing.T) {
	t.Parallel()
	a := channels.Account{Secrets: map[string]string{"app_secret": " ", "verify_token": ""}}
	body := []byte(`{"object":"page","entry":[]}`)
	bare := channels.Account{Secrets: map[string]string{}}
	r := &channels.Request{Method: http.MethodPost, Header: sign(bare, body), Body: body}
	if _, err := channel().Receive(a, r); !errors.Is(err, channels.ErrSignature) {
		t.Errorf("got %v, want ErrSignature", err)
	}
	challenge := map[string]string{"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "1"}
	got, err := channel().Receive(a, &channels.Request{Method: http.MethodGet, Query: challenge})
	if err != nil || got.Answer == nil || got.Answer.Status != http.StatusForbidden {
		t.Errorf("got %+v, %v, want 403", got, err)
	}
}

// The challenge goes back byte for byte: no quotes, no JSON.
func TestChallenge(t *testing.T) {
	t.Parallel()
	const challenge = `158<b>"1201`
	got, err := channel().Receive(account(), &channels.Request{Method: http.MethodGet, Query: map[string]string{
		"hub.mode": "subscribe", "hub.verify_token": "verify-of-tests", "hub.challenge": challenge,
	}})
	if err != nil || got.Answer.Status != http.StatusOK || string(got.Answer.Body) != challenge {
		t.Fatalf("got %+v, %v", got.Answer, err)
	}
	if !strings.HasPrefix(got.Answer.ContentType, "text/plain") {
		t.Errorf("as %s: a browser may show it", got.Answer.ContentType)
	}
}

// What arrives twice has the same key however it arrives, and no two events
// share one.
func TestKeys(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for name, body := range channeltest.Webhooks(t) {
		if name == "repeated" || name == "vector" || name == "two_pages" {
			continue // these hold the same event twice, by intent
		}
		r := &channels.Request{Method: http.MethodPost, Header: sign(account(), body), Body: body}
		received, err := channel().Receive(account(), r)
		if err != nil {
			continue
		}
		for _, u := range received.Updates {
			where := u.Account + " " + u.Key
			if before, twice := seen[where]; twice && before != name {
				t.Errorf("%s and %s share the key %s", before, name, u.Key)
			}
			seen[where] = name
		}
	}
	if len(seen) < 40 {
		t.Errorf("only %d events were looked at", len(seen))
	}
}

// Whatever comes signed is read without a panic, and all that is kept of it can
// be stored: also whose it is, and which message of ours is meant.
func FuzzReceive(f *testing.F) {
	channeltest.FuzzReceive(f, channel(), account(), sign, func(received *channels.Received) error {
		for _, u := range received.Updates {
			if u.Account == "" || u.From == u.Account {
				return fmt.Errorf("incomplete: %+v", u)
			}
		}
		for _, c := range received.Receipts {
			if c.Account == "" || c.Kind == "" || c.To == "" || c.MessageID == "" && c.Watermark.IsZero() && c.Kind != channels.Echo {
				return fmt.Errorf("incomplete: %+v", c)
			}
		}
		return nil
	})
}
