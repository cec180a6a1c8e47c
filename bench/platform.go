package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/blockcast/blockcast/channels/sandbox"
)

// accountName is what the sandbox calls the bot's account.
const accountName = "bench"

// texts is how many messages the block says.
const texts = 2

// replyPath ends the path of the call that answers a person.
const replyPath = "/message/reply"

// platform is a LINE without limits of rate, on loopback, that notes when the
// answers it waits for arrive.
type platform struct {
	*sandbox.Sandbox
	url    string
	server *http.Server

	mu     sync.Mutex
	awaits map[string]time.Time // by reply token: when it was due to be asked
	heard  []heard
	all    chan struct{} // closed when nothing is awaited any more
	bad    error         // the first answer that was not as it should be
}

// heard is an answer that arrived.
type heard struct {
	due  time.Time
	took time.Duration
}

// newPlatform plays LINE for a world's account and people.
func newPlatform(w *world) (*platform, error) {
	p := &platform{Sandbox: sandbox.New(sandbox.Config{Unlimited: true, Keep: -1, History: -1}), awaits: map[string]time.Time{}, all: make(chan struct{})}
	err := p.AddLINEAccount(sandbox.LINEAccount{Name: accountName, UserID: w.account.ExternalID,
		ChannelSecret: w.account.Secrets["channel_secret"], AccessToken: w.account.Secrets["channel_access_token"]})
	if err != nil {
		return nil, fmt.Errorf("play LINE: %w", err)
	}
	list := make([]sandbox.Person, people)
	for i := range list {
		list[i] = sandbox.Person{Account: accountName, ID: userID(i + 1), Name: "Mai", Friend: true}
	}
	if err := p.AddPeople(list); err != nil {
		return nil, fmt.Errorf("play LINE: %w", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("play LINE: %w", err)
	}
	p.url = "http://" + l.Addr().String() + "/line"
	p.server = &http.Server{Handler: p.noting(p.Handler()), ReadHeaderTimeout: answerTime}
	go func() { _ = p.server.Serve(l) }() // ends with Close
	return p, nil
}

func (p *platform) close() error {
	p.Close()
	return p.server.Close()
}

// expect begins to wait for the answer to a reply token, which is due to be
// asked for at a time.
func (p *platform) expect(token string, due time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.awaits[token] = due
}

// noting notes when replies arrive; they count once they are accepted.
func (p *platform) noting(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, replyPath) {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, maxAnswer))
		at := time.Now()
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		s := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(s, r)
		p.note(body, s.status, at)
	})
}

// note takes one reply as heard.
func (p *platform) note(body []byte, status int, at time.Time) {
	var said struct {
		Token    string            `json:"replyToken"`
		Messages []json.RawMessage `json:"messages"`
	}
	err := json.Unmarshal(body, &said)
	p.mu.Lock()
	defer p.mu.Unlock()
	due, awaited := p.awaits[said.Token]
	if err != nil || status != http.StatusOK || !awaited || len(said.Messages) != texts {
		if p.bad == nil {
			p.bad = fmt.Errorf("the platform was sent something else than the block, and answered %d: %.300s", status, body)
		}
		return
	}
	delete(p.awaits, said.Token)
	p.heard = append(p.heard, heard{due, at.Sub(due)})
	if len(p.awaits) == 0 {
		close(p.all)
	}
}

// settled waits until every answer was heard.
func (p *platform) settled(ctx context.Context, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case <-p.all:
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.awaits); n > 0 {
		return errors.Join(fmt.Errorf("%d of %d replies did not arrive within %v of the last question", n, n+len(p.heard), patience), p.bad)
	}
	return p.bad
}

// since returns how long answers took whose questions were due from a time on.
func (p *platform) since(from time.Time) []time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []time.Duration
	for _, h := range p.heard {
		if !h.due.Before(from) {
			out = append(out, h.took)
		}
	}
	return out
}

// statusWriter remembers the status.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (s *statusWriter) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}
