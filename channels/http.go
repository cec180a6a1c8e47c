package channels

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// MaxAnswer is how much of a platform's answer is read. None is near it; a
// proxy's error page may be.
const MaxAnswer = 1 << 20

// maxRetryAfter bounds what a platform may tell us to wait.
const maxRetryAfter = time.Hour

// Answer is what came back from a platform. Body is cut at MaxAnswer, and
// empty when the connection broke after the status had come.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// OK tells whether the platform took the call.
func (a *Answer) OK() bool { return a.Status >= 200 && a.Status < 300 }

// RetryAfter is how long the platform asks to wait, 0 when it does not say. A
// date instead of seconds counts as not said.
func (a *Answer) RetryAfter() time.Duration {
	n, err := strconv.Atoi(strings.TrimSpace(a.Header.Get("Retry-After")))
	if err != nil || n < 0 {
		return 0
	}
	return min(time.Duration(min(n, int(maxRetryAfter/time.Second)))*time.Second, maxRetryAfter)
}

// PostJSON posts a JSON document; see Call.
func PostJSON(ctx context.Context, client *http.Client, url string, header http.Header, body []byte) (*Answer, error) {
	return Call(ctx, client, http.MethodPost, url, header, body)
}

// Call makes one call with a JSON body, or none when body is nil, within the
// client's Timeout, and returns any answer that has a status: a redirect is one,
// and is not followed. Otherwise the error is *SendError of KindDown: RetryLater
// when the request provably never left, RetryUnknown when it may have arrived and
// its answer is lost. The error never holds the URL, which some platforms want a
// token in.
func Call(ctx context.Context, client *http.Client, method, url string, header http.Header, body []byte) (*Answer, error) {
	if client.Timeout > 0 {
		var end context.CancelFunc
		ctx, end = context.WithTimeout(ctx, client.Timeout)
		defer end()
	}
	var left atomic.Bool // written by the transport's own goroutine
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteHeaders: func() { left.Store(true) },
	})
	req, err := http.NewRequestWithContext(ctx, method, url, reader(body))
	if err != nil {
		return nil, lost(err, RetryLater)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := transport(client).RoundTrip(req)
	if err != nil {
		if left.Load() {
			return nil, lost(err, RetryUnknown)
		}
		return nil, lost(err, RetryLater)
	}
	defer res.Body.Close()
	return &Answer{Status: res.StatusCode, Header: res.Header, Body: read(res)}, nil
}

// transport is what a client's calls go by. What else a client does — following
// redirects, keeping cookies — no platform is asked with, and each call would
// pay for it.
func transport(client *http.Client) http.RoundTripper {
	if client.Transport == nil {
		return http.DefaultTransport
	}
	return client.Transport
}

// read is an answer's body, nil when the connection broke: the status has been
// said, which is the answer.
func read(res *http.Response) []byte {
	if n := res.ContentLength; n >= 0 && n <= MaxAnswer {
		text := make([]byte, n)
		if _, err := io.ReadFull(res.Body, text); err != nil {
			return nil
		}
		return text
	}
	text, err := io.ReadAll(io.LimitReader(res.Body, MaxAnswer))
	if err != nil {
		return nil
	}
	return text
}

// reader avoids a typed nil, which net/http would take for a body.
func reader(body []byte) io.Reader {
	if body == nil {
		return nil
	}
	return bytes.NewReader(body)
}

// lost is the error of a call without an answer.
func lost(err error, retry Retry) *SendError {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // u itself would name the address
	}
	code, message := "unreachable", err.Error()
	if retry == RetryUnknown {
		code, message = "lost", "the connection broke before the answer: "+message
	}
	if errors.Is(err, context.DeadlineExceeded) || u != nil && u.Timeout() {
		message = "no answer in time"
	}
	return &SendError{Kind: KindDown, Scope: ScopeAccount, Retry: retry, Code: code, Message: message}
}
