package sandbox

import (
	"net/http"
	"time"
)

const (
	// streamPause is how long a stream gathers changes before it tells them,
	// so that a broadcast to thousands does not drown the page.
	streamPause = 50 * time.Millisecond
	// streamBeat keeps proxies from closing a silent stream.
	streamBeat = 15 * time.Second
	// maxTold is how many people one event of a stream names; beyond it the
	// page is told to look again at everything.
	maxTold = 100
)

// stream is one page that watches.
type stream struct {
	changed map[*person]bool
	all     bool // more changed than is told one by one
	ring    chan struct{}
}

// mark notes that a person changed. The caller holds the lock.
func (s *Sandbox) mark(p *person) {
	for st := range s.streams {
		if len(st.changed) < maxTold {
			st.changed[p] = true
		} else {
			st.all = true
		}
	}
}

func (st *stream) wake() {
	select {
	case st.ring <- struct{}{}:
	default:
	}
}

// change is what a stream tells: the counters, and who changed.
type change struct {
	Accounts any             `json:"accounts"`
	People   []personChanged `json:"people,omitempty"`
	All      bool            `json:"all,omitempty"`
}

type personChanged struct {
	Account string `json:"account"`
	personSummary
}

// serveEvents streams changes until the page leaves, the server's context
// ends or the sandbox is closed. A page that connects looks at everything
// first, so that nothing is missed between two streams.
func (s *Sandbox) serveEvents(w http.ResponseWriter, r *http.Request) {
	st := &stream{changed: map[*person]bool{}, ring: make(chan struct{}, 1)}
	s.mu.Lock()
	s.streams[st] = struct{}{}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.streams, st)
		s.mu.Unlock()
	}()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	_, _ = w.Write([]byte("retry: 1000\n\n"))
	if out.Flush() != nil {
		return
	}
	beat := time.NewTicker(streamBeat)
	defer beat.Stop()
	for {
		told := []byte(": beat\n\n")
		select {
		case <-st.ring:
			told = s.told(st)
		case <-beat.C:
		case <-r.Context().Done():
			return
		case <-s.closed:
			return
		}
		if _, err := w.Write(told); err != nil || out.Flush() != nil {
			return
		}
		select {
		case <-time.After(streamPause):
		case <-r.Context().Done():
			return
		case <-s.closed:
			return
		}
	}
}

// told takes what changed since the last time and writes it as an event.
func (s *Sandbox) told(st *stream) []byte {
	status, _ := s.pageStatus(nil)
	s.mu.Lock()
	c := change{Accounts: status.(map[string]any)["accounts"], All: st.all}
	for p := range st.changed {
		c.People = append(c.People, personChanged{p.account.name, p.summary()})
	}
	clear(st.changed)
	st.all = false
	s.mu.Unlock()
	data, _ := encode(c)
	return append(append([]byte("data: "), data...), "\n\n"...)
}
