package channeltest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/blockcast/blockcast/blocks/goldentest"
	"github.com/blockcast/blockcast/channels"
)

const sendFolder = "testdata/send"

// Build makes the channel of one case, which finds its platform at url.
type Build func(client *http.Client, url string) channels.Channel

// sendCase is a call with the platform's answers, and what came of it.
type sendCase struct {
	Call string `json:"call"` // send, multicast, profile, typing, quota, identify or set_webhook

	Route      channels.RouteKind `json:"route,omitempty"`
	Answer     bool               `json:"answer,omitempty"`
	Tag        string             `json:"tag,omitempty"`
	To         string             `json:"to,omitempty"`
	Recipients []string           `json:"recipients,omitempty"`
	ReplyToken string             `json:"reply_token,omitempty"`
	Payload    json.RawMessage    `json:"payload,omitempty"`
	RetryKey   string             `json:"retry_key,omitempty"`
	Metadata   string             `json:"metadata,omitempty"`
	Seconds    int                `json:"seconds,omitempty"`
	Webhook    string             `json:"webhook,omitempty"`

	Responses []response `json:"responses"`

	Requests []request `json:"requests,omitempty"`
	Result   any       `json:"result,omitempty"`
	Error    any       `json:"error,omitempty"`
}

// RunSend makes every call of testdata/send against canned answers and
// compares the requests made and the result or error. An answer that is not
// asked for fails, and so does a call to anything but loopback.
func RunSend(t *testing.T, a channels.Account, build Build) {
	t.Helper()
	names := files(t, sendFolder)
	if len(names) == 0 {
		t.Fatalf("%s is empty: write a case for each answer of the platform", sendFolder)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(sendFolder, name+".json")
			var c sendCase
			goldentest.Read(t, path, &c)
			p := newPlatform(t, c.Responses)
			result, err := c.run(t.Context(), t, build(p.client(), p.url()), a)
			c.Requests = p.close(t)
			c.Result, c.Error = tidy(t, result), nil
			if err != nil {
				c.Result, c.Error = nil, p.explain(t, err)
				expectNoSecret(t, a, err)
			}
			goldentest.Compare(t, path, goldentest.JSON(t, c))
		})
	}
}

// run makes the case's call.
func (c *sendCase) run(ctx context.Context, t *testing.T, ch channels.Channel, a channels.Account) (any, error) {
	t.Helper()
	payload := channels.Payload{Body: c.Payload, Messages: 1}
	key := channels.Key{Retry: c.RetryKey, Metadata: c.Metadata}
	switch c.Call {
	case "send":
		sent, err := ch.Send(ctx, channels.Target{
			Account: a, To: c.To, Route: c.Route, ReplyToken: c.ReplyToken, Answer: c.Answer, Tag: c.Tag,
		}, payload, key)
		expectSendError(t, err)
		return sent, err
	case "multicast":
		sent, err := ability[channels.Multicaster](t, ch).Multicast(ctx, a, c.Recipients, payload, key)
		expectSendError(t, err)
		return sent, err
	case "profile":
		profile, err := ability[channels.Profiler](t, ch).Profile(ctx, a, c.To)
		expectSendError(t, err)
		return profile, err
	case "typing":
		return nil, ability[channels.Typer](t, ch).Typing(ctx, a, c.To, c.Seconds)
	case "quota":
		return ability[channels.Quoter](t, ch).Quota(ctx, a)
	case "identify":
		return ability[channels.Connector](t, ch).Identify(ctx, a)
	case "set_webhook":
		return nil, ability[channels.Connector](t, ch).SetWebhook(ctx, a, c.Webhook)
	}
	t.Fatalf("call %q: want send, multicast, profile, typing, quota, identify or set_webhook", c.Call)
	return nil, nil
}

// ability is what only some channels can do.
func ability[T any](t *testing.T, ch channels.Channel) T {
	t.Helper()
	able, ok := ch.(T)
	if !ok {
		t.Fatalf("%s is no %T", ch.Kind(), *new(T))
	}
	return able
}

// expectSendError holds a channel to its contract.
func expectSendError(t *testing.T, err error) {
	t.Helper()
	var e *channels.SendError
	if err == nil {
		return
	}
	if !errors.As(err, &e) {
		t.Errorf("the error is %T, want *channels.SendError: %v", err, err)
		return
	}
	if e.Kind == "" || e.Scope == "" || e.Code == "" || e.Message == "" {
		t.Errorf("the error lacks its kind, scope, code or message: %+v", e)
	}
}

// explain is an error as the golden shows it: the platform's address differs
// from run to run.
func (p *platform) explain(t *testing.T, err error) any {
	t.Helper()
	address := p.server.Listener.Addr().String()
	e, ok := err.(*channels.SendError)
	if !ok {
		return strings.ReplaceAll(err.Error(), address, "the platform")
	}
	shown := *e
	shown.Message = strings.ReplaceAll(e.Message, address, "the platform")
	return tidy(t, shown)
}

func expectNoSecret(t *testing.T, a channels.Account, err error) {
	t.Helper()
	for name, secret := range a.Secrets {
		if secret != "" && strings.Contains(err.Error(), secret) {
			t.Errorf("the error tells the secret %s: %v", name, err)
		}
	}
}
