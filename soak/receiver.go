package main

import (
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/blockcast/blockcast/engine/notify"
)

// receiver is another system that is told by an outgoing webhook. Some notices
// it refuses the first time, and of some it has taken it never says so.
type receiver struct {
	address string
	server  *http.Server

	mu      sync.Mutex
	secret  string
	told    map[string]*notice // by id
	behaves bool               // refuses and loses nothing any more
	unsure  int                // taken, and the answer was lost
	wrong   []string           // calls that no receiver would have believed
}

// notice is one that arrived.
type notice struct {
	body  string
	tries int // calls that brought it
	taken int // of those, answered with success
}

// newReceiver listens on loopback.
func newReceiver() (*receiver, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("play a receiver of webhooks: %w", err)
	}
	r := &receiver{address: l.Addr().String(), told: map[string]*notice{}}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: callTime}
	go func() { _ = r.server.Serve(l) }() // ends with close
	return r, nil
}

func (r *receiver) close() error { return r.server.Close() }

// heard is what has come. Nothing more may.
func (r *receiver) heard() map[string]*notice {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.told
}

// trust is the secret that calls are signed with from now on.
func (r *receiver) trust(secret string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secret = secret
}

// behave lets everything be taken and answered from now on.
func (r *receiver) behave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.behaves = true
}

// Every refuseOneIn-th notice is refused when it comes first, and the answer to
// as many others is lost: three in a row would take the sender minutes.
const refuseOneIn = 8

// ServeHTTP takes a notice.
func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(io.LimitReader(request.Body, maxAnswer))
	if err != nil {
		return // whoever called has died
	}
	id := request.Header.Get("Webhook-Id")
	r.mu.Lock()
	t, chance := r.told[id], sum(id)
	if t == nil {
		t = &notice{body: string(body)}
		r.told[id] = t
	}
	t.tries++
	if problem := r.doubt(t, id, request.Header, body); problem != "" {
		r.wrong = append(r.wrong, problem)
	}
	first := t.tries == 1 && !r.behaves
	lost := first && chance%refuseOneIn == 1
	switch {
	case first && chance%refuseOneIn == 0:
		r.mu.Unlock()
		http.Error(w, "not just now", http.StatusServiceUnavailable)
		return
	case lost:
		r.unsure++
	}
	t.taken++
	r.mu.Unlock()
	if lost {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(http.StatusNoContent)
}

// doubt says what is wrong with a call, "" when nothing is. The caller holds
// the lock.
func (r *receiver) doubt(t *notice, id string, h http.Header, body []byte) string {
	at, err := strconv.ParseInt(h.Get("Webhook-Timestamp"), 10, 64)
	switch {
	case id == "" || err != nil:
		return fmt.Sprintf("a notice came without id or time: %v", h)
	case !strings.Contains(h.Get("Webhook-Signature"), notify.Sign(r.secret, id, time.Unix(at, 0), body)):
		return fmt.Sprintf("notice %s is not signed with the webhook's secret", id)
	case t.body != string(body):
		return fmt.Sprintf("notice %s came as %s, and again as %s", id, t.body, body)
	}
	return ""
}

// sum is a number that a text always has.
func sum(text string) uint32 {
	h := fnv.New32a()
	_, _ = io.WriteString(h, text) // never fails, see hash.Hash
	return h.Sum32()
}
