package messenger

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/blockcast/blockcast/channels"
)

// post makes a call with a JSON body.
func (c *Channel) post(ctx context.Context, a channels.Account, path string, body []byte) (*channels.Answer, error) {
	return c.do(ctx, http.MethodPost, path, credential(a, tokenField), credential(a, secretField), body)
}

// do makes a call by a token, and proves with it that we know the app secret:
// a Page may refuse calls without that proof. The token stands in the header,
// since addresses get logged.
func (c *Channel) do(ctx context.Context, method, path, token, secret string, body []byte) (*channels.Answer, error) {
	address := c.url + path
	if secret != "" {
		separator := "?"
		if strings.Contains(path, "?") {
			separator = "&"
		}
		address += separator + "appsecret_proof=" + hex.EncodeToString(keyed(secret, []byte(token)))
	}
	header := http.Header{"Authorization": {"Bearer " + token}}
	return channels.Call(ctx, c.client, method, address, header, body)
}

// get reads a document of the Graph API into v. An error is always
// *channels.SendError.
func (c *Channel) get(ctx context.Context, a channels.Account, path string, query url.Values, v any) error {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	answer, err := c.do(ctx, http.MethodGet, path, credential(a, tokenField), credential(a, secretField), nil)
	return read(answer, err, a, v)
}

// change makes a call that changes a setting.
func (c *Channel) change(ctx context.Context, a channels.Account, path string, body any) error {
	answer, err := c.post(ctx, a, path, encode(body))
	return read(answer, err, a, nil)
}

// read reads an answer into v, which may be nil.
func read(answer *channels.Answer, err error, a channels.Account, v any) error {
	if err != nil {
		return err
	}
	if !answer.OK() || isRefusal(answer) {
		return refused(answer, channels.Target{Account: a})
	}
	if v == nil {
		return nil
	}
	if json.Unmarshal(channels.CleanJSON(answer.Body), v) != nil {
		return &channels.SendError{
			Kind: channels.KindDown, Scope: channels.ScopeAccount, Retry: channels.RetryLater, Code: status(answer.Status),
			Message: "Meta's answer cannot be read", RequestID: requestID(answer),
		}
	}
	return nil
}

// requestID is what Meta's support wants to know of a call.
func requestID(answer *channels.Answer) string {
	if id := answer.Header.Get("X-Fb-Trace-Id"); id != "" {
		return id
	}
	return answer.Header.Get("X-Fb-Request-Id")
}
