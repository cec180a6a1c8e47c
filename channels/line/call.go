package line

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/blockcast/blockcast/channels"
)

// get reads a document of LINE's into v.
func (c *Channel) get(ctx context.Context, a channels.Account, path string, v any) error {
	return c.call(ctx, a, http.MethodGet, path, nil, v)
}

// call makes a call that sends no message. body and v may be nil. An error is
// always *channels.SendError.
func (c *Channel) call(ctx context.Context, a channels.Account, method, path string, body, v any) error {
	var text []byte
	if body != nil {
		text = encode(body)
	}
	answer, err := channels.Call(ctx, c.client, method, c.baseURL+path, authorization(a), text)
	if err != nil {
		return err
	}
	if !answer.OK() {
		return refused(answer, a)
	}
	if v == nil {
		return nil
	}
	if err := json.Unmarshal(channels.CleanJSON(answer.Body), v); err != nil {
		return &channels.SendError{
			Kind: channels.KindDown, Scope: channels.ScopeAccount, Retry: channels.RetryLater, Code: code(answer.Status),
			Message: "LINE's answer cannot be read", RequestID: answer.Header.Get(requestIDHeader),
		}
	}
	return nil
}

func code(status int) string { return strconv.Itoa(status) }
