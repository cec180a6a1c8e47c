package line_test

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/line/line-bot-sdk-go/v8/linebot/webhook"

	"github.com/blockcast/blockcast/channels"
	"github.com/blockcast/blockcast/channels/channeltest"
)

// The vectors of LINE's documentation and of our sheet of it.
func TestSignature(t *testing.T) {
	t.Parallel()
	const (
		published = "8c570fa6dd201bb328f1c1eac23a96d8"
		sample    = `{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}`
		empty     = `{"destination":"U00112233445566778899aabbccddeeff","events":[]}`
		unicode   = `{"destination":"U00112233445566778899aabbccddeeff","events":[{"type":"message","message":{"type":"text","id":"600000000000000001","quoteToken":"qt-1","text":"Olá 👋 สวัสดี"},"timestamp":1767225600123,"source":{"type":"user","userId":"Uaaaabbbbccccddddeeeeffff00001111"},"replyToken":"00000000aaaa4bbb8cccdddddddddddd","mode":"active","webhookEventId":"01KDVR0000ABCDEFGHJKMNPQRS","deliveryContext":{"isRedelivery":false}}]}`

		ofEmpty   = "6gL+qRtAgRB5/vB2OCVga9z1qh5g8J+zMvXPj99edGs="
		ofUnicode = "P3EF/HqK7CFZMG65ElzGi9wax4jDLYoZVpmAePb+LPc="
		ofSample  = "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs="
	)
	for name, c := range map[string]struct {
		secret, header, value, body string
		ok                          bool
	}{
		"no events":                  {secret, "X-Line-Signature", ofEmpty, empty, true},
		"not ascii":                  {secret, "X-Line-Signature", ofUnicode, unicode, true},
		"published by LINE":          {published, "X-Line-Signature", ofSample, sample, true},
		"header in small letters":    {secret, "x-line-signature", ofEmpty, empty, true},
		"header in capitals":         {secret, "X-LINE-SIGNATURE", ofEmpty, empty, true},
		"another body's":             {secret, "X-Line-Signature", ofUnicode, empty, false},
		"another secret's":           {published, "X-Line-Signature", ofEmpty, empty, false},
		"a line feed more":           {secret, "X-Line-Signature", ofEmpty, empty + "\n", false},
		"missing":                    {secret, "X-Line-Signature", "", empty, false},
		"under another name":         {secret, "X-Hub-Signature", ofEmpty, empty, false},
		"without padding":            {secret, "X-Line-Signature", strings.TrimRight(ofEmpty, "="), empty, false},
		"for URLs":                   {secret, "X-Line-Signature", strings.NewReplacer("+", "-", "/", "_").Replace(ofEmpty), empty, false},
		"with more after it":         {secret, "X-Line-Signature", ofEmpty + "AAAA", empty, false},
		"with other bits at the end": {secret, "X-Line-Signature", strings.Replace(ofEmpty, "s=", "t=", 1), empty, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := channels.Account{Secrets: map[string]string{"channel_secret": c.secret}}
			r := &channels.Request{Header: http.Header{c.header: {c.value}}, Body: []byte(c.body)}
			_, err := channel().Receive(a, r)
			if c.ok && err != nil || !c.ok && !errors.Is(err, channels.ErrSignature) {
				t.Errorf("got %v, want it taken: %v", err, c.ok)
			}
		})
	}
}

// Anybody can compute an HMAC with an empty key.
func TestNoSecretTakesNothing(t *testing.T) {
	t.Parallel()
	a := channels.Account{Secrets: map[string]string{"channel_secret": ""}}
	body := []byte(`{"destination":"U00112233445566778899aabbccddeeff","events":[]}`)
	r := &channels.Request{Header: sign(a, body), Body: body}
	if _, err := channel().Receive(a, r); !errors.Is(err, channels.ErrSignature) {
		t.Errorf("got %v, want ErrSignature", err)
	}
}

// The webhooks we test with are ones LINE could send: they are in its own
// description, and its SDK reads them.
func TestReceivedIsInTheDescription(t *testing.T) {
	t.Parallel()
	s := loadSchema(t, "webhook.yml")
	for name, body := range webhooks(t) {
		if beyondDescription(name) {
			continue
		}
		for _, problem := range s.check("CallbackRequest", body) {
			t.Errorf("%s: %s", name, problem)
		}
	}
}

func TestReceivedIsKnownToTheSDK(t *testing.T) {
	t.Parallel()
	for name, body := range webhooks(t) {
		if beyondDescription(name) {
			continue
		}
		var call webhook.CallbackRequest
		if err := json.Unmarshal(body, &call); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i, e := range call.Events {
			if _, unknown := e.(webhook.UnknownEvent); unknown {
				t.Errorf("%s: the SDK does not know event %d", name, i)
			}
		}
	}
}

// beyondDescription names the cases LINE's description has no word for: what
// may come some day, what is broken, and the edits it was published before.
func beyondDescription(name string) bool {
	switch name {
	case "message_edited", "unknown_kinds", "no_event_id", "unclean_text":
		return true
	}
	return strings.HasPrefix(name, "misshapen_")
}

// Whatever comes signed is read without a panic, and all that is kept of it can
// be stored.
func FuzzReceive(f *testing.F) { channeltest.FuzzReceive(f, channel(), account(), sign, nil) }

// webhooks are the bodies of the receive goldens that are JSON.
func webhooks(t *testing.T) map[string][]byte {
	t.Helper()
	bodies := channeltest.Webhooks(t)
	maps.DeleteFunc(bodies, func(_ string, body []byte) bool { return !json.Valid(body) })
	if len(bodies) < 20 {
		t.Fatalf("only %d webhooks were found", len(bodies))
	}
	return bodies
}
