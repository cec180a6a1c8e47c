package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Limits of the command line's calls.
const (
	callTime  = 60 * time.Second
	maxAnswer = 64 << 20
	pageSize  = 200
	maxItems  = 10_000 // of one list
)

// client calls the HTTP API of a server.
type client struct {
	base  string
	token string
	// public is where others than this machine reach the server, "" when nobody
	// said.
	public string
	http   *http.Client
	// unreachable: its server ends with the command, and no platform finds it.
	unreachable bool
}

// apiError is a refusal in the API's own words.
type apiError struct {
	Status int
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Hint   string `json:"hint"`
	Reason string `json:"reason"`
	Errors []struct {
		Location string `json:"location"`
		Message  string `json:"message"`
	} `json:"errors"`
	RequestID string `json:"request_id"`
}

// Error is for a person: what is wrong, each field on a line of its own, and
// what to do.
func (e *apiError) Error() string {
	var b strings.Builder
	b.WriteString(e.Detail)
	if e.Detail == "" {
		b.WriteString(e.Title)
	}
	for _, f := range e.Errors {
		if line := f.Location + ": " + f.Message; line != e.Detail && f.Message != e.Detail {
			b.WriteString("\n  " + line)
		}
	}
	if e.Hint != "" {
		b.WriteString("\n  " + e.Hint)
	}
	if e.Status >= http.StatusInternalServerError && e.RequestID != "" {
		b.WriteString(" (request " + e.RequestID + ")")
	}
	return b.String()
}

// get asks for a path.
func (c *client) get(ctx context.Context, path string) (json.RawMessage, error) {
	return c.call(ctx, http.MethodGet, path, nil)
}

// post sends a JSON body to a path.
func (c *client) post(ctx context.Context, path string, body any) (json.RawMessage, error) {
	return c.call(ctx, http.MethodPost, path, body)
}

// call makes one call and returns what was answered. A body of raw JSON is
// sent as it is. Refusals are exitErrors around an *apiError.
func (c *client) call(ctx context.Context, method, path string, body any) (json.RawMessage, error) {
	text, err := encode(body)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("call the server: %w", err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return nil, c.away(err)
	}
	return c.read(answer)
}

// read reads an answer to its end; with one that is a refusal comes its error.
func (c *client) read(answer *http.Response) ([]byte, error) {
	defer answer.Body.Close()
	got, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return nil, c.away(err)
	}
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return got, refusal(answer.StatusCode, got)
	}
	return got, nil
}

// open asks for a path whose answer takes as long as it takes.
func (c *client) open(ctx context.Context, path string) (io.ReadCloser, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return nil, fmt.Errorf("call the server: %w", err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	patient := *c.http
	patient.Timeout = 0
	answer, err := patient.Do(r)
	if err != nil {
		return nil, c.away(err)
	}
	if answer.StatusCode == http.StatusOK {
		return answer.Body, nil
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return nil, c.away(err)
	}
	return nil, refusal(answer.StatusCode, got)
}

func encode(body any) ([]byte, error) {
	switch b := body.(type) {
	case nil:
		return nil, nil
	case json.RawMessage:
		return b, nil
	}
	return json.Marshal(body)
}

func (c *client) away(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		if errors.Is(err, context.Canceled) {
			return err
		}
		err = u.Err
	}
	return exitWith(exitAway, "the server at %s cannot be reached: %v", c.base, err)
}

// refusal is what a status other than success means for the command.
func refusal(status int, body []byte) error {
	e := &apiError{Status: status}
	if json.Unmarshal(body, e) != nil || e.Detail == "" && e.Title == "" {
		e.Detail = fmt.Sprintf("the server answered %d %s", status, http.StatusText(status))
	}
	code := exitFailed
	switch status {
	case http.StatusNotFound:
		code = exitAbsent
	case http.StatusConflict:
		code = exitRefused
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		code = exitUsage
	}
	return &exitError{code, e.Error()}
}

// items is a list as the API answers it.
type items struct {
	Items []json.RawMessage `json:"items"`
	Next  string            `json:"next_cursor,omitempty"`
}

// list reads a whole list, page by page, up to a limit of items.
func (c *client) list(ctx context.Context, path string, limit int) (*items, error) {
	var whole items
	whole.Items = []json.RawMessage{}
	for cursor := ""; ; {
		q := url.Values{"limit": {fmt.Sprint(min(pageSize, limit-len(whole.Items)))}}
		if cursor != "" {
			q.Set("cursor", cursor)
		}
		separator := "?"
		if strings.Contains(path, "?") {
			separator = "&"
		}
		raw, err := c.get(ctx, path+separator+q.Encode())
		if err != nil {
			return nil, err
		}
		var page items
		if err := json.Unmarshal(raw, &page); err != nil {
			return nil, fmt.Errorf("read the server's answer: %w", err)
		}
		whole.Items = append(whole.Items, page.Items...)
		whole.Next = page.Next
		if cursor = page.Next; cursor == "" || len(whole.Items) >= limit {
			return &whole, nil
		}
	}
}

// decode reads an answer.
func decode[T any](raw json.RawMessage, err error) (T, error) {
	var v T
	if err != nil {
		return v, err
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return v, fmt.Errorf("read the server's answer: %w", err)
	}
	return v, nil
}

// alive reports whether the server answers and knows our token. Another one
// may have taken the address since a note about it was written.
func (c *client) alive(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	_, err := c.get(ctx, "/v1/bots?limit=1")
	return err == nil
}

// newClient is a client with a time limit.
func newClient(base, token string) *client {
	return &client{base: strings.TrimRight(base, "/"), token: token, http: &http.Client{
		Timeout: callTime,
		Transport: &http.Transport{
			Proxy:       http.ProxyFromEnvironment,
			DialContext: (&net.Dialer{Timeout: platformDial}).DialContext,
		},
	}}
}
