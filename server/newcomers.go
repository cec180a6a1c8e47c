package server

import (
	"net"
	"sync"
)

// newcomers are connections that have not sent anything yet. HTTP clients open
// some in advance and may never use them; fasthttp, which closes idle
// connections on shutdown, waits for these until their first request times out.
type newcomers struct {
	mu       sync.Mutex
	waiting  map[net.Conn]struct{}
	stopping bool
}

// came notes a connection; one that comes while the server stops is closed.
func (n *newcomers) came(c net.Conn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.stopping {
		_ = c.Close()
		return
	}
	if n.waiting == nil {
		n.waiting = map[net.Conn]struct{}{}
	}
	n.waiting[c] = struct{}{}
}

// left forgets a connection that has sent something or is closed.
func (n *newcomers) left(c net.Conn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.waiting, c)
}

// dismiss closes them, and those that come from now on.
func (n *newcomers) dismiss() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.stopping = true
	for c := range n.waiting {
		_ = c.Close()
	}
}
