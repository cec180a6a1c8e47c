package line

import (
	"context"
	"fmt"
	"net/http"

	"github.com/blockcast/blockcast/channels"
)

// Headers of LINE's calls and answers.
const (
	retryKeyHeader   = "X-Line-Retry-Key"
	requestIDHeader  = "X-Line-Request-Id"
	acceptedIDHeader = "X-Line-Accepted-Request-Id"
)

// Send implements channels.Channel. A reply carries no retry key, since LINE
// refuses one there; a push that is repeated with its key and was accepted
// before is success, marked Repeated.
func (c *Channel) Send(ctx context.Context, to channels.Target, p channels.Payload, key channels.Key) (*channels.Sent, error) {
	switch to.Route {
	case channels.RouteReply:
		return c.send(ctx, to.Account, "/v2/bot/message/reply", envelope("replyToken", to.ReplyToken, p), "")
	case channels.RoutePush:
		return c.send(ctx, to.Account, "/v2/bot/message/push", envelope("to", to.To, p), key.Retry)
	}
	return nil, refusal(channels.KindTemplate, "route", fmt.Sprintf("LINE has no route %q", to.Route))
}

// Multicast implements channels.Multicaster. Only people can be reached so, no
// groups; LINE names no message ids. A refusal that names recipients has their
// indexes.
func (c *Channel) Multicast(ctx context.Context, a channels.Account, to []string, p channels.Payload, key channels.Key) (*channels.Sent, error) {
	if len(to) == 0 || len(to) > multicastSize {
		return nil, refusal(channels.KindContent, "recipients", fmt.Sprintf("a multicast goes to 1 to %d people, not %d", multicastSize, len(to)))
	}
	return c.send(ctx, a, "/v2/bot/message/multicast", envelope("to", to, p), key.Retry)
}

// envelope puts the receiver around a payload's messages.
func envelope(field string, receiver any, p channels.Payload) []byte {
	name := encode(receiver)
	body := make([]byte, 0, len(field)+len(name)+len(p.Body)+len(`{"":,"messages":}`))
	body = append(body, `{"`+field+`":`...)
	body = append(body, name...)
	body = append(body, `,"messages":`...)
	body = append(body, p.Body...)
	return append(body, '}')
}

// send makes one sending call.
func (c *Channel) send(ctx context.Context, a channels.Account, path string, body []byte, retryKey string) (*channels.Sent, error) {
	h := authorization(a)
	if retryKey != "" {
		h[retryKeyHeader] = []string{retryKey}
	}
	answer, err := channels.PostJSON(ctx, c.client, c.baseURL+path, h, body)
	if err != nil {
		return nil, err
	}
	repeated := retryKey != "" && answer.Status == http.StatusConflict
	if !answer.OK() && !repeated {
		return nil, refused(answer, a)
	}
	return accepted(answer, repeated), nil
}

// accepted reads what LINE took: the id of the call. Those of its messages are
// not read, for nothing that LINE tells later names them.
func accepted(answer *channels.Answer, repeated bool) *channels.Sent {
	sent := &channels.Sent{RequestID: answer.Header.Get(requestIDHeader), Repeated: repeated}
	if id := answer.Header.Get(acceptedIDHeader); repeated && id != "" {
		sent.RequestID = id // of the attempt that was accepted
	}
	return sent
}

func authorization(a channels.Account) http.Header {
	return http.Header{"Authorization": {"Bearer " + credential(a, tokenField)}}
}
