package simulate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/blockcast/blockcast/blocks"
)

// Stub answers an author's URL, so that a flow can be tried without the system
// behind it.
type Stub struct {
	Method  string            // "" for every one
	URL     string            // * stands for any text; without a ? every query is meant
	Status  int               // 200 when 0
	Headers map[string]string // Content-Type is guessed from the body when it is not given
	Body    []byte
	Lost    bool // the answer never comes
	Times   int  // how often it answers before the next stub for the URL does; 0: always
}

// Request is a call of an author's URL that a turn made.
type Request struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body,omitempty"`
	Status  int               `json:"status,omitempty"` // what was answered, 0 when nothing was
	Stubbed bool              `json:"stubbed"`          // whether a stub is meant for it
}

// errNoStub is what a flow meets that calls an address nobody answers for.
var errNoStub = errors.New("no stub answers this address")

// stubs answer requests and keep them.
type stubs struct {
	mu       sync.Mutex
	list     []Stub
	used     []int
	requests []Request
}

// fetch is engine.Deps.Fetch.
func (s *stubs) fetch(_ context.Context, q *blocks.Request) (*blocks.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	made := Request{Method: q.Method, URL: q.URL, Headers: q.Headers, Body: string(q.Body)}
	stub := s.find(q)
	if stub != nil {
		made.Stubbed = true
		if !stub.Lost {
			made.Status = stub.status()
		}
	}
	s.requests = append(s.requests, made)
	switch {
	case stub == nil:
		return nil, errNoStub
	case stub.Lost:
		return nil, errors.New("no answer came in time")
	}
	return stub.response(), nil
}

// find returns the first stub that is meant and not used up.
func (s *stubs) find(q *blocks.Request) *Stub {
	for len(s.used) < len(s.list) {
		s.used = append(s.used, 0)
	}
	for i := range s.list {
		stub := &s.list[i]
		if !stub.answers(q) || stub.Times > 0 && s.used[i] == stub.Times {
			continue
		}
		s.used[i]++
		return stub
	}
	return nil
}

// taken returns the requests made since the last look.
func (s *stubs) taken() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.requests
	s.requests = nil
	return list
}

func (s *Stub) status() int {
	if s.Status == 0 {
		return 200
	}
	return s.Status
}

func (s *Stub) response() *blocks.Response {
	headers := map[string]string{"content-type": "text/plain; charset=utf-8"}
	if json.Valid(s.Body) {
		headers["content-type"] = "application/json"
	}
	for name, value := range s.Headers {
		headers[strings.ToLower(name)] = value
	}
	return &blocks.Response{Status: s.status(), Headers: headers, Body: append([]byte(nil), s.Body...)}
}

func (s *Stub) answers(q *blocks.Request) bool {
	if s.Method != "" && !strings.EqualFold(s.Method, q.Method) {
		return false
	}
	url := q.URL
	if !strings.Contains(s.URL, "?") {
		url, _, _ = strings.Cut(url, "?")
	}
	return Like(s.URL, url)
}

// ReadStub reads a stub's address as people write it: an address, perhaps with
// a method before it.
func ReadStub(address string) (Stub, error) {
	method, url, two := strings.Cut(strings.TrimSpace(address), " ")
	if !two {
		method, url = "", method
	}
	url = strings.TrimSpace(url)
	if url == "" || !strings.Contains(url, "://") && !strings.HasPrefix(url, "*") {
		return Stub{}, fmt.Errorf("%q is no address: write it as in https://shop.example.com/orders, with * for any text", address)
	}
	return Stub{Method: strings.ToUpper(method), URL: url}, nil
}

// Like reports whether a text is what a pattern says, in which * stands for any
// text and \* for a star. A space that breaks no line is like any other: nobody
// sees which one is meant.
func Like(pattern, text string) bool {
	text = strings.ReplaceAll(text, noBreak, " ")
	parts := starred(strings.ReplaceAll(pattern, noBreak, " "))
	if len(parts) == 1 {
		return parts[0] == text
	}
	first, last := parts[0], parts[len(parts)-1]
	if len(text) < len(first)+len(last) || !strings.HasPrefix(text, first) || !strings.HasSuffix(text, last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(text, part)
		if i < 0 {
			return false
		}
		text = text[i+len(part):]
	}
	return true
}

// noBreak is the space that money puts beside the sign of a currency.
const noBreak = "\u00a0"

// starred splits a pattern at its stars.
func starred(pattern string) []string {
	var parts []string
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch {
		case pattern[i] == '\\' && i+1 < len(pattern) && pattern[i+1] == '*':
			b.WriteByte('*')
			i++
		case pattern[i] == '*':
			parts = append(parts, b.String())
			b.Reset()
		default:
			b.WriteByte(pattern[i])
		}
	}
	return append(parts, b.String())
}
