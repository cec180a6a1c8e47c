package fetch

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/blockcast/blockcast/blocks"
)

// Limits of a call.
const (
	defaultTime  = 10 * time.Second
	maxTime      = 20 * time.Second // what a turn has for all its calls
	maxRedirects = 3
	maxHeaders   = 64 << 10
	defaultBody  = 1 << 20
	idlePerHost  = 8
)

// Config of a Client. The zero value reaches the public internet alone.
type Config struct {
	Allow   []string // hosts, or host:port, that may be called wherever they are
	MaxBody int      // bytes of an answer that are read; 0: 1 MB
	Stay    bool     // follow no redirect: it is an answer like any
}

// Client calls authors' URLs. It is safe for concurrent use.
type Client struct {
	http    *http.Client
	guard   *guard
	maxBody int
}

// New returns a client.
func New(c Config) *Client {
	g := newGuard(c.Allow)
	redirect := redirect
	if c.Stay {
		redirect = stay
	}
	return &Client{
		guard:   g,
		maxBody: cmp.Or(c.MaxBody, defaultBody),
		http: &http.Client{
			CheckRedirect: redirect,
			Transport: &http.Transport{
				Proxy:                  nil, // a proxy would be asked in our place, past the guard
				DialContext:            g.dial,
				TLSHandshakeTimeout:    dialTime,
				MaxResponseHeaderBytes: maxHeaders,
				MaxIdleConnsPerHost:    idlePerHost,
				IdleConnTimeout:        time.Minute,
				DisableCompression:     true, // a small answer must not become a large one
				ForceAttemptHTTP2:      true,
			},
		},
	}
}

// Guarded returns why a URL cannot be called, as ErrGuarded with what would open
// it. nil is no promise: a name may yet turn out to mean a private address.
func (c *Client) Guarded(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return nil // whoever calls it says so
	}
	return c.guard.judge(u)
}

// Fetch makes one call. Any answer with a status is an answer; its body is cut
// at the limit. The error says in words for the author what went wrong and
// never holds the URL, in which a secret may stand.
func (c *Client) Fetch(ctx context.Context, r *blocks.Request) (*blocks.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, min(cmp.Or(r.Timeout, defaultTime), maxTime))
	defer cancel()
	request, err := prepare(ctx, r)
	if err != nil {
		return nil, err
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return nil, explain(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, int64(c.maxBody)))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", explain(err))
	}
	return &blocks.Response{Status: answer.StatusCode, Headers: first(answer.Header), Body: body}, nil
}

func prepare(ctx context.Context, r *blocks.Request) (*http.Request, error) {
	u, err := url.Parse(r.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("the URL must begin with https:// or http:// and name a host")
	}
	request, err := http.NewRequestWithContext(ctx, cmp.Or(r.Method, http.MethodGet), u.String(), body(r.Body))
	if err != nil {
		return nil, fmt.Errorf("the method %q is none", r.Method)
	}
	request.Header.Set("User-Agent", "blockcast")
	for name, value := range r.Headers {
		if !ours(name) {
			request.Header.Set(name, value)
		}
	}
	return request, nil
}

func body(b []byte) io.Reader {
	if len(b) == 0 {
		return nil
	}
	return bytes.NewReader(b)
}

// ours tells headers that belong to the connection and not to the author.
func ours(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "Host", "Connection", "Content-Length", "Transfer-Encoding", "Te", "Trailer", "Upgrade", "Keep-Alive":
		return true
	}
	return strings.HasPrefix(http.CanonicalHeaderKey(name), "Proxy-")
}

// redirect follows a few redirects. One to another host takes nothing along
// that the author wrote for the first: no header, and no body at all.
func redirect(next *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fmt.Errorf("it redirects more than %d times", maxRedirects)
	}
	before := via[len(via)-1].URL
	if before.Scheme == "https" && next.URL.Scheme != "https" {
		return errors.New("it redirects from https to http")
	}
	if sameOrigin(before, next.URL) {
		return nil
	}
	if next.Body != nil && next.Body != http.NoBody {
		return errors.New("it redirects what was sent to another host")
	}
	for name := range next.Header {
		if name != "User-Agent" && name != "Accept" && name != "Accept-Language" {
			next.Header.Del(name)
		}
	}
	return nil
}

// stay follows no redirect.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Host, b.Host)
}

// explain takes the URL out of an error and names a timeout as one.
func explain(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if errors.Is(err, context.DeadlineExceeded) || u != nil && u.Timeout() {
		return errors.New("no answer in time")
	}
	return err
}

// first keeps the first value of each header, under its name in lower case.
func first(h http.Header) map[string]string {
	out := make(map[string]string, len(h))
	for name, values := range h {
		if len(values) > 0 {
			out[strings.ToLower(name)] = values[0]
		}
	}
	return out
}
