package channeltest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// response is a platform's canned answer, or the lack of one.
type response struct {
	Status int               `json:"status,omitempty"`
	Header map[string]string `json:"header,omitempty"`
	Body   json.RawMessage   `json:"body,omitempty"`
	Text   string            `json:"text,omitempty"`  // a body that is no JSON
	Fault  string            `json:"fault,omitempty"` // cut: the connection breaks after the request; unreachable: nobody listens
}

// request is a call as the platform got it.
type request struct {
	Method string            `json:"method"`
	Path   string            `json:"path"`
	Header map[string]string `json:"header,omitempty"`
	Body   json.RawMessage   `json:"body,omitempty"`
}

// platform answers with canned responses, in order.
type platform struct {
	server      *httptest.Server
	unreachable bool
	transport   *http.Transport

	mu        sync.Mutex
	responses []response
	requests  []request
	problems  []string
}

func newPlatform(t *testing.T, responses []response) *platform {
	t.Helper()
	p := &platform{responses: responses}
	for _, r := range responses {
		if r.Fault == "unreachable" {
			p.unreachable, p.responses = true, nil
		}
	}
	p.server = httptest.NewServer(http.HandlerFunc(p.serve))
	if p.unreachable {
		p.server.Close()
	}
	p.transport = &http.Transport{DialContext: loopbackOnly}
	t.Cleanup(func() { p.transport.CloseIdleConnections(); p.server.Close() })
	return p
}

func (p *platform) url() string { return p.server.URL }

func (p *platform) client() *http.Client { return &http.Client{Transport: p.transport} }

// loopbackOnly refuses to call real platforms.
func loopbackOnly(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("a test may not call %s", address)
	}
	var d net.Dialer
	return d.DialContext(ctx, network, address)
}

func (p *platform) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.problems = append(p.problems, err.Error())
	}
	p.requests = append(p.requests, record(r, body))
	if len(p.responses) == 0 {
		p.problems = append(p.problems, "no answer is left for "+r.Method+" "+r.URL.Path)
		w.WriteHeader(http.StatusNotImplemented)
		return
	}
	answer := p.responses[0]
	p.responses = p.responses[1:]
	if answer.Fault == "cut" {
		panic(http.ErrAbortHandler)
	}
	for name, value := range answer.Header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(answer.Status)
	if answer.Body != nil {
		_, _ = w.Write(answer.Body)
	}
	_, _ = io.WriteString(w, answer.Text)
}

// record keeps of a call what the platform looks at.
func record(r *http.Request, body []byte) request {
	got := request{Method: r.Method, Path: r.URL.RequestURI(), Header: map[string]string{}}
	for name := range r.Header {
		if name == "Authorization" || name == "Content-Type" || strings.HasPrefix(name, "X-") {
			got.Header[name] = r.Header.Get(name)
		}
	}
	if len(body) == 0 {
		return got
	}
	got.Body = bytes.Clone(body)
	if !json.Valid(body) {
		got.Body, _ = json.Marshal(string(body))
	}
	return got
}

// close tells what was asked for, after checking that all of it was expected.
func (p *platform) close(t *testing.T) []request {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, problem := range p.problems {
		t.Error(problem)
	}
	if n := len(p.responses); n > 0 {
		t.Errorf("%d of the answers were not asked for", n)
	}
	return p.requests
}
